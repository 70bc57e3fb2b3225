/** What the panel says about the chosen part: headings, the facts to fetch, and the people concerned. */

import { isStopped, type MarkTally, type Member, type PersonCard } from "./cards";
import type { FactId, Mark, MarkName, Paths, Verdict } from "./contract";
import { nameOf, titleOf } from "./faces";
import { alongside, ITEM, usersOf, type Scene } from "./scene";
import { nameOfKey, speakLink, speakMark } from "./spoken";
import type { Texts } from "./texts";
import type { Part } from "./walk";

export interface Section {
  heading: string;
  note?: string;
  rules?: string[];
  facts: FactId[];
  /** Choosing one shows that person. */
  people?: { card: string; person: string; name: string; aside: string }[];
}

export interface Topic {
  title: string;
  verdict: Verdict | null;
  sections: Section[];
  /** For 只看这条路: the drawing is reduced to routes through these. */
  only: FactId[];
  /** One fact, shown in full at once. */
  single: boolean;
}

export function topicOf(part: Part, scene: Scene, paths: Paths, t: Texts): Topic | null {
  const card = scene.cards.find((one) => one.key === part.key);
  switch (part.kind) {
    case "link":
      return aboutLink(part.key, scene, paths, t);
    case "stop":
      return aboutStop(part.key, scene, paths, t);
    case "member": {
      const member = card?.members.find(({ person }) => person.id === part.person);
      return card && member ? aboutPerson(card, member, scene, paths, t) : null;
    }
    case "mark":
      return card ? aboutMark(card, part.mark, paths, t) : null;
    default: {
      const [only] = card?.members ?? [];
      if (!card || !only) return null;
      return card.members.length === 1
        ? aboutPerson(card, only, scene, paths, t)
        : aboutPeople(card, scene, paths, t);
    }
  }
}

function aboutPerson(card: PersonCard, member: Member, scene: Scene, paths: Paths, t: Texts): Topic {
  return {
    title: nameOf(paths, member.person.id),
    verdict: card.verdict,
    sections: [
      ...member.person.marks.map((mark) => markSection(mark, t)),
      ...routeSections(card, member, scene, paths, t),
    ],
    only: [],
    single: false,
  };
}

function markSection(mark: Mark, t: Texts): Section {
  const section: Section = {
    heading: speakMark(one(mark), 1, t),
    rules: mark.rules,
    facts: mark.facts,
  };
  if (mark.facts.length === 0 && mark.holds !== null) section.note = t("drawing.evidence.none");
  return section;
}

function one(mark: Mark): MarkTally {
  return {
    name: mark.name,
    holds: mark.holds,
    failing: mark.holds === false ? 1 : 0,
    holding: mark.holds === true ? 1 : 0,
  };
}

function routeSections(
  card: PersonCard,
  member: Member,
  scene: Scene,
  paths: Paths,
  t: Texts,
): Section[] {
  if (member.ways.length === 0) return [{ heading: t("drawing.evidence.no_route"), facts: [] }];
  return member.ways.map((way, n) => {
    const stops = scene.tracks.get(card.key)?.[n]?.stops ?? [];
    const names = stops.map((key) => nameOfKey(key, scene, paths, t));
    return {
      heading: t("drawing.evidence.route", { route: names.join(" → ") }),
      facts: [...way.hops.map((hop) => hop.fact), ...way.stops.flatMap((stop) => stop.inner)],
    };
  });
}

function aboutPeople(card: PersonCard, scene: Scene, paths: Paths, t: Texts): Topic {
  const tracks = scene.tracks.get(card.key) ?? [];
  return {
    title: titleOf(card, paths, t),
    verdict: card.verdict,
    sections: [
      {
        heading: t("drawing.evidence.people"),
        note: t("drawing.evidence.each"),
        facts: [],
        people: card.members.map((member) => listed(card, member, paths, t)),
      },
      ...card.marks.map((mark) => ({ heading: speakMark(mark, card.members.length, t), facts: [] })),
      ...tracks.map((track) => ({
        heading: t("drawing.evidence.route", {
          route: track.stops.map((key) => nameOfKey(key, scene, paths, t)).join(" → "),
        }),
        facts: shared(track.links.slice(1), scene),
      })),
    ],
    only: [],
    single: false,
  };
}

/** Beyond the first hop, which is each one's own. */
function shared(links: string[], scene: Scene): FactId[] {
  return links.flatMap((key) => scene.links.get(key)?.facts ?? []);
}

function listed(card: PersonCard, { person }: Member, paths: Paths, t: Texts) {
  const failing = person.marks.filter((mark) => mark.holds === false);
  return {
    card: card.key,
    person: person.id,
    name: nameOf(paths, person.id),
    aside: failing.map((mark) => `${t(`drawing.mark.${mark.name}.short`)}✗`).join(" "),
  };
}

function aboutMark(card: PersonCard, name: MarkName, paths: Paths, t: Texts): Topic | null {
  const tally = card.marks.find((mark) => mark.name === name);
  if (!tally) return null;
  const whose = titleOf(card, paths, t);
  const title = t("drawing.evidence.of", { who: whose, what: speakMark(tally, card.members.length, t) });
  const own = (member: Member) => member.person.marks.find((mark) => mark.name === name);
  if (card.members.length === 1) {
    const mark = card.members[0] && own(card.members[0]);
    if (!mark) return null;
    const section = markSection(mark, t);
    return { title, verdict: null, sections: [{ ...section, heading: "" }], only: [], single: true };
  }
  const wanted = tally.holds === false ? false : tally.holds;
  const concerned = card.members.filter((member) => own(member)?.holds === wanted);
  const rules = [...new Set(concerned.flatMap((member) => own(member)?.rules ?? []))];
  return {
    title,
    verdict: null,
    sections: [
      {
        heading: t("drawing.evidence.people"),
        note: t("drawing.evidence.each"),
        rules,
        facts: [],
        people: concerned.map((member) => listed(card, member, paths, t)),
      },
    ],
    only: [],
    single: false,
  };
}

function aboutLink(key: string, scene: Scene, paths: Paths, t: Texts): Topic | null {
  const link = scene.links.get(key);
  if (!link) return null;
  return {
    title: speakLink(link, scene, paths, t),
    verdict: null,
    sections: [
      {
        heading: "",
        note: passing(scene, key, t),
        facts: link.facts,
      },
    ],
    only: link.facts,
    single: link.facts.length === 1,
  };
}

function aboutStop(key: string, scene: Scene, paths: Paths, t: Texts): Topic | null {
  const stop = scene.stops.get(key);
  if (!stop && key !== ITEM) return null;
  const touching = [...scene.links.values()].filter((link) => link.from === key || link.to === key);
  const beyond = key === ITEM ? touching : touching.filter((link) => link.from === key);
  const onward = beyond.flatMap((link) => link.facts);
  const inward = touching.filter((link) => !beyond.includes(link)).flatMap((link) => link.facts);
  const sections: Section[] = [];
  if (stop && stop.inner.length > 0)
    sections.push({ heading: t("drawing.evidence.folded"), facts: stop.inner });
  sections.push({
    heading: t(key === ITEM ? "drawing.evidence.inward" : "drawing.evidence.onward"),
    note: passing(scene, key, t),
    facts: onward,
  });
  if (inward.length > 0) sections.push({ heading: t("drawing.evidence.inward"), facts: inward });
  return {
    title: nameOfKey(key, scene, paths, t),
    verdict: null,
    sections,
    only: key === ITEM ? [] : onward,
    single: false,
  };
}

/** People, each once, whose routes pass here, and those who are stopped before they do. */
function passing(scene: Scene, key: string, t: Texts): string {
  const users = key === ITEM ? itemUsers(scene) : usersOf(scene, key);
  const ids = (cards: PersonCard[]) =>
    new Set(cards.flatMap((card) => card.members.map(({ person }) => person.id)));
  const through = ids(users.filter((card) => !isStopped(card)));
  const stopped = [...ids(users.filter(isStopped))].filter((id) => !through.has(id));
  const said = t.count("drawing.evidence.passing", through.size);
  return stopped.length === 0 ? said : said + t.count("drawing.evidence.stopped", stopped.length);
}

function itemUsers(scene: Scene): PersonCard[] {
  const lit = alongside(scene, ITEM);
  return scene.cards.filter((card) => lit.has(card.key));
}
