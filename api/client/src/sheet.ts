/** The sheet that leaves the screen: answer, drawing, legend and watermark, with every look written into attributes. */

import { MARKS, VERDICTS, type Paths } from "./contract";
import { svg } from "./elements";
import type { Measure } from "./measure";
import { wrap } from "./measure";
import { waiting } from "./notices";
import { LANES_HEIGHT, paintLanes, paintMap, type Picture } from "./paint";
import type { Texts } from "./texts";
import { census, SIGNS } from "./verdicts";
import type { Part } from "./walk";

const EDGE = 20;
const SENTENCE = { size: 18, weight: 600 };
const LEGEND = { size: 12.5, weight: 500 };

export interface SheetOrder {
  picture: Picture;
  parts: readonly Part[];
  watermark: string;
  hidden: boolean;
}

export function sheetOf(order: SheetOrder, t: Texts, measure: Measure): SVGSVGElement {
  const { picture, parts } = order;
  const { paths, layout, placed } = picture;
  const width = Math.ceil(layout.width);
  const lines = wrap(paths.sentence, width - 2 * EDGE, SENTENCE, measure);
  const notes = [t("drawing.at", { at: t.moment(paths.at) })];
  if (!paths.complete) notes.push(t("drawing.incomplete"));
  if (picture.scene.waiting.cards > 0) notes.push(waiting(picture.scene, t));
  if (order.hidden) notes.push(t("drawing.hidden.note"));
  const top = EDGE + 26 * lines.length + 26;
  const bottom = top + LANES_HEIGHT + placed.height;
  const legend = legendOf(paths, width, t, measure);
  const marks = markKey(picture, t);
  const height = Math.ceil(bottom + 20 + legend.height + (marks === "" ? 0 : 24) + EDGE);
  return svg(
    "svg",
    { class: "zx-sheet", width, height, viewBox: `0 0 ${width} ${height}` },
    svg("title", {}, paths.sentence),
    svg("rect", { class: "zx-sheet-ground", width, height }),
    ...lines.map((line, n) =>
      svg("text", { class: "zx-sheet-sentence", x: EDGE, y: EDGE + 18 + 26 * n }, line),
    ),
    svg("text", { class: "zx-sheet-note", x: EDGE, y: top - 8 }, notes.join(" · ")),
    nested(paintLanes(layout, t), top, width, LANES_HEIGHT),
    nested(paintMap(picture, parts, t), top + LANES_HEIGHT, width, placed.height),
    svg("g", { transform: `translate(0 ${bottom + 20})` }, ...legend.parts),
    svg("text", { class: "zx-sheet-note", x: EDGE, y: bottom + 20 + legend.height + 14 }, marks),
    watermarkOf(order.watermark, width, height),
  );
}

/** A group in place of the inner svg: no viewport of its own, so that the sheet is one plain picture. */
function nested(inner: SVGSVGElement, y: number, width: number, height: number): SVGGElement {
  const group = svg("g", {
    class: inner.getAttribute("class") ?? "",
    transform: `translate(0 ${y})`,
    "data-size": `${width} ${height}`,
  });
  group.append(...inner.childNodes);
  return group;
}

function legendOf(paths: Paths, width: number, t: Texts, measure: Measure) {
  const counts = census(paths.people);
  const parts: SVGElement[] = [];
  let x = EDGE;
  let y = 0;
  for (const verdict of VERDICTS.filter((one) => counts[one] > 0)) {
    const words = `${SIGNS[verdict]} ${t(`drawing.verdict.${verdict}`)} ${counts[verdict]}`;
    const wide = measure(words, LEGEND) + 44;
    if (x + wide > width - EDGE) {
      x = EDGE;
      y += 26;
    }
    parts.push(
      svg(
        "g",
        { class: `zx-v-${verdict}`, transform: `translate(${x} ${y})` },
        svg("rect", { class: "zx-sheet-swatch", width: 16, height: 16, rx: 3 }),
        svg("text", { class: "zx-sheet-legend", x: 22, y: 13 }, words),
      ),
    );
    x += wide;
  }
  return { parts, height: y + 20 };
}

/** 级 涉密等级足够 · 审 …: only the marks that are drawn. */
function markKey({ scene }: Picture, t: Texts): string {
  const drawn = new Set(scene.cards.flatMap((card) => card.marks.map(({ name }) => name)));
  return MARKS.filter((mark) => drawn.has(mark))
    .map((mark) => `${t(`drawing.mark.${mark}.short`)} ${t(`drawing.mark.${mark}.full`)}`)
    .join(" · ");
}

function watermarkOf(words: string, width: number, height: number): SVGGElement {
  const group = svg("g", { class: "zx-watermark" });
  if (words === "") return group;
  for (let y = 120; y < height + 200; y += 170)
    for (let x = -80; x < width; x += 460)
      group.append(svg("text", { transform: `translate(${x} ${y}) rotate(-18)` }, words));
  return group;
}

const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
] as const;
const LETTERING = ["font-family", "font-size", "font-weight", "text-anchor"] as const;
const KEPT = new Set([
  "x", "y", "dx", "width", "height", "rx", "r", "cx", "cy", "d", "transform", "viewBox",
  "id", "patternUnits", "patternTransform",
]); // prettier-ignore

/**
 * Computed looks as attributes, and nothing else left: no class, no id of a person, no address. `live` has to stand
 * in the page, or nothing is computed.
 */
export function freeze(live: SVGElement): SVGElement {
  const copy = live.cloneNode(false) as SVGElement;
  const frozen = live.localName === "a" ? svg("g") : copy;
  for (const { name, value } of [...live.attributes]) {
    frozen.removeAttribute(name);
    if (KEPT.has(name)) frozen.setAttribute(name, value);
  }
  const look = getComputedStyle(live);
  if (live.localName !== "svg" && live.localName !== "g" && live.localName !== "pattern") {
    for (const name of LOOKS) keep(frozen, name, look.getPropertyValue(name));
    const own = live.getAttribute("fill");
    if (own?.startsWith("url(")) frozen.setAttribute("fill", own);
    if (live.localName === "text" || live.localName === "tspan")
      for (const name of LETTERING) keep(frozen, name, look.getPropertyValue(name));
  } else if (look.opacity !== "1") frozen.setAttribute("opacity", look.opacity);
  for (const child of live.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) frozen.append(child.cloneNode());
    if (!(child instanceof SVGElement)) continue;
    if (child.localName === "title" && live.localName !== "svg") continue;
    if (child.localName === "defs" || getComputedStyle(child).display !== "none")
      frozen.append(freeze(child));
  }
  return frozen;
}

const PLAIN: Record<string, string> = {
  "fill-opacity": "1",
  opacity: "1",
  stroke: "none",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "text-anchor": "start",
};

function keep(frozen: SVGElement, name: string, value: string): void {
  if (value === "" || PLAIN[name] === value) return;
  if (name === "stroke-width" && (frozen.getAttribute("stroke") ?? "none") === "none") return;
  frozen.setAttribute(name, value);
}

export function serialised(frozen: SVGElement): Blob {
  const text = new XMLSerializer().serializeToString(frozen);
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${text}`], { type: "image/svg+xml" });
}
