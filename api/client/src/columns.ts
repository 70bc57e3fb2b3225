/** Lanes cut into columns: a cabinet stands right of its room, though both are in one lane. */

import type { NodeId, Paths } from "./contract";
import { laneOf, LANES, type Lane } from "./lanes";
import { ITEM, type Scene } from "./scene";

export interface Columns {
  of: Map<string, number>;
  /** First and last column of each lane; a lane without cards keeps one column. */
  lanes: { lane: Lane; first: number; last: number }[];
  count: number;
}

/** Deeper chains within one lane do not occur; a circle in the data must not hang the drawing. */
const DEEPEST = 8;

export function columnsOf(scene: Scene, paths: Paths): Columns {
  const lanes = new Map<string, Lane>(scene.cards.map((card) => [card.key, "people"]));
  for (const stop of scene.stops.values()) lanes.set(stop.key, laneOfNode(paths, stop.nodes[0]));
  const depth = depths(scene, lanes);
  const others = [...lanes].filter(([, lane]) => lane === "document").map(([key]) => key);
  lanes.set(ITEM, "document");
  depth.set(ITEM, others.length === 0 ? 0 : 1 + Math.max(...others.map((key) => depth.get(key) ?? 0)));

  const columns: Columns = { of: new Map(), lanes: [], count: 0 };
  for (const lane of LANES) {
    const keys = [...lanes].filter(([, own]) => own === lane).map(([key]) => key);
    const deepest = Math.max(0, ...keys.map((key) => depth.get(key) ?? 0));
    const first = columns.count;
    for (const key of keys) columns.of.set(key, first + (depth.get(key) ?? 0));
    columns.lanes.push({ lane, first, last: first + deepest });
    columns.count = first + deepest + 1;
  }
  return columns;
}

function laneOfNode(paths: Paths, id: NodeId | undefined): Lane {
  const thing = id === undefined ? undefined : paths.nodes[id];
  return thing ? laneOf(thing.label) : "range";
}

function depths(scene: Scene, lanes: Map<string, Lane>): Map<string, number> {
  const depth = new Map<string, number>();
  const within = [...scene.links.values()].filter(
    (link) => lanes.has(link.to) && lanes.get(link.from) === lanes.get(link.to),
  );
  for (let round = 0; round < DEEPEST; round += 1)
    for (const { from, to } of within) {
      const wanted = Math.min(DEEPEST, (depth.get(from) ?? 0) + 1);
      if ((depth.get(to) ?? 0) < wanted) depth.set(to, wanted);
    }
  return depth;
}
