/** Kind is an icon and a word: outlines in a field of 16 by 16. */

import type { Label } from "./contract";
import { svg } from "./elements";

const OUTLINES: Record<Label | "People" | "Eye" | "Flag" | "Pair", string> = {
  Person: "M8 2.5a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4M2.8 14c0-3 2.2-4.6 5.2-4.6s5.2 1.6 5.2 4.6",
  People:
    "M6 3.2a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 1 1 0-4.8M1.5 13.5c0-2.7 1.9-4.1 4.5-4.1s4.5 1.4 4.5 4.1M10.6 3.4a2.3 2.3 0 0 1 0 4.4M12 9.7c1.6.5 2.6 1.8 2.6 3.8",
  Department: "M6 2h4v4H6zM1.5 10.5h4v3.5h-4zM10.5 10.5h4v3.5h-4zM8 6v2.2M3.5 10.5V8.2h9v2.3",
  Organisation: "M2 14h12M3.5 14V6h9v8M8 2L2.5 6h11zM6.2 14v-5M9.8 14v-5",
  Post: "M2 5.5h12v8H2zM6 5.5V3.2h4v2.3M2 9h12",
  Range: "M3 2.5h10v11H3zM5.5 5.5h.6M8 5.5h3M5.5 8h.6M8 8h3M5.5 10.5h.6M8 10.5h3",
  Distribution: "M2 8h6M8 8l4.5-4.5M8 8h5M8 8l4.5 4.5M11 3.2h2v2M12 6.8l1.5 1.2L12 9.2M13 10.8v2h-2",
  Place: "M3.5 14V2.5h7.5V14M1.5 14h13M11 5h2v9M8.6 8.5v1",
  Container: "M2.5 2.5h11v10h-11zM4 12.5V14M12 12.5V14M8 5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5M8 7.5l1.2-1.2",
  Device: "M2 3h12v8H2zM6 13.8h4M8 11v2.8",
  Carrier: "M4.5 1.8h8v10M2.8 4h7.7v10.2H2.8zM5 7h3.3M5 9.5h3.3",
  Document: "M3.5 1.8h6l3.2 3.2v9.2H3.5zM9.5 1.8V5h3.2M5.8 8h4.5M5.8 10.6h4.5",
  Level: "M8 1.8l1.9 3.9l4.3.6l-3.1 3l.7 4.3L8 11.6l-3.8 2l.7-4.3l-3.1-3l4.3-.6z",
  Eye: "M1.3 8S3.7 3.8 8 3.8S14.7 8 14.7 8S12.3 12.2 8 12.2S1.3 8 1.3 8M8 6a2 2 0 1 1 0 4a2 2 0 1 1 0-4",
  Flag: "M3.5 14.5v-13M3.5 2.2h9l-2.3 3l2.3 3h-9",
  Pair: "M4.5 2.8a2 2 0 1 1 0 4a2 2 0 1 1 0-4M1.5 13.2c0-2.7 1-4.4 3-4.4s3 1.7 3 4.4M11.5 2.8a2 2 0 1 1 0 4a2 2 0 1 1 0-4M8.5 13.2c0-2.7 1-4.4 3-4.4s3 1.7 3 4.4",
};

export type Icon = keyof typeof OUTLINES;

export function icon(name: Icon, x: number, y: number, size = 16): SVGGElement {
  return svg(
    "g",
    {
      class: "zx-icon",
      transform: `translate(${x} ${y}) scale(${size / 16})`,
      "aria-hidden": "true",
    },
    svg("path", { d: OUTLINES[name] }),
  );
}
