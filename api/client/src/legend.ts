/** The legend is always visible, counts people, and is the filter. */

import { VERDICTS, type Paths, type Verdict } from "./contract";
import { html, svg } from "./elements";
import { icon } from "./icons";
import type { Texts } from "./texts";
import { census, SIGNS } from "./verdicts";

export class Legend {
  readonly element: HTMLElement;
  private readonly buttons = new Map<Verdict | "all", HTMLButtonElement>();

  constructor(paths: Paths, t: Texts, choose: (verdicts: ReadonlySet<Verdict>) => void) {
    const counts = census(paths.people);
    const chosen = new Set<Verdict>();
    const tell = () => {
      for (const [name, button] of this.buttons) {
        const on = name === "all" ? chosen.size === 0 : chosen.has(name);
        button.setAttribute("aria-pressed", String(on));
      }
      choose(new Set(chosen));
    };
    const all = button("zx-all", t("drawing.legend.all"), paths.people.length);
    all.addEventListener("click", () => {
      chosen.clear();
      tell();
    });
    this.buttons.set("all", all);
    for (const verdict of VERDICTS) {
      const one = button(
        `zx-v-${verdict}`,
        `${SIGNS[verdict]} ${t(`drawing.verdict.${verdict}`)}`,
        counts[verdict],
      );
      one.title = t(`drawing.verdict.${verdict}.hint`);
      one.disabled = counts[verdict] === 0;
      one.addEventListener("click", () => {
        if (!chosen.delete(verdict)) chosen.add(verdict);
        tell();
      });
      this.buttons.set(verdict, one);
    }
    for (const [name, one] of this.buttons) one.setAttribute("aria-pressed", String(name === "all"));
    this.element = html(
      "div",
      { class: "zx-legend", role: "group", "aria-label": t("drawing.legend") },
      ...this.buttons.values(),
      lineKey(t),
    );
  }
}

function button(look: string, words: string, count: number): HTMLButtonElement {
  return html(
    "button",
    { type: "button", class: `zx-filter ${look}` },
    words,
    html("b", {}, String(count)),
  );
}

function lineKey(t: Texts): HTMLElement {
  const sample = (look: string, double = false) =>
    svg(
      "svg",
      { class: `zx-sample ${look}`, viewBox: "0 0 30 10", width: 30, height: 10, "aria-hidden": "true" },
      svg("path", { class: "zx-rail", d: "M1 5H29" }),
      double && svg("path", { class: "zx-rail-gap", d: "M1 5H29" }),
    );
  const eye = svg(
    "svg",
    { class: "zx-sample", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    icon("Eye", 0, 0),
  );
  return html(
    "span",
    { class: "zx-lines" },
    html("span", {}, sample("zx-solid"), t("drawing.line.solid")),
    html("span", {}, sample("zx-dashed"), t("drawing.line.dashed")),
    html("span", {}, sample("zx-double", true), t("drawing.line.double")),
    html("span", {}, eye, t("drawing.line.eye")),
  );
}
