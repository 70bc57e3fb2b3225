/** A route as the hops it is made of, from the person on, whichever way its facts point. */

import type { Band, Fact, FactId, NodeId, Paths, Person, Route } from "./contract";
import { laneOf } from "./lanes";

/** The place of the person in a way, so that the ways of two people can be compared. */
export const SELF = "@";

export interface Stop {
  /** The same for everyone who passes here; unlike a node id, it names the folded links too. */
  key: string;
  /** The joining group first, then what it is part of. */
  nodes: NodeId[];
  /** Facts folded into the name. */
  inner: FactId[];
}

export interface Hop {
  fact: FactId;
  from: string;
  to: string;
  /** Whether the fact points the way the route runs. */
  forward: boolean;
}

export interface Way {
  via: NodeId;
  band: Band;
  stops: Stop[];
  hops: Hop[];
}

/** The steps of a route do not hang together. */
export class BrokenRoute extends Error {}

export function trace(paths: Paths, person: Person, route: Route): Way {
  const left = [...route.steps];
  const stops: Stop[] = [];
  const hops: Hop[] = [];
  let here: NodeId = person.id;
  while (left.length > 0) {
    const next = left.findIndex((id) => touches(factOf(paths, id), here));
    if (next < 0) throw new BrokenRoute(`${person.id} via ${route.via}: ${left.join(", ")}`);
    const [fact] = left.splice(next, 1) as [FactId];
    const { from, to } = factOf(paths, fact);
    const forward = from === here;
    here = forward ? to : from;
    take(paths, stops, hops, fact, here, forward);
  }
  return { via: route.via, band: route.band, stops, hops };
}

/** Adds one hop. Links of the organisation above the joining group fold into its name. */
function take(
  paths: Paths,
  stops: Stop[],
  hops: Hop[],
  fact: FactId,
  node: NodeId,
  forward: boolean,
): void {
  const last = stops.at(-1);
  if (last && forward && factOf(paths, fact).kind === "PART_OF" && inGroupLane(paths, last, node)) {
    last.key += `<${node}`;
    last.nodes.push(node);
    last.inner.push(fact);
    const hop = hops.at(-1);
    if (hop) hop.to = last.key;
    return;
  }
  hops.push({ fact, from: last?.key ?? SELF, to: node, forward });
  stops.push({ key: node, nodes: [node], inner: [] });
}

function inGroupLane(paths: Paths, stop: Stop, node: NodeId): boolean {
  return [...stop.nodes, node].every((id) => {
    const thing = paths.nodes[id];
    return thing !== undefined && laneOf(thing.label) === "group";
  });
}

function touches(fact: Fact, node: NodeId): boolean {
  return fact.from === node || fact.to === node;
}

export function factOf(paths: Paths, id: FactId): Fact {
  const fact = paths.facts[id];
  if (!fact) throw new BrokenRoute(`no fact ${id}`);
  return fact;
}
