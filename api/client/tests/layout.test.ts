import { instance } from "@viz-js/viz";
import { beforeAll, expect, test } from "vitest";
import { columnsOf } from "../src/columns";
import { LABELS, type Paths, type Verdict } from "../src/contract";
import { facesOf } from "../src/faces";
import { laneOf, LANES } from "../src/lanes";
import { layOut, type Engine } from "../src/layout";
import { estimate } from "../src/measure";
import { open } from "../src/opening";
import { buildScene, ITEM } from "../src/scene";
import { bulletin, zh } from "./world";

let engine: Engine;
beforeAll(async () => {
  engine = await instance();
});

function drawn(paths: Paths) {
  const scene = buildScene(paths, { limit: 40, verdicts: new Set<Verdict>() });
  const layout = layOut(scene, paths, facesOf(scene, paths, zh, estimate), engine);
  return { scene, layout };
}

test("every kind of node has its lane", () => {
  const lanes = LABELS.map(laneOf);

  expect(new Set(lanes)).toEqual(new Set(LANES));
});

test("all five lanes stand from left to right whatever the answer", () => {
  const world = bulletin();
  world.people.length = 0;

  const { layout } = drawn(world.paths());

  expect(layout.lanes.map(({ lane }) => lane)).toEqual([...LANES]);
  const starts = layout.lanes.map(({ x }) => x);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

test("a cabinet stands right of its room, in the same lane", () => {
  const paths = bulletin().paths();
  const { scene } = drawn(paths);

  const columns = columnsOf(scene, paths);

  const lane = columns.lanes.find(({ lane: name }) => name === "range");
  expect([columns.of.get("reach:R301"), columns.of.get("reach:B1")]).toEqual([lane?.first, lane?.last]);
  expect(columns.of.get(ITEM)).toBe(columns.count - 1);
});

test("containers that are kept in each other do not hang the drawing", () => {
  const world = bulletin();
  world.node("X", "Container");
  world.node("Y", "Container");
  const circle = [world.fact("KEPT_IN", "X", "Y"), world.fact("KEPT_IN", "Y", "X")];
  const enter = world.fact("MAY_ENTER", world.node("p", "Person"), "X");
  world.person("p", "reach_only", {}, ["reach", enter, ...circle]);

  expect(() => drawn(world.paths())).not.toThrow();
});

test("every card is inside its lane, and no two overlap", () => {
  const { layout } = drawn(bulletin().paths());

  const boxes = [...layout.boxes.values()];
  for (const box of boxes)
    expect(
      layout.lanes.some(
        ({ x, width }) => box.x - box.width / 2 >= x - 1 && box.x + box.width / 2 <= x + width + 1,
      ),
    ).toBe(true);
  for (const [n, a] of boxes.entries())
    for (const b of boxes.slice(n + 1))
      expect(
        Math.abs(a.x - b.x) >= (a.width + b.width) / 2 - 1 ||
          Math.abs(a.y - b.y) >= (a.height + b.height) / 2 - 1,
      ).toBe(true);
});

test("edges run from lane to lane even where the fact points back", () => {
  const { scene, layout } = drawn(bulletin().paths());

  for (const [key, { points }] of layout.curves) {
    const link = scene.links.get(key)!;
    expect(points[0]!.x, key).toBeLessThan(points.at(-1)!.x);
    const target = layout.boxes.get(link.to)!;
    expect(Math.abs(points.at(-1)!.x - (target.x - target.width / 2)), key).toBeLessThan(2);
  }
});

test("the item stands across both bands", () => {
  const { layout } = drawn(bulletin().paths());
  const item = layout.boxes.get(ITEM)!;

  for (const { item: port } of layout.bands) {
    expect(port).toBeGreaterThan(item.y - item.height / 2);
    expect(port).toBeLessThan(item.y + item.height / 2);
  }
});

test("opening a card moves what is below it down, and nothing sideways or up", () => {
  const { scene, layout } = drawn(bulletin().paths());
  const ends = (key: string) => scene.links.get(key)!;
  const opened = layout.boxes.get("know:sunlei")!;

  const placed = open(layout, [{ key: "know:sunlei", grow: 100 }], ends, ITEM);

  for (const [key, before] of layout.boxes) {
    const after = placed.boxes.get(key)!;
    expect(after.x).toBe(before.x);
    if (key === ITEM || key === "know:sunlei") continue;
    expect(after.y - before.y).toBe(before.y > opened.y ? 100 : 0);
  }
  expect(placed.boxes.get("know:sunlei")?.height).toBe(opened.height + 100);
  expect(placed.height).toBe(layout.height + 100);
});
