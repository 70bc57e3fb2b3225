import { expect, test } from "vitest";
import { SELF, trace } from "../src/routes";
import { World } from "./world";

test("facts that point towards the person are walked backwards", () => {
  const world = new World();
  world.node("C2", "Carrier");
  world.node("p", "Person");
  const held = world.fact("HELD_BY", "C2", "p");
  const carries = world.fact("CARRIES", "C2", "D2");
  const person = world.person("p", "reach", {}, ["reach", held, carries]);

  const way = trace(world.paths(), person, person.routes[0]!);

  expect(way.hops.map(({ from, to, forward }) => [from, to, forward])).toEqual([
    [SELF, "C2", false],
    ["C2", "D2", true],
  ]);
});

test("steps given in another order are put in the order of the way", () => {
  const world = new World();
  world.node("range", "Range");
  world.node("p", "Person");
  const listed = world.fact("IN_RANGE", "p", "range");
  const opens = world.fact("RANGE_OF", "range", "D2");
  const person = world.person("p", "know", {}, ["know", opens, listed]);

  const way = trace(world.paths(), person, person.routes[0]!);

  expect(way.hops.map(({ fact }) => fact)).toEqual([listed, opens]);
});

test("links of the organisation above the joining group fold into its name", () => {
  const world = new World();
  world.node("p", "Person");
  for (const id of ["section", "division", "bureau"]) world.node(id, "Department");
  world.node("range", "Range");
  const steps = [
    world.fact("MEMBER_OF", "p", "section"),
    world.fact("PART_OF", "section", "division"),
    world.fact("PART_OF", "division", "bureau"),
    world.fact("IN_RANGE", "bureau", "range"),
    world.fact("RANGE_OF", "range", "D2"),
  ];
  const person = world.person("p", "know", {}, ["know", ...steps]);

  const way = trace(world.paths(), person, person.routes[0]!);

  expect(way.stops.map(({ nodes }) => nodes)).toEqual([["section", "division", "bureau"], ["range"], ["D2"]]);
  expect(way.stops[0]?.inner).toEqual(steps.slice(1, 3));
  expect(way.hops.map(({ fact }) => fact)).toEqual([steps[0], steps[3], steps[4]]);
});

test("a room that is part of a building is not folded", () => {
  const world = new World();
  world.node("p", "Person");
  world.node("room", "Place");
  world.node("building", "Place");
  const steps = [
    world.fact("MAY_ENTER", "p", "building"),
    world.fact("PART_OF", "room", "building"),
  ];
  const person = world.person("p", "reach", {}, ["reach", ...steps]);

  const way = trace(world.paths(), person, person.routes[0]!);

  expect(way.stops.map(({ key }) => key)).toEqual(["building", "room"]);
});
