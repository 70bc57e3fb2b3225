/** 乙号通报: four may know, two are stopped, three reach without the right. */

import {
  readPaths,
  type Fact,
  type FactId,
  type MarkName,
  type Paths,
  type Person,
  type Thing,
  type Verdict,
} from "../src/contract";
import { textsOf } from "../src/texts";
import texts from "../texts.json";

export class World {
  readonly nodes: Record<string, Thing> = {};
  readonly facts: Record<FactId, Fact> = {};
  readonly people: Person[] = [];
  complete = true;

  constructor() {
    this.node("D2", "Document", "乙号通报");
  }

  node(id: string, label: Thing["label"], name = id, sub?: string): string {
    this.nodes[id] = sub === undefined ? { label, name } : { label, name, sub };
    return id;
  }

  fact(kind: string, from: string, to: string, more: Partial<Fact> = {}): FactId {
    const id = `f${Object.keys(this.facts).length + 1}`;
    this.facts[id] = { kind, word: kind, from, to, since: "2026-03-01", until: null, ...more };
    return id;
  }

  person(
    id: string,
    verdict: Verdict,
    marks: Partial<Record<MarkName, boolean | null>> = {},
    ...routes: [band: "know" | "reach", ...steps: FactId[]][]
  ): Person {
    if (!Object.hasOwn(this.nodes, id)) this.node(id, "Person");
    const person: Person = {
      id,
      verdict,
      marks: Object.entries(marks).map(([name, holds]) => ({
        name: name as MarkName,
        holds,
        facts: [],
        rules: ["S01-8a"],
      })),
      routes: routes.map(([band, ...steps]) => ({ via: "via", band, steps })),
    };
    this.people.push(person);
    return person;
  }

  paths(): Paths {
    return readPaths({
      item: { id: "D2", title: "乙号通报", level: { id: "secret", word: "机密★20年" } },
      sentence: "乙号通报 机密★20年 — 4人可知悉",
      at: "2026-11-23T01:00:00.000Z",
      complete: this.complete,
      nodes: this.nodes,
      facts: this.facts,
      people: this.people,
    });
  }
}

export const FIT = { level: true, vetting: true, undertaking: true } as const;

export function bulletin(): World {
  const world = new World();
  world.node("section", "Department", "业务一科");
  world.node("range", "Range", "知悉范围");
  world.node("R301", "Place");
  world.node("B1", "Container");
  world.node("C2", "Carrier", "000012", "乙号通报正本");
  const listed = world.fact("IN_RANGE", "section", "range");
  const opens = world.fact("RANGE_OF", "range", "D2");
  const member = (id: string) => world.fact("MEMBER_OF", world.node(id, "Person"), "section");
  for (const id of ["liuyang", "wangfang", "chenwei"])
    world.person(id, "know", FIT, ["know", member(id), listed, opens]);
  const grant = world.fact("GRANTED_READ", world.node("zhaomin", "Person", "赵敏"), "D2", {
    until: "2026-12-31",
    ends_soon: true,
  });
  world.person("zhaomin", "know", FIT, ["know", grant]);
  world.person("sunlei", "blocked", { ...FIT, undertaking: false }, ["know", member("sunlei"), listed, opens]);
  world.person("zhouting", "blocked", { ...FIT, level: false }, ["know", member("zhouting"), listed, opens]);
  const chain = [
    world.fact("KEPT_IN", "B1", "R301"),
    world.fact("KEPT_IN", "C2", "B1"),
    world.fact("CARRIES", "C2", "D2"),
  ];
  const enter = (id: string, more: Partial<Fact> = {}) =>
    world.fact("MAY_ENTER", world.node(id, "Person"), "R301", more);
  world.person("hanxue", "reach_only", { level: false }, ["reach", enter("hanxue"), ...chain]);
  const pair = { pair: "p1", monitored: true };
  world.person("machao", "reach_only", { level: false }, ["reach", enter("machao", pair), ...chain]);
  world.person("hejing", "reach_only", { level: false }, ["reach", enter("hejing", pair), ...chain]);
  return world;
}

export const CATALOGUE: Record<string, Record<"zh" | "en", string>> = texts;

export function catalogue(language: "zh" | "en"): Record<string, string> {
  return Object.fromEntries(Object.entries(CATALOGUE).map(([code, words]) => [code, words[language]]));
}

export const zh = textsOf(catalogue("zh"), "zh");
