/** Finding a name in the drawing. Nothing is searched while a Chinese word is still being composed. */

import type { Paths } from "./contract";
import { html } from "./elements";
import { nameOf } from "./faces";
import { ITEM, type Scene, type Sight } from "./scene";
import { nameOfKey } from "./spoken";
import { folded, type Texts } from "./texts";
import type { Part } from "./walk";

/** Folded people are found by name, too: the part is then their row. */
export function matches(query: string, scene: Scene, sight: Sight, paths: Paths, t: Texts): Part[] {
  const wanted = folded(query);
  if (wanted === "") return [];
  const has = (...words: (string | undefined)[]) =>
    words.some((word) => word !== undefined && folded(word).includes(wanted));
  const found: Part[] = [];
  for (const { key, members } of scene.cards) {
    if (!sight.cards.has(key)) continue;
    for (const { person } of members)
      if (has(nameOf(paths, person.id), paths.nodes[person.id]?.sub))
        found.push(
          members.length === 1 ? { kind: "card", key } : { kind: "member", key, person: person.id },
        );
  }
  for (const key of [...sight.stops].filter((one) => one !== ITEM))
    if (has(nameOfKey(key, scene, paths, t), paths.nodes[scene.stops.get(key)?.nodes[0] ?? ""]?.sub))
      found.push({ kind: "stop", key });
  if (has(paths.item.title)) found.push({ kind: "stop", key: ITEM });
  return found;
}

export class Find {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly said: HTMLElement;
  private found: Part[] = [];
  private at = -1;

  constructor(
    private readonly t: Texts,
    private readonly hands: {
      search(query: string): Part[];
      mark(found: Part[]): void;
      go(part: Part): void;
      leave(): void;
    },
  ) {
    this.input = html("input", {
      type: "search",
      class: "zx-find-input",
      placeholder: t("drawing.find.placeholder"),
      autocomplete: "off",
      spellcheck: "false",
    });
    this.said = html("span", { class: "zx-find-said", role: "status" });
    this.element = html(
      "label",
      { class: "zx-find" },
      html("span", {}, t("drawing.find")),
      this.input,
      this.said,
    );
    this.input.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.search();
    });
    this.input.addEventListener("compositionend", () => this.search());
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  clear(): void {
    this.input.value = "";
    this.search();
  }

  private search(): void {
    const query = this.input.value;
    this.found = this.hands.search(query);
    this.at = -1;
    this.hands.mark(this.found);
    if (folded(query) === "") this.said.textContent = "";
    else if (this.found.length === 0) this.said.textContent = this.t("drawing.find.none", { query });
    else this.said.textContent = this.t.count("drawing.find.found", this.found.length);
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.clear();
      this.hands.leave();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.at = (this.at + 1) % Math.max(1, this.found.length);
    const part = this.found[this.at];
    if (part) this.hands.go(part);
  }
}
