/** A card of people: name or count, verdict as word and shape, marks, and, opened, its rows. */

import type { Member, PersonCard } from "./cards";
import { svg } from "./elements";
import {
  BAR,
  CHIP_HEIGHT,
  ICON,
  nameOf,
  PAD,
  ROW,
  SHOWN_MEMBERS,
  titleOf,
  TOGGLE,
  type Chip,
  type PersonFace,
} from "./faces";
import { round } from "./curves";
import { icon } from "./icons";
import type { Box } from "./layout";
import type { Picture } from "./paint";
import { speakCard, speakMark } from "./spoken";
import type { Texts } from "./texts";
import { idOf, type Part } from "./walk";

export function rowsOf(card: PersonCard): number {
  return Math.min(card.members.length, SHOWN_MEMBERS) + (card.members.length > SHOWN_MEMBERS ? 1 : 0);
}

/** By how much a card grows when it is opened. */
export function growthOf(card: PersonCard): number {
  return rowsOf(card) * ROW + 8;
}

export function paintCard(picture: Picture, card: PersonCard, t: Texts): SVGGElement {
  const box = picture.placed.boxes.get(card.key);
  const face = picture.faces.people.get(card.key);
  if (!box || !face) return svg("g");
  const shown = picture.open.has(card.key);
  const group = svg(
    "g",
    {
      class: `zx-person zx-v-${card.verdict}`,
      transform: `translate(${round(box.x - box.width / 2)} ${round(box.y - box.height / 2)})`,
      role: "group",
      "aria-label": titleOf(card, picture.paths, t),
    },
    paintFace(picture, card, face, box, t),
    ...face.chips.map((chip) => paintChip(card, chip, face, t)),
    face.opens && paintToggle(card, face, shown, t),
  );
  if (shown) paintRows(group, picture, card, face, t);
  return group;
}

function paintFace(
  picture: Picture,
  card: PersonCard,
  face: PersonFace,
  box: Box,
  t: Texts,
): SVGGElement {
  const { width, height } = box;
  const many = card.members.length > 1;
  const hatched = card.verdict === "reach_only";
  return svg(
    "g",
    {
      class: "zx-card",
      role: "button",
      tabindex: 0,
      "data-part": idOf({ kind: "card", key: card.key }),
      "aria-label": speakCard(card, picture.paths, t),
    },
    svg("title", {}, face.full),
    ring(width, height),
    svg("rect", { class: "zx-body", width, height, rx: 8 }),
    hatched &&
      svg("rect", {
        class: "zx-hatched",
        x: 1.5,
        y: 1.5,
        width: width - 3,
        height: 34,
        rx: 7,
        fill: `url(#${picture.hatch})`,
      }),
    svg("path", { class: "zx-bar", d: `M8 0H${BAR}V${height}H8A8 8 0 0 1 0 ${height - 8}V8A8 8 0 0 1 8 0Z` }),
    icon(many ? "People" : "Person", BAR + PAD - 2, 11),
    svg(
      "text",
      { class: "zx-name", x: BAR + PAD + ICON, y: 24 },
      face.title,
      face.aside !== null && svg("tspan", { class: "zx-aside", dx: 7 }, face.aside),
    ),
    svg("rect", {
      class: "zx-tag-ground",
      x: width - PAD + 4 - face.tagWidth,
      y: 8,
      width: face.tagWidth,
      height: 22,
      rx: 11,
    }),
    svg(
      "text",
      { class: "zx-tag", x: width - PAD + 4 - face.tagWidth / 2, y: 23.5, "text-anchor": "middle" },
      face.tag,
    ),
    face.detail !== null &&
      svg("text", { class: "zx-detail", x: BAR + PAD, y: 46 }, face.detail),
  );
}

export function ring(width: number, height: number, round_ = 11): SVGRectElement {
  return svg("rect", {
    class: "zx-ring",
    x: -4,
    y: -4,
    width: width + 8,
    height: height + 8,
    rx: round_,
  });
}

function paintChip(card: PersonCard, chip: Chip, face: PersonFace, t: Texts): SVGGElement {
  const state = chip.mark.holds === null ? "none" : chip.mark.holds ? "holds" : "fails";
  const spoken = speakMark(chip.mark, card.members.length, t);
  return svg(
    "g",
    {
      class: `zx-mark zx-mark-${state}`,
      role: "button",
      tabindex: 0,
      transform: `translate(${chip.x} ${chipTop(face)})`,
      "data-part": idOf({ kind: "mark", key: card.key, mark: chip.mark.name }),
      "aria-label": spoken,
    },
    svg("title", {}, spoken),
    ring(chip.width, CHIP_HEIGHT, 8),
    svg("rect", { class: "zx-chip", width: chip.width, height: CHIP_HEIGHT, rx: 5 }),
    svg("text", { x: chip.width / 2, y: 17.5, "text-anchor": "middle" }, chip.text),
  );
}

function chipTop(face: PersonFace): number {
  return face.height - 10 - CHIP_HEIGHT;
}

function paintToggle(card: PersonCard, face: PersonFace, shown: boolean, t: Texts): SVGGElement {
  const label = shown ? t("drawing.close") : t("drawing.open", { n: card.members.length });
  return svg(
    "g",
    {
      class: "zx-toggle",
      role: "button",
      tabindex: 0,
      transform: `translate(${face.width - PAD + 4 - TOGGLE} 34)`,
      "data-part": idOf({ kind: "toggle", key: card.key }),
      "aria-label": label,
      "aria-expanded": String(shown),
    },
    svg("title", {}, label),
    ring(TOGGLE, TOGGLE, 8),
    svg("rect", { class: "zx-chip", width: TOGGLE, height: TOGGLE, rx: 5 }),
    svg("path", { class: "zx-chevron", d: shown ? "M7 14.5L12 9.5L17 14.5" : "M7 9.5L12 14.5L17 9.5" }),
  );
}

function paintRows(
  group: SVGGElement,
  picture: Picture,
  card: PersonCard,
  face: PersonFace,
  t: Texts,
): void {
  let y = face.height;
  group.append(svg("path", { class: "zx-row-rule", d: `M${BAR} ${y}H${face.width}` }));
  for (const member of card.members.slice(0, SHOWN_MEMBERS)) {
    group.append(paintRow(picture, card, member, face, y, t));
    y += ROW;
  }
  const rest = card.members.length - SHOWN_MEMBERS;
  if (rest <= 0) return;
  group.append(
    svg(
      "a",
      {
        class: "zx-rest",
        href: picture.table,
        transform: `translate(0 ${y})`,
        "data-part": idOf({ kind: "rest", key: card.key }),
      },
      svg("rect", { class: "zx-row-ground", x: BAR, width: face.width - BAR - 1, height: ROW }),
      svg("text", { x: BAR + PAD, y: 18.5 }, t.count("drawing.rest", rest)),
    ),
  );
}

function paintRow(
  picture: Picture,
  card: PersonCard,
  member: Member,
  face: PersonFace,
  y: number,
  t: Texts,
): SVGGElement {
  const { person } = member;
  const name = nameOf(picture.paths, person.id);
  const failing = person.marks.filter((mark) => mark.holds === false);
  const short = failing.map((mark) => `${t(`drawing.mark.${mark.name}.short`)}✗`).join(" ");
  const sub = picture.paths.nodes[person.id]?.sub;
  const spoken = failing.map((mark) => t("drawing.mark.fails", { mark: t(`drawing.mark.${mark.name}.full`) }));
  const part: Part = { kind: "member", key: card.key, person: person.id };
  return svg(
    "g",
    {
      class: "zx-row",
      role: "button",
      tabindex: 0,
      transform: `translate(0 ${y})`,
      "data-part": idOf(part),
      "aria-label": [name, sub, ...spoken].filter(Boolean).join(t("drawing.comma")),
    },
    svg("title", {}, sub === undefined ? name : `${name} ${sub}`),
    svg("rect", { class: "zx-row-ground", x: BAR, width: face.width - BAR - 1, height: ROW }),
    svg(
      "text",
      { x: BAR + PAD, y: 18.5 },
      name,
      sub !== undefined && svg("tspan", { class: "zx-row-sub", dx: 8 }, clip(sub, short)),
    ),
    short !== "" &&
      svg("text", { class: "zx-row-fails", x: face.width - PAD, y: 18.5, "text-anchor": "end" }, short),
  );
}

/** A row has one line: its aside gives way to the marks that fail. */
function clip(sub: string, short: string): string {
  const room = short === "" ? 18 : 11;
  return [...sub].length > room ? `${[...sub].slice(0, room - 1).join("")}…` : sub;
}
