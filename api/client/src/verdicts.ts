/** Colour means verdict: which verdict a card wears in which band, and which one an edge wears. */

import { VERDICTS, type Band, type Person, type Verdict } from "./contract";

/** What a shared edge shows. Where the right is drawn, who is stopped colours it only when nobody passes. */
const FLOW: Record<Band, readonly Verdict[]> = {
  know: ["know", "proposed", "reach", "reach_only", "prohibited", "blocked", "ended"],
  reach: ["prohibited", "reach_only", "reach", "proposed", "know", "blocked", "ended"],
};

/** A shape beside the word, so that colour never stands alone. */
export const SIGNS: Record<Verdict, string> = {
  know: "●",
  blocked: "✗",
  reach: "▲",
  reach_only: "▨",
  prohibited: "⊘",
  ended: "◌",
  proposed: "±",
};

/** One band each, even without a route. */
export function homeBand(verdict: Verdict): Band {
  return verdict === "reach" || verdict === "reach_only" ? "reach" : "know";
}

/**
 * The verdict to show in one band. Who reaches without the right is stopped where the right is drawn, and who is
 * stopped there still reaches where his hands do.
 */
export function shownVerdict(verdict: Verdict, band: Band): Verdict {
  if (band === "know" && homeBand(verdict) === "reach") return "blocked";
  if (band === "reach" && verdict === "blocked") return "reach";
  return verdict;
}

/** Which cards are drawn before the drawing asks: what is wrong, then the answer, then what is in order. */
const TURN: readonly Verdict[] = [
  "prohibited",
  "reach_only",
  "proposed",
  "know",
  "blocked",
  "reach",
  "ended",
];

export function turn(verdict: Verdict): number {
  return TURN.indexOf(verdict);
}

/** The verdict of those who use an edge, the one that matters most. */
export function flow(verdicts: Iterable<Verdict>, band: Band): Verdict {
  const order = FLOW[band];
  return [...verdicts].sort((a, b) => order.indexOf(a) - order.indexOf(b))[0] ?? "ended";
}

export function bandsOf(person: Person): Band[] {
  const bands = new Set<Band>(person.routes.map((route) => route.band));
  if (bands.size === 0) bands.add(homeBand(person.verdict));
  return [...bands].sort();
}

/** People per verdict as drawn; someone drawn under two verdicts counts under both, once each. */
export function census(people: readonly Person[]): Record<Verdict, number> {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >;
  for (const person of people)
    for (const verdict of new Set(bandsOf(person).map((b) => shownVerdict(person.verdict, b))))
      counts[verdict] += 1;
  return counts;
}
