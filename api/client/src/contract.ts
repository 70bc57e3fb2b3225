/**
 * What the server embeds for the drawing. Anything that does not hold together is refused by the name of its
 * field: a picture of half an answer would lie.
 */

export const LABELS = [
  "Person",
  "Department",
  "Organisation",
  "Post",
  "Range",
  "Distribution",
  "Place",
  "Container",
  "Device",
  "Carrier",
  "Document",
  "Level",
] as const;
export const VERDICTS = [
  "know",
  "blocked",
  "reach",
  "reach_only",
  "prohibited",
  "ended",
  "proposed",
] as const;
export const MARKS = [
  "level",
  "vetting",
  "undertaking",
  "induction",
  "leaving",
  "departure",
] as const;
export const BANDS = ["know", "reach"] as const;

export type Label = (typeof LABELS)[number];
export type Verdict = (typeof VERDICTS)[number];
export type MarkName = (typeof MARKS)[number];
export type Band = (typeof BANDS)[number];
export type NodeId = string;
export type FactId = string;

export interface Item {
  id: NodeId;
  title: string;
  level: { id: string; word: string } | null;
}

export interface Thing {
  label: Label;
  name: string;
  sub?: string;
}

export interface Fact {
  kind: string;
  word: string;
  from: NodeId;
  to: NodeId;
  since: string;
  /** null: no end of its own. */
  until: string | null;
  ends_soon?: boolean;
  pair?: string;
  monitored?: boolean;
}

export interface Mark {
  name: MarkName;
  /** null: the condition does not apply. */
  holds: boolean | null;
  facts: FactId[];
  rules: string[];
}

export interface Route {
  via: NodeId;
  band: Band;
  steps: FactId[];
}

export interface Person {
  id: NodeId;
  verdict: Verdict;
  marks: Mark[];
  routes: Route[];
}

export interface Paths {
  item: Item;
  sentence: string;
  at: string;
  complete: boolean;
  nodes: Record<NodeId, Thing>;
  facts: Record<FactId, Fact>;
  people: Person[];
}

export class ContractError extends Error {
  constructor(
    readonly field: string,
    readonly wanted: string,
  ) {
    super(`${field}: ${wanted}`);
  }
}

export function readPaths(value: unknown): Paths {
  const root = record(value, "paths");
  const nodes = each(root["nodes"], "nodes", readThing);
  const facts = each(root["facts"], "facts", (raw, field) => readFact(raw, field, nodes));
  return {
    item: readItem(root["item"], nodes),
    sentence: text(root["sentence"], "sentence"),
    at: text(root["at"], "at"),
    complete: truth(root["complete"], "complete"),
    nodes,
    facts,
    people: list(root["people"], "people").map((raw, n) =>
      readPerson(raw, `people[${n}]`, nodes, facts),
    ),
  };
}

function readItem(value: unknown, nodes: Record<NodeId, Thing>): Item {
  const raw = record(value, "item");
  const level = raw["level"] == null ? null : record(raw["level"], "item.level");
  return {
    id: known(raw["id"], "item.id", nodes),
    title: text(raw["title"], "item.title"),
    level: level && {
      id: text(level["id"], "item.level.id"),
      word: text(level["word"], "item.level.word"),
    },
  };
}

function readThing(value: unknown, field: string): Thing {
  const raw = record(value, field);
  const thing: Thing = {
    label: oneOf(raw["label"], `${field}.label`, LABELS),
    name: text(raw["name"], `${field}.name`),
  };
  if (raw["sub"] != null) thing.sub = text(raw["sub"], `${field}.sub`);
  return thing;
}

function readFact(value: unknown, field: string, nodes: Record<NodeId, Thing>): Fact {
  const raw = record(value, field);
  const fact: Fact = {
    kind: text(raw["kind"], `${field}.kind`),
    word: text(raw["word"], `${field}.word`),
    from: known(raw["from"], `${field}.from`, nodes),
    to: known(raw["to"], `${field}.to`, nodes),
    since: text(raw["since"], `${field}.since`),
    until: raw["until"] == null ? null : text(raw["until"], `${field}.until`),
  };
  if (raw["ends_soon"] != null) fact.ends_soon = truth(raw["ends_soon"], `${field}.ends_soon`);
  if (raw["pair"] != null) fact.pair = text(raw["pair"], `${field}.pair`);
  if (raw["monitored"] != null) fact.monitored = truth(raw["monitored"], `${field}.monitored`);
  return fact;
}

function readPerson(
  value: unknown,
  field: string,
  nodes: Record<NodeId, Thing>,
  facts: Record<FactId, Fact>,
): Person {
  const raw = record(value, field);
  const ids = (from: unknown, at: string) =>
    list(from, at).map((id, n) => known(id, `${at}[${n}]`, facts));
  return {
    id: known(raw["id"], `${field}.id`, nodes),
    verdict: oneOf(raw["verdict"], `${field}.verdict`, VERDICTS),
    marks: list(raw["marks"], `${field}.marks`).map((entry, n) => {
      const at = `${field}.marks[${n}]`;
      const mark = record(entry, at);
      return {
        name: oneOf(mark["name"], `${at}.name`, MARKS),
        holds: mark["holds"] == null ? null : truth(mark["holds"], `${at}.holds`),
        facts: ids(mark["facts"], `${at}.facts`),
        rules: list(mark["rules"], `${at}.rules`).map((rule, m) => text(rule, `${at}.rules[${m}]`)),
      };
    }),
    routes: list(raw["routes"], `${field}.routes`).map((entry, n) => {
      const at = `${field}.routes[${n}]`;
      const route = record(entry, at);
      return {
        via: text(route["via"], `${at}.via`),
        band: oneOf(route["band"], `${at}.band`, BANDS),
        steps: ids(route["steps"], `${at}.steps`),
      };
    }),
  };
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ContractError(field, "an object");
  return value as Record<string, unknown>;
}

function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field, "a list");
  return value;
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw new ContractError(field, "a text");
  return value;
}

function truth(value: unknown, field: string): boolean {
  if (typeof value !== "boolean") throw new ContractError(field, "true or false");
  return value;
}

function oneOf<T extends string>(value: unknown, field: string, allowed: readonly T[]): T {
  const found = allowed.find((entry) => entry === value);
  if (found === undefined) throw new ContractError(field, `one of ${allowed.join(", ")}`);
  return found;
}

function known(value: unknown, field: string, among: Record<string, unknown>): string {
  const id = text(value, field);
  if (!Object.hasOwn(among, id)) throw new ContractError(field, `an id that is given (${id} is not)`);
  return id;
}

function each<T>(
  value: unknown,
  field: string,
  read: (raw: unknown, field: string) => T,
): Record<string, T> {
  const found: Record<string, T> = Object.create(null) as Record<string, T>;
  for (const [id, raw] of Object.entries(record(value, field)))
    found[id] = read(raw, `${field}.${id}`);
  return found;
}
