import { expect, test } from "vitest";
import type { Verdict } from "../src/contract";
import { alongside, buildScene, inSight, ITEM, usersOf } from "../src/scene";
import { census } from "../src/verdicts";
import { bulletin, World } from "./world";

const ALL = { limit: 40, verdicts: new Set<Verdict>() };

test("the legend counts people, not cards", () => {
  expect(census(bulletin().paths().people)).toEqual({
    know: 4,
    blocked: 2,
    reach: 0,
    reach_only: 3,
    prohibited: 0,
    ended: 0,
    proposed: 0,
  });
});

test("someone drawn twice under one verdict counts once, under two verdicts once each", () => {
  const world = bulletin();
  world.people[0]!.routes.push({ via: "x", band: "reach", steps: [] });
  world.people.at(-1)!.routes.push({ via: "x", band: "know", steps: [] });

  const counts = census(world.paths().people);

  expect([counts.know, counts.blocked, counts.reach_only]).toEqual([4, 3, 3]);
});

test("conditions are never edges: every link is a step of a route, each drawn once", () => {
  const scene = buildScene(bulletin().paths(), ALL);

  const drawn = [...scene.links.values()].map(({ band, from, word, to }) => [band, from, word, to].join(" "));

  expect(drawn.sort()).toEqual([
    "know know:liuyang MEMBER_OF know:section",
    "know know:range RANGE_OF item",
    "know know:section IN_RANGE know:range",
    "know know:sunlei MEMBER_OF know:section",
    "know know:zhaomin GRANTED_READ item",
    "reach reach:B1 KEPT_IN reach:C2",
    "reach reach:C2 CARRIES item",
    "reach reach:R301 KEPT_IN reach:B1",
    "reach reach:hanxue MAY_ENTER reach:R301",
    "reach reach:machao MAY_ENTER reach:R301",
  ]);
});

test("a fold's edge carries the fact of each member, and how it is drawn", () => {
  const scene = buildScene(bulletin().paths(), ALL);
  const find = (from: string) => [...scene.links.values()].find((link) => link.from === from);

  expect(find("know:liuyang")?.facts).toHaveLength(3);
  expect(find("reach:machao")?.line).toMatchObject({ pair: true, monitored: true });
  expect(find("know:zhaomin")?.line).toMatchObject({ until: ["2026-12-31"], soon: true });
  expect(find("reach:R301")?.forward).toBe(false);
});

test("who is stopped does not colour an edge that others may pass", () => {
  const scene = buildScene(bulletin().paths(), ALL);
  const shared = [...scene.links.values()].find((link) => link.from === "know:section")!;

  const whole = inSight(scene, new Set(), null);
  const blocked = inSight(scene, new Set<Verdict>(["blocked"]), null);

  expect(whole.links.get(shared.key)).toBe("know");
  expect(blocked.links.get(shared.key)).toBe("blocked");
});

test("a prohibition that stops at the card does not colour what others pass; hands that break one do", () => {
  const world = bulletin();
  for (const person of world.people)
    if (["sunlei", "machao"].includes(person.id)) person.verdict = "prohibited";
  const scene = buildScene(world.paths(), ALL);
  const { links } = inSight(scene, new Set(), null);
  const from = (key: string) => links.get([...scene.links.values()].find((link) => link.from === key)!.key);

  expect(from("know:section")).toBe("know");
  expect(from("know:sunlei")).toBe("prohibited");
  expect(from("reach:R301")).toBe("prohibited");
});

test("a filter hides cards and what only they pass, and keeps the rest", () => {
  const scene = buildScene(bulletin().paths(), ALL);

  const sight = inSight(scene, new Set<Verdict>(["reach_only"]), null);

  expect([...sight.cards]).toEqual(["reach:hanxue", "reach:machao"]);
  expect([...sight.stops].sort()).toEqual([ITEM, "reach:B1", "reach:C2", "reach:R301"]);
});

test("only this route leaves the cards that take it", () => {
  const scene = buildScene(bulletin().paths(), ALL);
  const grant = [...scene.links.values()].find((link) => link.from === "know:zhaomin")!;

  const sight = inSight(scene, new Set(), new Set(grant.facts));

  expect([...sight.cards]).toEqual(["know:zhaomin"]);
  expect([...sight.links.keys()]).toEqual([grant.key]);
});

test("choosing a stop lights the routes through it and no others", () => {
  const scene = buildScene(bulletin().paths(), ALL);

  const lit = alongside(scene, "know:section");

  expect(lit.has("know:sunlei")).toBe(true);
  expect(lit.has("know:zhaomin")).toBe(false);
  expect(usersOf(scene, "know:section").map((card) => card.key)).toEqual(["know:liuyang", "know:sunlei"]);
});

function crowd(size: number): World {
  const world = new World();
  world.node("range", "Range");
  const opens = world.fact("RANGE_OF", "range", "D2");
  for (let n = 0; n < size; n += 1) {
    world.node(`group${n}`, "Department");
    const listed = world.fact("IN_RANGE", `group${n}`, "range");
    const id = world.node(`p${n}`, "Person");
    const member = world.fact("MEMBER_OF", id, `group${n}`);
    world.person(id, n === size - 1 ? "prohibited" : "know", {}, ["know", member, listed, opens]);
  }
  return world;
}

test("about forty cards are drawn, the rest waits, and nobody is lost", () => {
  const scene = buildScene(crowd(60).paths(), ALL);

  expect(scene.cards.length + scene.stops.size + 1).toBeLessThanOrEqual(40);
  expect(scene.cards.length + scene.waiting.cards).toBe(60);
  expect(scene.waiting.people).toBe(scene.waiting.cards);
});

test("what is wrong is drawn first", () => {
  const scene = buildScene(crowd(60).paths(), ALL);

  expect(scene.cards.map((card) => card.verdict)).toContain("prohibited");
});

test("neither band crowds the other out", () => {
  const world = crowd(60);
  for (let n = 0; n < 60; n += 1) {
    const room = world.node(`room${n}`, "Place");
    const id = world.node(`q${n}`, "Person");
    world.person(id, "reach_only", {}, ["reach", world.fact("MAY_ENTER", id, room)]);
  }

  const { cards } = buildScene(world.paths(), ALL);

  const know = cards.filter((card) => card.band === "know").length;
  expect(Math.abs(2 * know - cards.length)).toBeLessThanOrEqual(1);
});

test("with too many, the filter says who is drawn; with few, it moves nothing", () => {
  const only = { limit: 40, verdicts: new Set<Verdict>(["prohibited"]) };

  expect(buildScene(crowd(60).paths(), only).cards.map((card) => card.key)).toEqual(["know:p59"]);
  expect(buildScene(crowd(5).paths(), only).cards).toHaveLength(5);
});

test("asked for more, it draws more", () => {
  const more = buildScene(crowd(60).paths(), { ...ALL, limit: 200 });

  expect(more.waiting.cards).toBe(0);
  expect(more.cards).toHaveLength(60);
});
