/** What a card says and how much room that takes; no coordinates yet. */

import type { MarkTally, PersonCard } from "./cards";
import type { Label, Paths, Verdict } from "./contract";
import { fit, wrap, type Font, type Measure } from "./measure";
import { ITEM, type Link, type Scene, type StopCard } from "./scene";
import { shortDate, type Texts } from "./texts";
import { SIGNS } from "./verdicts";

export const NAME: Font = { size: 14, weight: 600 };
export const SMALL: Font = { size: 12, weight: 400 };
export const CHIP: Font = { size: 12.5, weight: 500 };
export const TAG: Font = { size: 12, weight: 600 };
const BADGE: Font = { size: 13, weight: 700 };

export const PAD = 12;
export const BAR = 6;
export const ICON = 18;
export const CHIP_HEIGHT = 26;
export const TOGGLE = 24;
const CHIP_GAP = 4;
export const ROW = 28;
export const SHOWN_MEMBERS = 30;

const PEOPLE_WIDTH = 236;
const STOP_WIDTH = 104;
const STOP_WIDEST = 156;
const ITEM_WIDTH = 150;
const ITEM_WIDEST = 210;

export interface Chip {
  mark: MarkTally;
  text: string;
  x: number;
  width: number;
}

export interface PersonFace {
  verdict: Verdict;
  title: string;
  full: string;
  /** Right of the name where there is room, else a line of its own. */
  aside: string | null;
  detail: string | null;
  tag: string;
  tagWidth: number;
  chips: Chip[];
  /** Folded people can be opened in place. */
  opens: boolean;
  width: number;
  height: number;
}

export interface StopFace {
  label: Label;
  /** null where the name is the kind: 知悉范围. */
  kind: string | null;
  lines: string[];
  full: string;
  sub: string | null;
  badge: string | null;
  width: number;
  height: number;
}

export interface LinkFace {
  text: string;
  flag: string | null;
  wordWidth: number;
  flagWidth: number;
  width: number;
  height: number;
}

export interface Faces {
  people: Map<string, PersonFace>;
  stops: Map<string, StopFace>;
  links: Map<string, LinkFace>;
}

export function facesOf(scene: Scene, paths: Paths, t: Texts, measure: Measure): Faces {
  const faces: Faces = { people: new Map(), stops: new Map(), links: new Map() };
  let wide = PEOPLE_WIDTH;
  for (const card of scene.cards) {
    const face = personFace(card, paths, t, measure);
    faces.people.set(card.key, face);
    wide = Math.max(wide, face.width);
  }
  for (const [key, face] of faces.people) {
    face.width = wide;
    const card = scene.cards.find((one) => one.key === key);
    if (card) fitPerson(face, card, paths, measure);
  }
  for (const stop of scene.stops.values()) faces.stops.set(stop.key, stopFace(stop, paths, t, measure));
  faces.stops.set(ITEM, itemFace(paths, t, measure));
  for (const link of scene.links.values()) faces.links.set(link.key, linkFace(link, t, measure));
  return faces;
}

export function nameOf(paths: Paths, id: string): string {
  return paths.nodes[id]?.name ?? id;
}

export function titleOf(card: PersonCard, paths: Paths, t: Texts): string {
  const [only] = card.members;
  if (card.members.length === 1 && only) return nameOf(paths, only.person.id);
  return t.count("drawing.people", card.members.length);
}

function personFace(card: PersonCard, paths: Paths, t: Texts, measure: Measure): PersonFace {
  const tag = `${SIGNS[card.verdict]} ${t(`drawing.verdict.${card.verdict}`)}`;
  const opens = card.members.length > 1;
  let x = BAR + PAD;
  const chips = card.marks.map((mark) => {
    const text = `${t(`drawing.mark.${mark.name}.short`)}\u2009${signOf(mark, card.members.length)}`;
    const width = Math.max(30, Math.ceil(measure(text, CHIP)) + 9);
    const chip = { mark, text, x, width };
    x += width + CHIP_GAP;
    return chip;
  });
  const sub = opens ? undefined : paths.nodes[card.members[0]?.person.id ?? ""]?.sub;
  const title = titleOf(card, paths, t);
  const tagWidth = Math.ceil(measure(tag, TAG)) + 14;
  const first = PEOPLE_WIDTH - BAR - 2 * PAD - ICON - tagWidth - 14 - measure(title, NAME);
  const beside = sub !== undefined && measure(sub, SMALL) <= first;
  const below = opens || (sub !== undefined && !beside);
  return {
    verdict: card.verdict,
    title,
    aside: beside ? sub : null,
    full: card.members.map(({ person }) => nameOf(paths, person.id)).join(t("drawing.comma")),
    detail: null,
    tag,
    tagWidth,
    chips,
    opens,
    width: x + PAD - CHIP_GAP,
    height: 12 + 20 + (below ? 18 : 0) + (opens ? 5 : 0) + (chips.length > 0 ? CHIP_HEIGHT + 8 : 0) + 10,
  };
}

/** ✓ ✗ –, with the number of those who fail where the card is a fold. */
export function signOf(mark: MarkTally, people: number): string {
  if (mark.holds === null) return "–";
  if (mark.holds) return "✓";
  return people > 1 && mark.failing < people ? `✗${mark.failing}` : "✗";
}

function fitPerson(face: PersonFace, card: PersonCard, paths: Paths, measure: Measure): void {
  const room = face.width - BAR - 2 * PAD;
  face.title = fit(face.title, room - ICON - 6 - face.tagWidth - 8, NAME, measure);
  const [only] = card.members;
  const detail = face.opens ? face.full : paths.nodes[only?.person.id ?? ""]?.sub;
  const toggle = face.opens ? TOGGLE + CHIP_GAP : 0;
  if (detail !== undefined && face.aside === null)
    face.detail = fit(detail, room - toggle, SMALL, measure);
}

function stopFace(stop: StopCard, paths: Paths, t: Texts, measure: Measure): StopFace {
  const things = stop.nodes.flatMap((id) => paths.nodes[id] ?? []);
  const first = things[0];
  const label = first?.label ?? "Place";
  const full = things.map((thing) => thing.name).join(" ‹ ");
  const kind = t(`drawing.kind.${label}`);
  const inset = full === kind ? ICON + 2 : 0;
  const natural =
    2 * PAD +
    Math.max(
      measure(full, NAME) + inset,
      measure(first?.sub ?? "", SMALL),
      measure(kind, SMALL) + ICON + 2,
    );
  const width = Math.ceil(Math.min(STOP_WIDEST, Math.max(STOP_WIDTH, natural)));
  const lines = wrap(full, width - 2 * PAD - inset, NAME, measure);
  const sub = first?.sub === undefined ? null : fit(first.sub, width - 2 * PAD, SMALL, measure);
  return {
    label,
    kind: full === kind ? null : kind,
    lines,
    full,
    sub,
    badge: null,
    width,
    height: (full === kind ? 16 : 34) + 18 * lines.length + (sub === null ? 0 : 17),
  };
}

function itemFace(paths: Paths, t: Texts, measure: Measure): StopFace {
  const thing = paths.nodes[paths.item.id];
  const badge = paths.item.level?.word ?? t("drawing.item.unmarked");
  const wanted = Math.ceil(measure(badge, BADGE)) + 2 * PAD + 16;
  const width = Math.min(ITEM_WIDEST, Math.max(ITEM_WIDTH, wanted));
  const lines = wrap(paths.item.title, width - 2 * PAD, NAME, measure);
  const sub = thing?.sub === badge ? undefined : thing?.sub;
  return {
    label: thing?.label ?? "Document",
    kind: t(`drawing.kind.${thing?.label ?? "Document"}`),
    lines,
    full: paths.item.title,
    sub: sub === undefined ? null : fit(sub, width - 2 * PAD, SMALL, measure),
    badge: fit(badge, width - 2 * PAD - 10, BADGE, measure),
    width,
    height: 40 + 18 * lines.length + (sub === undefined ? 0 : 17) + 32,
  };
}

function linkFace(link: Link, t: Texts, measure: Measure): LinkFace {
  const { until, monitored } = link.line;
  const earliest = until[0];
  const flag =
    earliest === undefined
      ? null
      : until.length === 1
        ? t("drawing.flag.until", { date: shortDate(earliest) })
        : t("drawing.flag.from", { date: shortDate(earliest) });
  const wordWidth = measure(link.word, CHIP);
  const flagWidth = flag === null ? 0 : measure(flag, TAG);
  return {
    text: link.word,
    flag,
    wordWidth,
    flagWidth,
    width: Math.ceil(Math.max(wordWidth + (monitored ? 20 : 0) + 14, flag === null ? 0 : flagWidth + 30)),
    height: flag === null ? 24 : 44,
  };
}
