/** Everything between the people and the item, and the words on the edges. Neutral: colour belongs to the verdict. */

import type { Paths, Verdict } from "./contract";
import { svg } from "./elements";
import { ICON, PAD, type LinkFace, type StopFace } from "./faces";
import { pathOf, round } from "./curves";
import { icon } from "./icons";
import type { Box, Curve } from "./layout";
import { ring } from "./paint_card";
import type { Link, Scene } from "./scene";
import { speakLink } from "./spoken";
import type { Texts } from "./texts";
import { idOf, type Part } from "./walk";

export function paintStop(part: Part, box: Box, face: StopFace, item: boolean): SVGGElement {
  const { width, height } = box;
  const [x, y] = face.kind === null ? [PAD + ICON + 2, 21] : [PAD, 41];
  const words = [face.kind, face.full, face.badge, face.sub].filter(Boolean).join(" ");
  return svg(
    "g",
    {
      class: item ? "zx-stop zx-item" : "zx-stop",
      role: "button",
      tabindex: 0,
      transform: `translate(${round(box.x - width / 2)} ${round(box.y - height / 2)})`,
      "data-part": idOf(part),
      "aria-label": words,
    },
    svg("title", {}, words),
    ring(width, height),
    svg("rect", { class: "zx-body", width, height, rx: 8 }),
    icon(face.label, PAD, 9, 14),
    face.kind !== null && svg("text", { class: "zx-kind", x: PAD + ICON + 1, y: 20.5 }, face.kind),
    ...face.lines.map((line, n) => svg("text", { class: "zx-name", x, y: y + 18 * n }, line)),
    face.sub !== null &&
      svg("text", { class: "zx-detail", x: PAD, y: y + 18 * face.lines.length - 1 }, face.sub),
    face.badge !== null && paintBadge(face, face.badge),
  );
}

function paintBadge(face: StopFace, badge: string): SVGGElement {
  const y = 41 + 18 * face.lines.length + (face.sub === null ? 0 : 17) - 6;
  return svg(
    "g",
    { class: "zx-badge", transform: `translate(${PAD} ${y})` },
    svg("rect", { width: face.width - 2 * PAD, height: 26, rx: 4 }),
    svg("text", { x: (face.width - 2 * PAD) / 2, y: 17.5, "text-anchor": "middle" }, badge),
  );
}

interface Labelled {
  part: Part;
  link: Link;
  curve: Curve;
  face: LinkFace;
  verdict: Verdict;
}

/** The word, its flag, and a broad invisible stroke for the pointer. */
export function paintLinkLabel(
  { part, link, curve, face, verdict }: Labelled,
  { scene, paths }: { scene: Scene; paths: Paths },
  t: Texts,
): SVGGElement {
  const { x, y } = curve.label;
  const spoken = speakLink(link, scene, paths, t);
  const eye = link.line.monitored ? 20 : 0;
  return svg(
    "g",
    {
      class: `zx-link zx-in-${link.band} zx-v-${verdict}`,
      role: "button",
      tabindex: 0,
      "data-part": idOf(part),
      "aria-label": spoken,
    },
    svg("title", {}, spoken),
    svg("path", { class: "zx-hit", d: pathOf(curve.points) }),
    svg(
      "g",
      { transform: `translate(${round(x - face.width / 2)} ${round(y - face.height / 2)})` },
      ring(face.width, face.height, 8),
      svg("rect", { class: "zx-word-ground", width: face.width, height: face.height, rx: 6 }),
      link.line.monitored && icon("Eye", (face.width - wordWidth(face, eye)) / 2, 5, 14),
      svg(
        "text",
        { class: "zx-word", x: face.width / 2 + eye / 2, y: 16.5, "text-anchor": "middle" },
        face.text,
      ),
      face.flag !== null && paintFlag(face, face.flag, link.line.soon),
    ),
  );
}

function wordWidth(face: LinkFace, eye: number): number {
  return face.wordWidth + eye;
}

function paintFlag(face: LinkFace, flag: string, soon: boolean): SVGGElement {
  const start = (face.width - face.flagWidth - 15) / 2;
  return svg(
    "g",
    { class: soon ? "zx-flag zx-soon" : "zx-flag", transform: "translate(0 23)" },
    svg("rect", { x: 2, width: face.width - 4, height: 19, rx: 3 }),
    icon("Flag", start, 4, 11),
    svg("text", { x: start + 15, y: 13.5 }, flag),
  );
}
