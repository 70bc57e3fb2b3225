/** The order in which Tab and the arrows go: along the conditions of a card, then along its routes to the item. */

import type { Band, MarkName } from "./contract";
import { BANDS } from "./contract";
import { SHOWN_MEMBERS } from "./faces";
import type { Box } from "./layout";
import { ITEM, type Scene, type Sight, type Track } from "./scene";
import type { PersonCard } from "./cards";

export type Part =
  | { kind: "card"; key: string }
  | { kind: "mark"; key: string; mark: MarkName }
  | { kind: "toggle"; key: string }
  | { kind: "member"; key: string; person: string }
  | { kind: "rest"; key: string }
  | { kind: "link"; key: string }
  | { kind: "stop"; key: string };

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export interface Ground {
  scene: Scene;
  sight: Sight;
  boxes: ReadonlyMap<string, Box>;
  columns: ReadonlyMap<string, number>;
  open: ReadonlySet<string>;
}

export function idOf(part: Part): string {
  switch (part.kind) {
    case "mark":
      return `mark ${part.mark} ${part.key}`;
    case "member":
      return `member ${part.person} ${part.key}`;
    default:
      return `${part.kind} ${part.key}`;
  }
}

export function walk(ground: Ground): Part[] {
  const parts: Part[] = [];
  const passed = new Set<string>();
  for (const band of BANDS)
    for (const card of cardsIn(ground, band)) {
      parts.push(...partsOf(ground, card));
      for (const track of tracksOf(ground, card.key))
        track.links.forEach((link, n) => {
          const stop = track.stops[n];
          if (!passed.has(link)) parts.push({ kind: "link", key: link });
          passed.add(link);
          if (stop === undefined || passed.has(stop)) return;
          parts.push({ kind: "stop", key: stop });
          passed.add(stop);
        });
    }
  // What is asked about stands there even when nobody gets to it.
  if (!passed.has(ITEM)) parts.push({ kind: "stop", key: ITEM });
  return parts;
}

/** Where an arrow leads; null where the walk ends. `trail` is the route being walked. */
export function arrow(ground: Ground, from: Part, key: Arrow, trail: Track | null): Part | null {
  switch (key) {
    case "ArrowRight":
      return onward(ground, from, trail);
    case "ArrowLeft":
      return back(ground, from, trail);
    case "ArrowUp":
      return beside(ground, from, -1);
    case "ArrowDown":
      return beside(ground, from, 1);
  }
}

/** The route being walked: kept while it passes here, else the first that does. */
export function trailAt(ground: Ground, part: Part, trail: Track | null): Track | null {
  const passes = (track: Track) => track.links.includes(part.key) || track.stops.includes(part.key);
  if (part.kind !== "link" && part.kind !== "stop") {
    const own = tracksOf(ground, part.key);
    return trail && own.includes(trail) ? trail : (own[0] ?? null);
  }
  if (trail && passes(trail)) return trail;
  for (const card of visibleCards(ground)) {
    const found = tracksOf(ground, card.key).find(passes);
    if (found) return found;
  }
  return null;
}

function onward(ground: Ground, from: Part, trail: Track | null): Part | null {
  if (from.kind === "link") {
    const to = ground.scene.links.get(from.key)?.to;
    return to === undefined ? null : { kind: "stop", key: to };
  }
  if (from.kind === "mark") {
    const marks = marksOf(ground, from.key);
    const next = marks[marks.indexOf(from.mark) + 1];
    if (next) return { kind: "mark", key: from.key, mark: next };
  }
  const out = (link: string | undefined): link is string =>
    link !== undefined && ground.scene.links.get(link)?.from === from.key;
  const along = trail?.links.find(out) ?? [...ground.sight.links.keys()].find(out);
  return along === undefined ? null : { kind: "link", key: along };
}

function back(ground: Ground, from: Part, trail: Track | null): Part | null {
  switch (from.kind) {
    case "card":
      return null;
    case "link": {
      const source = ground.scene.links.get(from.key)?.from;
      if (source === undefined) return null;
      const isCard = ground.scene.cards.some((card) => card.key === source);
      return { kind: isCard ? "card" : "stop", key: source };
    }
    case "stop": {
      const into = (link: string) => ground.scene.links.get(link)?.to === from.key;
      const along = trail?.links.find(into) ?? [...ground.sight.links.keys()].find(into);
      return along === undefined ? null : { kind: "link", key: along };
    }
    case "mark": {
      const marks = marksOf(ground, from.key);
      const previous = marks[marks.indexOf(from.mark) - 1];
      if (previous) return { kind: "mark", key: from.key, mark: previous };
      return { kind: "card", key: from.key };
    }
    default:
      return { kind: "card", key: from.key };
  }
}

/** Up and down stay in the column: cards with cards, a mark with the same mark, an edge with its neighbours. */
function beside(ground: Ground, from: Part, way: 1 | -1): Part | null {
  if (from.kind === "toggle" || from.kind === "member" || from.kind === "rest") {
    const rows = partsOf(ground, cardOf(ground, from.key)).filter(
      (part) => part.kind === "toggle" || part.kind === "member" || part.kind === "rest",
    );
    const n = rows.findIndex((part) => idOf(part) === idOf(from));
    return rows[n + way] ?? besideBox(ground, { kind: "card", key: from.key }, way);
  }
  if (from.kind === "link") return besideLink(ground, from.key, way);
  const next = besideBox(ground, from, way);
  if (from.kind === "mark" && next?.kind === "card" && marksOf(ground, next.key).includes(from.mark))
    return { kind: "mark", key: next.key, mark: from.mark };
  return next;
}

function besideBox(ground: Ground, from: Part, way: 1 | -1): Part | null {
  const column = ground.columns.get(from.key);
  const cards = visibleCards(ground).map((card) => card.key);
  const keys = [...cards, ...ground.sight.stops].filter((key) => ground.columns.get(key) === column);
  keys.sort((a, b) => heightOf(ground, a) - heightOf(ground, b));
  const key = keys[keys.indexOf(from.key) + way];
  return key === undefined ? null : { kind: cards.includes(key) ? "card" : "stop", key };
}

function besideLink(ground: Ground, from: string, way: 1 | -1): Part | null {
  const link = ground.scene.links.get(from);
  if (!link) return null;
  const column = ground.columns.get(link.from);
  const middle = (key: string) => {
    const one = ground.scene.links.get(key);
    return one ? heightOf(ground, one.from) * 1e4 + heightOf(ground, one.to) : 0;
  };
  const keys = [...ground.sight.links.keys()].filter(
    (key) => ground.columns.get(ground.scene.links.get(key)?.from ?? "") === column,
  );
  keys.sort((a, b) => middle(a) - middle(b));
  const key = keys[keys.indexOf(from) + way];
  return key === undefined ? null : { kind: "link", key };
}

function partsOf(ground: Ground, card: PersonCard | undefined): Part[] {
  if (!card) return [];
  const { key } = card;
  const parts: Part[] = [{ kind: "card", key }];
  for (const { name } of card.marks) parts.push({ kind: "mark", key, mark: name });
  if (card.members.length > 1) parts.push({ kind: "toggle", key });
  if (!ground.open.has(key)) return parts;
  for (const { person } of card.members.slice(0, SHOWN_MEMBERS))
    parts.push({ kind: "member", key, person: person.id });
  if (card.members.length > SHOWN_MEMBERS) parts.push({ kind: "rest", key });
  return parts;
}

function cardsIn(ground: Ground, band: Band): PersonCard[] {
  return visibleCards(ground).filter((card) => card.band === band);
}

function visibleCards(ground: Ground): PersonCard[] {
  return ground.scene.cards
    .filter((card) => ground.sight.cards.has(card.key))
    .sort((a, b) => heightOf(ground, a.key) - heightOf(ground, b.key));
}

function tracksOf(ground: Ground, card: string): Track[] {
  const tracks = ground.scene.tracks.get(card) ?? [];
  return tracks.filter((track) => track.links.every((link) => ground.sight.links.has(link)));
}

function cardOf(ground: Ground, key: string): PersonCard | undefined {
  return ground.scene.cards.find((card) => card.key === key);
}

function marksOf(ground: Ground, key: string): MarkName[] {
  return cardOf(ground, key)?.marks.map(({ name }) => name) ?? [];
}

function heightOf(ground: Ground, key: string): number {
  return ground.boxes.get(key)?.y ?? 0;
}
