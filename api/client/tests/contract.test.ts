import { expect, test } from "vitest";
import { ContractError, LABELS, readPaths } from "../src/contract";
import { laneOf } from "../src/lanes";
import written from "../texts.json";
import { bulletin } from "./world";

const texts: Record<string, { zh: string; en: string }> = written;

const given = () => structuredClone(bulletin().paths()) as unknown as Record<string, never>;

test("a fact that points to a node that is not given is refused by its field", () => {
  const paths = bulletin().paths();
  paths.facts["f1"]!.to = "nowhere";

  expect(() => readPaths(structuredClone(paths))).toThrow("facts.f1.to: an id that is given (nowhere is not)");
});

test.each([
  ["item", null],
  ["complete", "yes"],
  ["people", {}],
  ["sentence", 4],
])("a wrong %s is named", (field, value) => {
  expect(() => readPaths({ ...given(), [field]: value })).toThrow(ContractError);
});

test("an unknown verdict is refused and not drawn in some colour", () => {
  const paths = bulletin().paths();
  Object.assign(paths.people[0]!, { verdict: "perhaps" });

  expect(() => readPaths(structuredClone(paths))).toThrow("people[0].verdict");
});

test("nothing embedded is an error with a name", () => {
  expect(() => readPaths(null)).toThrow("paths: an object");
});

test("ids that are names of object properties are ids like any other", () => {
  const world = bulletin();
  world.person("constructor", "know");

  expect(world.paths().people.at(-1)?.id).toBe("constructor");
  expect(() => readPaths({ ...given(), item: { id: "toString", title: "", level: null } })).toThrow("item.id");
});

test("a level is a kind of its own, drawn in the lane of documents", () => {
  const world = bulletin();
  world.node("secret", "Level", "机密");

  expect(readPaths(structuredClone(world.paths())).nodes["secret"]?.label).toBe("Level");
  expect(laneOf("Level")).toBe("document");
  for (const label of LABELS) expect(texts[`drawing.kind.${label}`]?.zh).toBeTruthy();
});
