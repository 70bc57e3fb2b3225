import { expect, test } from "vitest";
import type { Verdict } from "../src/contract";
import { matches } from "../src/find";
import { buildScene, inSight } from "../src/scene";
import { bulletin, zh } from "./world";

function find(query: string) {
  const paths = bulletin().paths();
  const scene = buildScene(paths, { limit: 40, verdicts: new Set<Verdict>() });
  return matches(query, scene, inSight(scene, new Set(), null), paths, zh);
}

test("folded people are found by name", () => {
  expect(find("wangfang")).toEqual([{ kind: "member", key: "know:liuyang", person: "wangfang" }]);
});

test("width and case do not matter", () => {
  expect(find("r301")).toEqual([{ kind: "stop", key: "reach:R301" }]);
});

test("nothing asked, nothing found", () => {
  expect(find(" ")).toEqual([]);
});
