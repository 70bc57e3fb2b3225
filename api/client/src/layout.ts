/**
 * Coordinates, and nothing else, from Graphviz. Each band is laid out by itself, then once more with the columns where
 * the wider of the two needs them; the item stands at the right across both.
 */

import type { Edge, Graph, Viz } from "@viz-js/viz";
import { columnsOf, type Columns } from "./columns";
import { BANDS, type Band, type Paths } from "./contract";
import { heightAt, type Point } from "./curves";
import type { Faces } from "./faces";
import type { Lane } from "./lanes";
import { ITEM, type Link, type Scene } from "./scene";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Curve {
  /** Start, then two controls and an end for each piece; from left to right in the order of the route. */
  points: Point[];
  label: Point;
}

export interface Layout {
  boxes: Map<string, Box>;
  curves: Map<string, Curve>;
  bands: { band: Band; y: number; height: number; item: number }[];
  lanes: { lane: Lane; x: number; width: number }[];
  columns: Map<string, number>;
  width: number;
  height: number;
}

const MARGIN = 20;
const BAND_HEAD = 40;
const BAND_FOOT = 22;
const EMPTY_BAND = 56;
const EMPTY_LANE = 104;
/** Between columns, besides the widest word on an edge there. */
const GAP = 38;

interface Sheet {
  boxes: Map<string, Box>;
  curves: Map<string, Curve>;
  /** Left and right edge of each column. */
  columns: [number, number][];
  top: number;
  bottom: number;
  empty: boolean;
}

/** What the drawing needs of Graphviz. */
export type Engine = Pick<Viz, "renderJSON">;

export function layOut(scene: Scene, paths: Paths, faces: Faces, engine: Engine): Layout {
  const columns = columnsOf(scene, paths);
  const widths = widthsOf(columns, faces);
  const drafts = BANDS.map((band) => draft(scene, band, columns, widths, faces, engine, null));
  const target = align(drafts.map((sheet) => sheet.columns), widths);
  const sheets = BANDS.map((band) => draft(scene, band, columns, widths, faces, engine, target));
  const layout: Layout = {
    boxes: new Map(),
    curves: new Map(),
    bands: [],
    lanes: columns.lanes.map(({ lane, first, last }) => {
      const [x] = target[first] ?? [0, 0];
      const [, right] = target[last] ?? [0, 0];
      return { lane, x, width: right - x };
    }),
    columns: columns.of,
    width: (target.at(-1)?.[1] ?? 0) + MARGIN,
    height: 0,
  };
  let y = 0;
  BANDS.forEach((band, n) => {
    const sheet = sheets[n];
    if (!sheet) return;
    const body = sheet.empty ? EMPTY_BAND : sheet.bottom - sheet.top;
    const down = y + BAND_HEAD - sheet.top;
    place(layout, sheet, target, down);
    const item = sheet.boxes.get(ITEM);
    const height = BAND_HEAD + body + BAND_FOOT;
    layout.bands.push({ band, y, height, item: item && !sheet.empty ? item.y + down : y + height / 2 });
    y += height;
  });
  layout.height = y;
  layout.boxes.set(ITEM, itemBox(layout, faces, target));
  return layout;
}

function widthsOf(columns: Columns, faces: Faces): number[] {
  const widths = Array.from({ length: columns.count }, () => EMPTY_LANE);
  const used = new Set<number>();
  for (const [key, column] of columns.of) {
    const face = faces.people.get(key) ?? faces.stops.get(key);
    if (!face) continue;
    widths[column] = used.has(column) ? Math.max(widths[column] ?? 0, face.width) : face.width;
    used.add(column);
  }
  return widths;
}

/** What Graphviz is told of one band, and by which names it answers. */
interface Plan {
  keys: string[];
  links: Link[];
  widths: number[];
  columns: Columns;
  faces: Faces;
  /** A word on an edge that passes a column stands in that column. */
  stations: Map<Link, number>;
}

function draft(
  scene: Scene,
  band: Band,
  columns: Columns,
  widths: number[],
  faces: Faces,
  engine: Engine,
  target: [number, number][] | null,
): Sheet {
  const links = [...scene.links.values()].filter((link) => link.band === band);
  const keys = [...columns.of.keys()].filter((key) => key === ITEM || key.startsWith(`${band}:`));
  const plan: Plan = { keys, links, widths, columns, faces, stations: new Map() };
  for (const link of links) {
    const station = stationOf(link, plan);
    if (station !== null) plan.stations.set(link, station);
  }
  return read(engine.renderJSON(graphOf(plan, target), { yInvert: true }), plan);
}

/** The first column on the way in which the word has room, else the widest. */
function stationOf(link: Link, { columns, widths, faces }: Plan): number | null {
  const from = columns.of.get(link.from) ?? 0;
  const to = columns.of.get(link.to) ?? 0;
  const passed = widths.map((_, n) => n).filter((n) => n > from && n < to);
  if (passed.length === 0) return null;
  const wanted = faces.links.get(link.key)?.width ?? 0;
  const roomy = passed.find((n) => (widths[n] ?? 0) >= wanted);
  return roomy ?? passed.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a));
}

function graphOf(plan: Plan, target: [number, number][] | null): Graph {
  const { keys, links, widths, columns, faces, stations } = plan;
  const name = new Map(keys.map((key, n) => [key, `n${n}`]));
  const sized = (id: string, width: number, height: number) => ({
    name: id,
    attributes: { width: width / 72, height: height / 72 },
  });
  return {
    directed: true,
    graphAttributes: { rankdir: "LR", ranksep: GAP / 72, nodesep: 16 / 72, splines: true },
    nodeAttributes: { shape: "box", fixedsize: true, label: "", margin: 0 },
    edgeAttributes: { dir: "none" },
    subgraphs: widths.map((width, column) => ({
      graphAttributes: { rank: "same" },
      nodes: [
        sized(`c${column}`, width, 1),
        ...keys
          .filter((key) => columns.of.get(key) === column)
          .map((key) => sized(name.get(key) ?? "", width, heightIn(key, faces))),
        ...links.flatMap((link, n) => {
          const face = faces.links.get(link.key);
          if (stations.get(link) !== column || !face) return [];
          return [sized(`s${n}`, Math.max(width, face.width), face.height)];
        }),
      ],
    })),
    edges: [
      ...widths.slice(1).map((_, n) => ({
        tail: `c${n}`,
        head: `c${n + 1}`,
        attributes: { weight: 1, label: blank(target ? gapBefore(target, n + 1) - GAP : 1, 1) },
      })),
      ...links.flatMap((link, n): Edge[] => {
        const tail = name.get(link.from) ?? "";
        const head = name.get(link.to) ?? "";
        const ports = { weight: 2, tailport: "e", headport: "w" };
        if (stations.has(link))
          return [
            { tail, head: `s${n}`, attributes: { ...ports, id: `a${n}` } },
            { tail: `s${n}`, head, attributes: { ...ports, id: `b${n}` } },
          ];
        const face = faces.links.get(link.key);
        const onward = (columns.of.get(link.from) ?? 0) < (columns.of.get(link.to) ?? 0);
        const label = blank(face?.width ?? 10, face?.height ?? 10);
        const attributes = onward ? { ...ports, label } : { label, constraint: false };
        return [{ tail, head, attributes: { ...attributes, id: `e${n}` } }];
      }),
    ],
  };
}

/** The item stands across both bands: within one it is only the place where the edges arrive. */
function heightIn(key: string, faces: Faces): number {
  if (key === ITEM) return 40;
  return (faces.people.get(key) ?? faces.stops.get(key))?.height ?? 40;
}

function blank(width: number, height: number): { html: string } {
  const size = `width="${Math.max(1, Math.ceil(width))}" height="${Math.ceil(height)}"`;
  return {
    html: `<table border="0" cellborder="0" cellpadding="0" cellspacing="0" fixedsize="true" ${size}><tr><td></td></tr></table>`,
  };
}

interface Drawn {
  objects?: { name: string; pos?: string; width?: string; height?: string }[];
  edges?: { id?: string; pos?: string; lp?: string }[];
}

function read(answer: object, { keys, links, widths, stations }: Plan): Sheet {
  const drawn = answer as Drawn;
  const nodes = new Map(
    (drawn.objects ?? []).flatMap((node): [string, Box][] =>
      node.pos === undefined
        ? []
        : [[node.name, { ...point(node.pos), width: inches(node.width), height: inches(node.height) }]],
    ),
  );
  const edges = new Map((drawn.edges ?? []).map((edge) => [edge.id, edge]));
  const sheet: Sheet = {
    boxes: new Map(),
    curves: new Map(),
    columns: widths.map((_, n) => {
      const box = nodes.get(`c${n}`) ?? { x: 0, y: 0, width: 0, height: 0 };
      return [box.x - box.width / 2, box.x + box.width / 2];
    }),
    top: Infinity,
    bottom: -Infinity,
    empty: keys.length <= 1,
  };
  const reach = (y: number) => {
    sheet.top = Math.min(sheet.top, y);
    sheet.bottom = Math.max(sheet.bottom, y);
  };
  keys.forEach((key, n) => {
    const box = nodes.get(`n${n}`);
    if (!box) return;
    sheet.boxes.set(key, box);
    reach(box.y - box.height / 2);
    reach(box.y + box.height / 2);
  });
  links.forEach((link, n) => {
    const station = stations.has(link) ? nodes.get(`s${n}`) : undefined;
    const edge = edges.get(`e${n}`);
    const points = station
      ? joined(pointsOf(edges.get(`a${n}`)?.pos), pointsOf(edges.get(`b${n}`)?.pos))
      : pointsOf(edge?.pos);
    if (points.length === 0) return;
    for (const { y } of points) reach(y);
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    const { x } = station ?? (edge?.lp === undefined ? middle : point(edge.lp));
    sheet.curves.set(link.key, { points, label: { x, y: heightAt(points, x) } });
  });
  return sheet;
}

function pointsOf(text: string | undefined): Point[] {
  return text === undefined ? [] : text.split(/\s+/).map(point);
}

/** Straight through the column where the word stands. */
function joined(first: Point[], second: Point[]): Point[] {
  const [left, right] = [first.at(-1), second[0]];
  if (!left || !right) return [...first, ...second];
  const third = (right.x - left.x) / 3;
  const bridge = [{ x: left.x + third, y: left.y }, { x: right.x - third, y: right.y }, right];
  return [...first, ...bridge, ...second.slice(1)];
}

function point(text: string): Point {
  const [x, y] = text.split(",").map(Number);
  return { x: x ?? 0, y: y ?? 0 };
}

function inches(text: string | undefined): number {
  return Number(text ?? 0) * 72;
}

/** Each gap as wide as the band that needs it most. */
function align(drafts: [number, number][][], widths: number[]): [number, number][] {
  const target: [number, number][] = [];
  let x = MARGIN;
  widths.forEach((width, n) => {
    if (n > 0) x += Math.max(GAP, ...drafts.map((columns) => Math.ceil(gapBefore(columns, n))));
    target.push([x, x + width]);
    x += width;
  });
  return target;
}

function gapBefore(columns: [number, number][], n: number): number {
  return (columns[n]?.[0] ?? 0) - (columns[n - 1]?.[1] ?? 0);
}

/** A word that stands within a column can widen it in one band by a little: the columns are pulled into line. */
function place(layout: Layout, sheet: Sheet, target: [number, number][], down: number): void {
  const from = sheet.columns.flat();
  const to = target.flat();
  const move = ({ x, y }: Point): Point => ({ x: between(x, from, to), y: y + down });
  for (const [key, box] of sheet.boxes)
    if (key !== ITEM) layout.boxes.set(key, { ...box, ...move(box) });
  for (const [key, { points, label }] of sheet.curves)
    layout.curves.set(key, { points: points.map(move), label: move(label) });
}

/** Straight from each knot to the next. */
function between(x: number, from: number[], to: number[]): number {
  const n = Math.min(from.length - 1, Math.max(1, from.findIndex((knot) => x <= knot)));
  const [left, right] = [from[n - 1] ?? 0, from[n] ?? 0];
  const [start, end] = [to[n - 1] ?? 0, to[n] ?? 0];
  if (x < left || x > right || right === left) return x - right + end;
  return start + ((x - left) / (right - left)) * (end - start);
}

function itemBox(layout: Layout, faces: Faces, target: [number, number][]): Box {
  const [left, right] = target.at(-1) ?? [0, 0];
  const room = (faces.stops.get(ITEM)?.height ?? 80) / 2;
  const ports = layout.bands.map((band) => band.item);
  const top = Math.max(BAND_HEAD, Math.min(...ports) - room);
  const bottom = Math.max(top + 2 * room, Math.min(layout.height - BAND_FOOT, Math.max(...ports) + room));
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}
