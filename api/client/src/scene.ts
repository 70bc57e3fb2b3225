/** What is drawn: cards of people, the stops on their ways, and one link for each alternative. */

import { endKey, factsOfHop, foldPeople, shapeOfHop, type Broken, type PersonCard } from "./cards";
import { BANDS, type Band, type FactId, type NodeId, type Paths, type Verdict } from "./contract";
import { factOf, type Stop, type Way } from "./routes";
import { flow, turn } from "./verdicts";

export const CARD_LIMIT = 40;

export interface StopCard {
  key: string;
  band: Band;
  nodes: NodeId[];
  inner: FactId[];
}

export interface Line {
  /** It ends by itself, on these dates, earliest first. */
  until: string[];
  soon: boolean;
  pair: boolean;
  monitored: boolean;
}

export interface Link {
  key: string;
  band: Band;
  /** In the order of the lanes, left to right. */
  from: string;
  to: string;
  forward: boolean;
  word: string;
  facts: FactId[];
  line: Line;
}

/** One way of one card, as keys of what is drawn. */
export interface Track {
  via: NodeId;
  links: string[];
  stops: string[];
  facts: Set<FactId>;
}

export interface Scene {
  cards: PersonCard[];
  stops: Map<string, StopCard>;
  links: Map<string, Link>;
  tracks: Map<string, Track[]>;
  broken: Broken[];
  /** Cards and people that wait until they are asked for. */
  waiting: { cards: number; people: number };
  /** Not everything fits: a filter chooses who is drawn. */
  crowded: boolean;
}

export interface Selection {
  limit: number;
  /** Empty: everyone. */
  verdicts: ReadonlySet<Verdict>;
}

/** The key of the item's card, which stands in both bands. */
export const ITEM = "item";

/** While everything fits, a filter only hides, so that nothing jumps; when not, it also says who is drawn. */
export function buildScene(paths: Paths, selection: Selection): Scene {
  const { cards, broken } = foldPeople(paths);
  const whole = gather(paths, cards, broken, selection.limit);
  if (whole.waiting.cards === 0) return whole;
  const wanted = cards
    .filter((card) => selection.verdicts.size === 0 || selection.verdicts.has(card.verdict))
    .sort((a, b) => turn(a.verdict) - turn(b.verdict) || b.members.length - a.members.length);
  const scene = gather(paths, inTurn(wanted), broken, selection.limit);
  scene.cards.sort((a, b) => cards.indexOf(a) - cards.indexOf(b));
  return { ...scene, crowded: true };
}

/** One of each band in turn, so that neither crowds the other out. */
function inTurn(cards: PersonCard[]): PersonCard[] {
  const [know = [], reach = []] = BANDS.map((band) => cards.filter((card) => card.band === band));
  return Array.from({ length: Math.max(know.length, reach.length) }, (_, n) => [
    know[n],
    reach[n],
  ])
    .flat()
    .filter((card) => card !== undefined);
}

function gather(paths: Paths, cards: PersonCard[], broken: Broken[], limit: number): Scene {
  const scene: Scene = {
    cards: [],
    stops: new Map(),
    links: new Map(),
    tracks: new Map(),
    broken,
    waiting: { cards: 0, people: 0 },
    crowded: false,
  };
  for (const card of cards) {
    if (scene.cards.length > 0 && weight(scene, paths, card) > limit) {
      scene.waiting.cards += 1;
      scene.waiting.people += card.members.length;
    } else add(scene, paths, card);
  }
  return scene;
}

/** How many cards the drawing would have with this one. */
function weight(scene: Scene, paths: Paths, card: PersonCard): number {
  const fresh = new Set<string>();
  for (const way of card.members[0]?.ways ?? [])
    for (const stop of way.stops) {
      const key = stopKey(paths, card, stop);
      if (!scene.stops.has(key) && key !== ITEM) fresh.add(key);
    }
  return scene.cards.length + scene.stops.size + fresh.size + 2;
}

function add(scene: Scene, paths: Paths, card: PersonCard): void {
  scene.cards.push(card);
  const ways = card.members[0]?.ways ?? [];
  scene.tracks.set(
    card.key,
    ways.map((way, n) => lay(scene, paths, card, way, n)),
  );
}

function lay(scene: Scene, paths: Paths, card: PersonCard, way: Way, n: number): Track {
  const track: Track = { via: way.via, links: [], stops: [], facts: new Set() };
  const keyOf = new Map(way.stops.map((stop) => [stop.key, stopKey(paths, card, stop)]));
  for (const stop of way.stops) {
    const key = stopKey(paths, card, stop);
    if (key !== ITEM && !scene.stops.has(key))
      scene.stops.set(key, { key, band: card.band, nodes: stop.nodes, inner: stop.inner });
    track.stops.push(key);
    for (const fact of stop.inner) track.facts.add(fact);
  }
  way.hops.forEach((hop, m) => {
    const facts = factsOfHop(card, n, m);
    const from = keyOf.get(hop.from) ?? endKey(card, hop.from);
    const to = keyOf.get(hop.to) ?? endKey(card, hop.to);
    const key = `${card.band} ${from} ${shapeOfHop(paths, hop)} ${to}`;
    const link = scene.links.get(key) ?? {
      key,
      band: card.band,
      from,
      to,
      forward: hop.forward,
      word: factOf(paths, hop.fact).word,
      facts: [],
      line: { until: [], soon: false, pair: false, monitored: false },
    };
    link.facts = [...new Set([...link.facts, ...facts])];
    link.line = lineOf(paths, link.facts);
    scene.links.set(key, link);
    track.links.push(key);
    for (const fact of facts) track.facts.add(fact);
  });
  return track;
}

function lineOf(paths: Paths, ids: FactId[]): Line {
  const facts = ids.map((id) => factOf(paths, id));
  const ends = facts.flatMap((fact) => (fact.until === null ? [] : [fact.until]));
  return {
    until: [...new Set(ends)].sort(),
    soon: facts.some((fact) => fact.ends_soon === true),
    pair: facts.some((fact) => fact.pair !== undefined),
    monitored: facts.some((fact) => fact.monitored === true),
  };
}

function stopKey(paths: Paths, card: PersonCard, stop: Stop): string {
  return stop.nodes.length === 1 && stop.nodes[0] === paths.item.id ? ITEM : endKey(card, stop.key);
}

/** What stays in sight under a filter and, with 只看这条路, under one fact. */
export interface Sight {
  cards: Set<string>;
  stops: Set<string>;
  links: Map<string, Verdict>;
}

export function inSight(
  scene: Scene,
  verdicts: ReadonlySet<Verdict>,
  only: ReadonlySet<FactId> | null,
): Sight {
  const sight: Sight = { cards: new Set(), stops: new Set(), links: new Map() };
  const flows = new Map<string, Verdict[]>();
  for (const card of scene.cards) {
    if (verdicts.size > 0 && !verdicts.has(card.verdict)) continue;
    const tracks = (scene.tracks.get(card.key) ?? []).filter(
      (track) => only === null || [...only].some((fact) => track.facts.has(fact)),
    );
    if (only !== null && tracks.length === 0) continue;
    sight.cards.add(card.key);
    for (const track of tracks) {
      for (const stop of track.stops) sight.stops.add(stop);
      for (const link of track.links) flows.set(link, [...(flows.get(link) ?? []), card.verdict]);
    }
  }
  for (const [key, found] of flows)
    sight.links.set(key, flow(found, scene.links.get(key)?.band ?? "know"));
  return sight;
}

/** Everything that lies on the same routes as one card, stop or link: what is lit when it is chosen. */
export function alongside(scene: Scene, key: string): Set<string> {
  const lit = new Set<string>([key]);
  for (const card of scene.cards)
    for (const track of scene.tracks.get(card.key) ?? [])
      if (key === card.key || track.links.includes(key) || track.stops.includes(key)) {
        lit.add(card.key);
        for (const part of [...track.stops, ...track.links]) lit.add(part);
      }
  return lit;
}

/** Who passes here. */
export function usersOf(scene: Scene, key: string): PersonCard[] {
  return scene.cards.filter(
    (card) =>
      card.key === key ||
      (scene.tracks.get(card.key) ?? []).some(
        (track) => track.links.includes(key) || track.stops.includes(key),
      ),
  );
}
