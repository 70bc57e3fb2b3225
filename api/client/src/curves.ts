/** Curves of cubic pieces: a start, then two controls and an end for each. */

export interface Point {
  x: number;
  y: number;
}

const SAMPLES = 24;

/** How high the curve is at `x`: where a word has to stand to lie on its line. */
export function heightAt(points: readonly Point[], x: number): number {
  let best = points[0] ?? { x: 0, y: 0 };
  for (let n = 0; n + 3 < points.length; n += 3) {
    const [a, b, c, d] = points.slice(n, n + 4) as [Point, Point, Point, Point];
    for (let step = 0; step <= SAMPLES; step += 1) {
      const here = along(a, b, c, d, step / SAMPLES);
      if (Math.abs(here.x - x) < Math.abs(best.x - x)) best = here;
    }
  }
  return best.y;
}

function along(a: Point, b: Point, c: Point, d: Point, t: number): Point {
  const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  return {
    x: p * a.x + q * b.x + r * c.x + s * d.x,
    y: p * a.y + q * b.y + r * c.y + s * d.y,
  };
}

export function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (!start) return "";
  let path = `M${at(start)}`;
  for (let n = 0; n + 2 < rest.length; n += 3)
    path += `C${rest.slice(n, n + 3).map(at).join(" ")}`;
  return path;
}

/** A triangle whose tip is `tip`, pointing away from `back`. */
export function arrowHead(tip: Point, back: Point, size = 8): string {
  const length = Math.hypot(tip.x - back.x, tip.y - back.y) || 1;
  const [dx, dy] = [(tip.x - back.x) / length, (tip.y - back.y) / length];
  const left = { x: tip.x - size * dx + (size / 2) * dy, y: tip.y - size * dy - (size / 2) * dx };
  const right = { x: tip.x - size * dx - (size / 2) * dy, y: tip.y - size * dy + (size / 2) * dx };
  return `M${at(tip)}L${at(left)}L${at(right)}Z`;
}

function at({ x, y }: Point): string {
  return `${round(x)},${round(y)}`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
