/** What the drawing does not show, and the way on: an answer cut short, cards that wait, routes that do not hold. */

import { html } from "./elements";
import type { Scene } from "./scene";
import type { Texts } from "./texts";

export interface Ways {
  /** Where the whole answer stands. */
  table: string;
  /** Where the rest of an answer cut short is asked for. */
  more: string | undefined;
  drawMore(): void;
  drawWhole(): void;
}

export function notices(
  state: { complete: boolean; scene: Scene; reduced: boolean },
  ways: Ways,
  t: Texts,
): HTMLElement[] {
  const { complete, scene, reduced } = state;
  const table = () => html("a", { href: ways.table }, t("drawing.table"));
  const rows: HTMLElement[] = [];
  if (!complete) {
    const on = ways.more === undefined ? null : html("a", { href: ways.more }, t("drawing.incomplete.more"));
    rows.push(notice(t("drawing.incomplete"), on));
  }
  if (scene.waiting.cards > 0)
    rows.push(notice(waiting(scene, t), button(t("drawing.waiting.more"), ways.drawMore), table()));
  if (scene.broken.length > 0)
    rows.push(notice(t.count("drawing.broken", scene.broken.length), table()));
  if (reduced) rows.push(notice(t("drawing.only.on"), button(t("drawing.only.off"), ways.drawWhole)));
  return rows;
}

export function waiting(scene: Scene, t: Texts): string {
  return t.count("drawing.waiting", scene.waiting.cards, { people: scene.waiting.people });
}

function notice(words: string, ...actions: (HTMLElement | null)[]): HTMLElement {
  return html("p", { class: "zx-notice" }, words, ...actions);
}

function button(words: string, act: () => void): HTMLButtonElement {
  const made = html("button", { type: "button" }, words);
  made.addEventListener("click", act);
  return made;
}
