/** The five fixed lanes, left to right, whatever the answer. */

import type { Label } from "./contract";

export const LANES = ["people", "group", "range", "carrier", "document"] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Record<Label, Lane> = {
  Person: "people",
  Department: "group",
  Organisation: "group",
  Post: "group",
  Range: "range",
  Distribution: "range",
  Place: "range",
  Container: "range",
  Device: "range",
  Carrier: "carrier",
  Document: "document",
  Level: "document",
};

export function laneOf(label: Label): Lane {
  return LANE_OF[label];
}
