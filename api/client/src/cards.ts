/**
 * People with the same route and the same marks are one card. Those who are stopped on the same route are one card
 * whatever stops them, and its marks count (责✗1 级✗1).
 */

import {
  MARKS,
  type Band,
  type FactId,
  type MarkName,
  type Paths,
  type Person,
  type Route,
  type Verdict,
} from "./contract";
import { BrokenRoute, factOf, SELF, trace, type Hop, type Way } from "./routes";
import { bandsOf, shownVerdict, turn } from "./verdicts";

export interface MarkTally {
  name: MarkName;
  /** The worst of the card: false as soon as it fails for one. */
  holds: boolean | null;
  failing: number;
  holding: number;
}

export interface Member {
  person: Person;
  /** In the order of the card's ways. */
  ways: Way[];
}

export interface PersonCard {
  key: string;
  band: Band;
  verdict: Verdict;
  members: Member[];
  marks: MarkTally[];
}

/** Who may not know is stopped at the card, whatever the list says; what hands reach is not stopped by that. */
export function isStopped(card: PersonCard): boolean {
  return card.band === "know" && (card.verdict === "blocked" || card.verdict === "prohibited");
}

export interface Broken {
  person: Person;
  route: Route;
}

export function foldPeople(paths: Paths): { cards: PersonCard[]; broken: Broken[] } {
  const folded = new Map<string, PersonCard>();
  const broken: Broken[] = [];
  for (const person of paths.people)
    for (const band of bandsOf(person)) {
      const member = { person, ways: traceAll(paths, person, band, broken) };
      const verdict = shownVerdict(person.verdict, band);
      const signature = signatureOf(paths, member, band, verdict);
      const card = folded.get(signature);
      if (card) card.members.push(member);
      else
        folded.set(signature, {
          key: `${band}:${person.id}`,
          band,
          verdict,
          members: [member],
          marks: [],
        });
    }
  const cards = [...folded.values()];
  for (const card of cards) card.marks = tally(card.members.map(({ person }) => person));
  return { cards: cards.sort(byBandThenTurn), broken };
}

function traceAll(paths: Paths, person: Person, band: Band, broken: Broken[]): Way[] {
  const ways: Way[] = [];
  for (const route of person.routes)
    if (route.band === band)
      try {
        ways.push(trace(paths, person, route));
      } catch (error) {
        if (!(error instanceof BrokenRoute)) throw error;
        broken.push({ person, route });
      }
  return ways
    .map((way) => ({ way, shape: shapeOfWay(paths, way) }))
    .sort((a, b) => (a.shape < b.shape ? -1 : 1))
    .map(({ way }) => way);
}

function signatureOf(paths: Paths, member: Member, band: Band, verdict: Verdict): string {
  const marks =
    verdict === "blocked"
      ? ""
      : member.person.marks
          .map((mark) => `${mark.name}=${mark.holds}`)
          .sort()
          .join(" ");
  return [band, verdict, marks, ...member.ways.map((way) => shapeOfWay(paths, way))].join("\n");
}

function shapeOfWay(paths: Paths, way: Way): string {
  return way.hops.map((hop) => `${hop.from} ${shapeOfHop(paths, hop)} ${hop.to}`).join("|");
}

/** What makes two hops the same line of the drawing: kind, direction, whether it ends by itself, two-person, monitored. */
export function shapeOfHop(paths: Paths, hop: Hop): string {
  const fact = factOf(paths, hop.fact);
  const flags = [hop.forward, fact.until !== null, fact.pair !== undefined, fact.monitored === true];
  return `${fact.kind}${flags.map(Number).join("")}`;
}

function tally(people: readonly Person[]): MarkTally[] {
  return MARKS.flatMap((name) => {
    const found = people.flatMap((person) => person.marks.filter((mark) => mark.name === name));
    if (found.length === 0) return [];
    const failing = found.filter((mark) => mark.holds === false).length;
    const holding = found.filter((mark) => mark.holds === true).length;
    return [{ name, holds: failing > 0 ? false : holding > 0 ? true : null, failing, holding }];
  });
}

function byBandThenTurn(a: PersonCard, b: PersonCard): number {
  if (a.band !== b.band) return a.band === "know" ? -1 : 1;
  return turn(a.verdict) - turn(b.verdict);
}

/** The facts by which the members of a card take one hop of it. */
export function factsOfHop(card: PersonCard, way: number, hop: number): FactId[] {
  const facts = card.members.flatMap(({ ways }) => ways[way]?.hops[hop]?.fact ?? []);
  return [...new Set(facts)];
}

export function endKey(card: PersonCard, key: string): string {
  return key === SELF ? card.key : `${card.band}:${key}`;
}
