/** What a screen reader hears of each part, in the order of the fact and not of the lanes. */

import type { MarkTally, PersonCard } from "./cards";
import type { FactId, Paths } from "./contract";
import { nameOf, titleOf } from "./faces";
import { ITEM, type Link, type Scene } from "./scene";
import type { Texts } from "./texts";

export function speakCard(card: PersonCard, paths: Paths, t: Texts): string {
  const parts = [titleOf(card, paths, t), t(`drawing.verdict.${card.verdict}`)];
  for (const mark of card.marks) parts.push(speakMark(mark, card.members.length, t));
  return parts.join(t("drawing.comma"));
}

export function speakMark(mark: MarkTally, people: number, t: Texts): string {
  const name = t(`drawing.mark.${mark.name}.full`);
  if (mark.holds === null) return t("drawing.mark.none", { mark: name });
  if (mark.holds) return t("drawing.mark.holds", { mark: name });
  if (people > 1 && mark.failing < people)
    return t.count("drawing.mark.fails_for", mark.failing, { mark: name });
  return t("drawing.mark.fails", { mark: name });
}

export function nameOfKey(key: string, scene: Scene, paths: Paths, t: Texts): string {
  if (key === ITEM) return paths.item.title;
  const stop = scene.stops.get(key);
  if (stop) return stop.nodes.map((id) => nameOf(paths, id)).join(" ‹ ");
  const card = scene.cards.find((one) => one.key === key);
  return card ? titleOf(card, paths, t) : key;
}

export function speakLink(link: Link, scene: Scene, paths: Paths, t: Texts): string {
  const [from, to] = link.forward ? [link.from, link.to] : [link.to, link.from];
  const parts = [
    t("drawing.fact", {
      from: nameOfKey(from, scene, paths, t),
      word: link.word,
      to: nameOfKey(to, scene, paths, t),
    }),
  ];
  const [earliest] = link.line.until;
  if (earliest !== undefined) parts.push(t("drawing.flag.until", { date: t.date(earliest) }));
  if (link.line.soon) parts.push(t("drawing.flag.soon"));
  if (link.line.pair) parts.push(t("drawing.line.double"));
  if (link.line.monitored) parts.push(t("drawing.line.eye"));
  return parts.join(t("drawing.comma"));
}

export function speakFact(id: FactId, paths: Paths, t: Texts): string {
  const fact = paths.facts[id];
  if (!fact) return id;
  return t("drawing.fact", {
    from: nameOf(paths, fact.from),
    word: fact.word,
    to: nameOf(paths, fact.to),
  });
}
