/** The scene as SVG: strokes below, then every part in the order in which Tab walks it, barriers on top. */

import { isStopped, type PersonCard } from "./cards";
import type { Band, Paths } from "./contract";
import { svg } from "./elements";
import type { Faces } from "./faces";
import { arrowHead, pathOf, round } from "./curves";
import type { Layout } from "./layout";
import type { Placed } from "./opening";
import { paintCard } from "./paint_card";
import { paintLinkLabel, paintStop } from "./paint_stop";
import { ITEM, type Link, type Scene, type Sight } from "./scene";
import type { Texts } from "./texts";
import { bandsOf } from "./verdicts";
import { idOf, type Part } from "./walk";

export interface Picture {
  scene: Scene;
  sight: Sight;
  paths: Paths;
  faces: Faces;
  layout: Layout;
  placed: Placed;
  open: ReadonlySet<string>;
  /** Where the rest of an opened card is listed. */
  table: string;
  /** Differs between drawings of one page. */
  hatch: string;
}

export const LANES_HEIGHT = 34;

export function paintMap(picture: Picture, parts: readonly Part[], t: Texts): SVGSVGElement {
  const { layout, placed } = picture;
  return svg(
    "svg",
    {
      class: "zx-map",
      viewBox: `0 0 ${Math.ceil(layout.width)} ${Math.ceil(placed.height)}`,
      role: "group",
      "aria-label": t("drawing.label"),
    },
    svg("defs", {}, hatchPattern(picture.hatch)),
    paintBands(picture, t),
    paintStrokes(picture),
    svg("g", { class: "zx-parts" }, ...paintParts(picture, parts, t)),
    svg(
      "g",
      { class: "zx-barriers", "aria-hidden": "true" },
      ...picture.scene.cards
        .filter((card) => stopsHere(card, picture))
        .map((card) => barrier(card, picture)),
    ),
  );
}

export function paintLanes(layout: Layout, t: Texts): SVGSVGElement {
  return svg(
    "svg",
    {
      class: "zx-lanes",
      viewBox: `0 0 ${Math.ceil(layout.width)} ${LANES_HEIGHT}`,
      "aria-hidden": "true",
    },
    ...layout.lanes.flatMap(({ lane, x, width }) => [
      svg("rect", { class: "zx-lane-rule", x, y: LANES_HEIGHT - 4, width, height: 2 }),
      svg("text", { class: "zx-lane-name", x, y: 20 }, t(`drawing.lane.${lane}`)),
    ]),
  );
}

function hatchPattern(id: string): SVGPatternElement {
  return svg(
    "pattern",
    {
      id,
      width: 7,
      height: 7,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    },
    svg("rect", { class: "zx-hatch-ground", width: 7, height: 7 }),
    svg("rect", { class: "zx-hatch-stroke", width: 2, height: 7 }),
  );
}

/** An empty band is either an answer or a choice of what to draw, and says which. */
function emptiness(band: Band, { paths, scene, sight }: Picture, t: Texts): string | null {
  if (scene.cards.some((card) => card.band === band && sight.cards.has(card.key))) return null;
  const people = paths.people.filter((person) => bandsOf(person).includes(band)).length;
  if (people === 0) return t(`drawing.band.${band}.empty`);
  return t.count("drawing.band.hidden", people);
}

function paintBands(picture: Picture, t: Texts): SVGGElement {
  const { layout, placed } = picture;
  return svg(
    "g",
    { class: "zx-bands" },
    ...placed.bands.map(({ band, y, height }) => {
      const empty = emptiness(band, picture, t);
      return svg(
        "g",
        { class: `zx-band zx-band-${band}` },
        svg("rect", { class: "zx-band-ground", x: 0, y, width: layout.width, height }),
        svg(
          "text",
          { class: "zx-band-name", x: 20, y: y + 25 },
          t(`drawing.band.${band}`),
          svg("tspan", { class: "zx-band-hint", dx: 10 }, t(`drawing.band.${band}.hint`)),
        ),
        empty !== null && svg("text", { class: "zx-band-empty", x: 20, y: y + 62 }, empty),
      );
    }),
  );
}

function paintStrokes(picture: Picture): SVGGElement {
  const { scene, sight, placed } = picture;
  const group = svg("g", { class: "zx-strokes", "aria-hidden": "true" });
  for (const [key, verdict] of sight.links) {
    const link = scene.links.get(key);
    const curve = placed.curves.get(key);
    if (!link || !curve) continue;
    const dash = link.line.until.length > 0 ? " zx-dashed" : "";
    const stroke = svg("g", {
      class: `zx-stroke zx-in-${link.band} zx-v-${verdict}${dash}${link.line.pair ? " zx-double" : ""}`,
      "data-part": idOf({ kind: "link", key }),
    });
    const d = pathOf(curve.points);
    stroke.append(svg("path", { class: "zx-rail", d }));
    if (link.line.pair) stroke.append(svg("path", { class: "zx-rail-gap", d }));
    const [tip, back] = link.forward
      ? [curve.points.at(-1), curve.points.at(-2)]
      : [curve.points[0], curve.points[1]];
    if (tip && back) stroke.append(svg("path", { class: "zx-tip", d: arrowHead(tip, back) }));
    group.append(stroke);
  }
  return group;
}

function stopsHere(card: PersonCard, { scene, sight }: Picture): boolean {
  const tracks = scene.tracks.get(card.key) ?? [];
  return (
    isStopped(card) &&
    sight.cards.has(card.key) &&
    tracks.some((track) => track.links.length > 0)
  );
}

function barrier(card: PersonCard, { layout, placed }: Picture): SVGGElement {
  const home = layout.boxes.get(card.key);
  const now = placed.boxes.get(card.key);
  const x = (now?.x ?? 0) + (now?.width ?? 0) / 2 + 13;
  const y = (now?.y ?? 0) - (now?.height ?? 0) / 2 + (home?.height ?? 0) / 2;
  return svg(
    "g",
    {
      class: `zx-barrier zx-v-${card.verdict}`,
      transform: `translate(${round(x)} ${round(y)})`,
      "data-part": idOf({ kind: "card", key: card.key }),
    },
    svg("circle", { r: 9 }),
    svg("path", { d: "M-3.6 -3.6L3.6 3.6M-3.6 3.6L3.6 -3.6" }),
  );
}

function paintParts(picture: Picture, parts: readonly Part[], t: Texts): SVGGElement[] {
  const { scene, placed, faces } = picture;
  return parts.flatMap((part) => {
    if (part.kind === "card") {
      const card = scene.cards.find((one) => one.key === part.key);
      return card ? [paintCard(picture, card, t)] : [];
    }
    if (part.kind === "stop") {
      const box = placed.boxes.get(part.key);
      const face = faces.stops.get(part.key);
      return box && face ? [paintStop(part, box, face, isItem(part.key))] : [];
    }
    if (part.kind !== "link") return [];
    const link: Link | undefined = scene.links.get(part.key);
    const curve = placed.curves.get(part.key);
    const face = faces.links.get(part.key);
    const verdict = picture.sight.links.get(part.key);
    if (!link || !curve || !face || !verdict) return [];
    return [paintLinkLabel({ part, link, curve, face, verdict }, picture, t)];
  });
}

function isItem(key: string): boolean {
  return key === ITEM;
}
