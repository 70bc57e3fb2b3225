/** How large the drawing is shown: the width of its place, or what was asked for. */

import { html } from "./elements";
import { LANES_HEIGHT } from "./paint";
import type { Texts } from "./texts";

const SMALLEST = 0.6;
const LARGEST = 1.6;
/** Smaller than this, fitting gives way to scrolling sideways. */
const READABLE = 0.7;
/** Fitting does not blow a small drawing up beyond this. */
const COMFORTABLE = 1.2;
const STEP = 1.15;

export class Zoom {
  readonly element: HTMLElement;
  private scale = 1;
  private fitted = true;

  constructor(
    private readonly scroll: HTMLElement,
    private readonly natural: () => { width: number; height: number },
    t: Texts,
  ) {
    const button = (sign: string, label: string, act: () => void) => {
      const one = html("button", { type: "button", "aria-label": label, title: label }, sign);
      one.addEventListener("click", act);
      return one;
    };
    this.element = html(
      "span",
      { class: "zx-zoom" },
      button("−", t("drawing.zoom.out"), () => this.to(this.scale / STEP)),
      button("+", t("drawing.zoom.in"), () => this.to(this.scale * STEP)),
      button("⤢", t("drawing.zoom.fit"), () => this.fit()),
    );
    new ResizeObserver(() => {
      if (this.fitted) this.fit();
    }).observe(scroll);
  }

  /** After each painting: the new drawing is shown as large as the last one. */
  apply(): void {
    if (this.fitted) this.fit();
    else this.size();
  }

  private to(scale: number): void {
    this.fitted = false;
    this.scale = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.size();
  }

  private fit(): void {
    this.fitted = true;
    const room = this.scroll.clientWidth;
    if (room > 0) this.scale = Math.min(COMFORTABLE, Math.max(READABLE, room / this.natural().width));
    this.size();
  }

  private size(): void {
    const { width, height } = this.natural();
    const [lanes, map] = this.scroll.querySelectorAll("svg");
    for (const [picture, natural] of [
      [lanes, LANES_HEIGHT],
      [map, height],
    ] as const) {
      picture?.setAttribute("width", String(Math.floor(width * this.scale)));
      picture?.setAttribute("height", String(Math.round(natural * this.scale)));
    }
  }
}
