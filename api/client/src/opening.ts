/** Opening a card pushes down what lies below it; nothing changes its order and nothing jumps. */

import { heightAt } from "./curves";
import type { Box, Curve, Layout } from "./layout";

export interface Opening {
  key: string;
  /** By how much the card grows downwards. */
  grow: number;
}

export interface Placed {
  boxes: Map<string, Box>;
  curves: Map<string, Curve>;
  bands: Layout["bands"];
  height: number;
}

export function open(
  layout: Layout,
  openings: readonly Opening[],
  ends: (link: string) => { from: string; to: string },
  item: string,
): Placed {
  const cuts = openings.flatMap(({ key, grow }) => {
    const box = layout.boxes.get(key);
    return box ? [{ key, at: box.y, grow }] : [];
  });
  const down = (y: number) => cuts.reduce((sum, cut) => (y > cut.at ? sum + cut.grow : sum), 0);
  const boxes = new Map<string, Box>();
  for (const [key, box] of layout.boxes) boxes.set(key, { ...box, y: box.y + down(box.y) });
  for (const { key, grow } of cuts) {
    const box = boxes.get(key);
    if (box) boxes.set(key, { ...box, y: box.y + grow / 2, height: box.height + grow });
  }
  const tall = layout.boxes.get(item);
  if (tall) boxes.set(item, stretch(tall, down));
  const curves = new Map<string, Curve>();
  for (const [key, curve] of layout.curves) {
    const { from, to } = ends(key);
    curves.set(key, bend(curve, down, shiftAt(from), shiftAt(to)));
  }
  /** The item is tall: its edges arrive at their own height. */
  function shiftAt(end: string): number | null {
    const box = layout.boxes.get(end);
    return end === item || !box ? null : down(box.y);
  }
  return {
    boxes,
    curves,
    bands: layout.bands.map((band) => {
      const bottom = band.y + band.height;
      const y = band.y + down(band.y);
      return { ...band, y, height: bottom + down(bottom) - y, item: band.item + down(band.item) };
    }),
    height: layout.height + down(layout.height),
  };
}

function stretch(box: Box, down: (y: number) => number): Box {
  const top = box.y - box.height / 2;
  const bottom = box.y + box.height / 2;
  const from = top + down(top);
  const to = bottom + down(bottom);
  return { ...box, y: (from + to) / 2, height: to - from };
}

function bend(
  curve: Curve,
  down: (y: number) => number,
  atStart: number | null,
  atEnd: number | null,
): Curve {
  const last = curve.points.length - 1;
  const points = curve.points.map(({ x, y }, n) => {
    if (n <= 1 && atStart !== null) return { x, y: y + atStart };
    if (n >= last - 1 && atEnd !== null) return { x, y: y + atEnd };
    return { x, y: y + down(y) };
  });
  return { points, label: { x: curve.label.x, y: heightAt(points, curve.label.x) } };
}
