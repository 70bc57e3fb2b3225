import { expect, test } from "vitest";
import { foldPeople } from "../src/cards";
import { bulletin, FIT, World } from "./world";

const members = (world: World) =>
  foldPeople(world.paths()).cards.map((card) => [
    card.band,
    card.verdict,
    ...card.members.map(({ person }) => person.id),
  ]);

test("people with the same route and the same marks are one card", () => {
  expect(members(bulletin())).toEqual([
    ["know", "know", "liuyang", "wangfang", "chenwei"],
    ["know", "know", "zhaomin"],
    ["know", "blocked", "sunlei", "zhouting"],
    ["reach", "reach_only", "hanxue"],
    ["reach", "reach_only", "machao", "hejing"],
  ]);
});

test("another mark makes another card", () => {
  const world = bulletin();
  world.people[1]!.marks.push({ name: "induction", holds: null, facts: [], rules: [] });

  expect(members(world)).toContainEqual(["know", "know", "wangfang"]);
});

test("those who are stopped on one route are one card, and its marks count who fails", () => {
  const { cards } = foldPeople(bulletin().paths());

  const blocked = cards.find((card) => card.verdict === "blocked");

  expect(blocked?.marks).toEqual([
    { name: "level", holds: false, failing: 1, holding: 1 },
    { name: "vetting", holds: true, failing: 0, holding: 2 },
    { name: "undertaking", holds: false, failing: 1, holding: 1 },
  ]);
});

test.each([{ pair: "p2" }, { monitored: true }, { until: "2027-01-01" }])(
  "a step that is drawn otherwise makes another card: %o",
  (more) => {
    const world = bulletin();
    const [first] = world.people[0]!.routes[0]!.steps;
    Object.assign(world.facts[first!]!, more);

    expect(members(world)).toContainEqual(["know", "know", "liuyang"]);
  },
);

test("the order in which routes are given does not matter", () => {
  const world = bulletin();
  const direct = (id: string) => ["know", world.fact("IN_RANGE", id, "range"), "f2"] as const;
  for (const person of world.people.slice(0, 2)) {
    const [band, ...steps] = direct(person.id);
    const route = { via: person.id, band, steps: [...steps] };
    person.routes = person.id === "liuyang" ? [route, ...person.routes] : [...person.routes, route];
  }

  expect(members(world)).toContainEqual(["know", "know", "liuyang", "wangfang"]);
});

test("who may know and also holds the carrier stands in both bands, rightful in both", () => {
  const world = bulletin();
  const held = world.fact("HELD_BY", "C2", "liuyang");
  const carries = Object.keys(world.facts).find((id) => world.facts[id]?.kind === "CARRIES")!;
  world.people[0]!.routes.push({ via: "C2", band: "reach", steps: [held, carries] });

  expect(members(world)).toContainEqual(["know", "know", "liuyang", "wangfang", "chenwei"]);
  expect(members(world)).toContainEqual(["reach", "know", "liuyang"]);
});

test("who reaches without the right is stopped where the right is drawn", () => {
  const world = bulletin();
  const member = world.fact("MEMBER_OF", "hanxue", "section");
  world.people.find(({ id }) => id === "hanxue")!.routes.push({
    via: "section",
    band: "know",
    steps: [member, "f1", "f2"],
  });

  expect(members(world)).toContainEqual(["know", "blocked", "sunlei", "zhouting", "hanxue"]);
  expect(members(world)).toContainEqual(["reach", "reach_only", "hanxue"]);
});

test("a person without a route is still a card", () => {
  const world = new World();
  world.person("nobody", "prohibited", FIT);

  expect(members(world)).toEqual([["know", "prohibited", "nobody"]]);
});

test("a route that does not hang together is told and not drawn", () => {
  const world = bulletin();
  world.people[0]!.routes[0]!.steps = ["f2"];

  const { broken } = foldPeople(world.paths());

  expect(broken.map(({ person }) => person.id)).toEqual(["liuyang"]);
});
