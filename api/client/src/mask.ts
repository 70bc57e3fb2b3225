/** The same paths without the names of people and the titles of documents, for what leaves the screen. */

import type { Label, Paths, Thing } from "./contract";
import type { Texts } from "./texts";

const HIDDEN: ReadonlySet<Label> = new Set(["Person", "Document", "Range", "Distribution"]);
/** Their own names are numbers and stay, but what is written beside them may quote a title. */
const QUIET: ReadonlySet<Label> = new Set(["Carrier", "Container", "Device"]);

export function mask(paths: Paths, t: Texts): Paths {
  const said = new Map<string, string>([[paths.item.title, t("drawing.hidden.title")]]);
  const drawn = ends(paths);
  const counts = new Map<Label, number>();
  const nodes: Record<string, Thing> = Object.create(null) as Record<string, Thing>;
  for (const [id, thing] of Object.entries(paths.nodes)) {
    if (!HIDDEN.has(thing.label)) continue;
    const n = (counts.get(thing.label) ?? 0) + 1;
    counts.set(thing.label, n);
    const kind = t(`drawing.kind.${thing.label}`);
    const plain = thing.name === kind ? kind : t("drawing.hidden.thing", { kind, n });
    const name = id === paths.item.id ? t("drawing.hidden.title") : plain;
    nodes[id] = { label: thing.label, name };
    if (thing.label === "Person" || drawn.has(id)) said.set(thing.name, name);
  }
  const quiet = quieten(said);
  for (const [id, thing] of Object.entries(paths.nodes)) {
    if (nodes[id]) continue;
    const kept: Thing = { label: thing.label, name: quiet(thing.name) };
    if (thing.sub !== undefined && !QUIET.has(thing.label)) kept.sub = quiet(thing.sub);
    nodes[id] = kept;
  }
  return {
    ...paths,
    item: { ...paths.item, title: t("drawing.hidden.title") },
    sentence: quiet(paths.sentence),
    nodes,
  };
}

/** Only what is drawn can be quoted. */
function ends(paths: Paths): Set<string> {
  const steps = paths.people.flatMap(({ routes }) => routes.flatMap((route) => route.steps));
  return new Set(
    steps.flatMap((id) => {
      const fact = paths.facts[id];
      return fact ? [fact.from, fact.to] : [];
    }),
  );
}

/** Longest first, so that a name inside a longer one is not cut out of it. */
function quieten(said: ReadonlyMap<string, string>): (text: string) => string {
  const names = [...said.keys()].filter((name) => name.trim() !== "");
  names.sort((a, b) => b.length - a.length);
  if (names.length === 0) return (text) => text;
  const pattern = new RegExp(names.map(escaped).join("|"), "g");
  return (text) => text.replace(pattern, (name) => said.get(name) ?? name);
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
