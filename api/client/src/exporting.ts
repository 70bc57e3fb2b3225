/**
 * Leaving the screen. The drawing never saves a file itself: it hands the picture to the page as `zhixi:export`,
 * which records the export first. A page that does not take it is told so, and nothing leaves.
 */

import { pixels } from "./canvas";
import { html } from "./elements";
import { freeze, serialised } from "./sheet";
import type { Texts } from "./texts";

export type Format = "svg" | "png";

export interface ExportDetail {
  format: Format;
  blob: Blob;
  filename: string;
  names_hidden: boolean;
  /** The same picture with these words burnt in: record first, then render with the entry's reference. */
  render(watermark: string): Promise<Blob>;
}

/** Draws the sheet with these words across it. */
export interface SheetMaker {
  (hidden: boolean, watermark: string): SVGSVGElement;
}

export class Exporter {
  readonly element: HTMLElement;
  private readonly said: HTMLElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly t: Texts,
    private readonly sheet: SheetMaker,
    private readonly day: string,
  ) {
    this.said = html("span", { class: "zx-export-said", role: "status" });
    const buttons = (["svg", "png"] as const).map((format) => {
      const button = html("button", { type: "button" }, t(`drawing.export.${format}`));
      button.addEventListener("click", () => this.ask(format));
      return button;
    });
    this.element = html("span", { class: "zx-export" }, ...buttons, this.said);
  }

  private ask(format: Format): void {
    const { t } = this;
    const hide = html("input", { type: "checkbox", checked: true });
    const dialog = html(
      "dialog",
      { class: "zx-dialog", "aria-label": t(`drawing.export.${format}`) },
      html(
        "form",
        { method: "dialog" },
        html("h3", {}, t(`drawing.export.${format}`)),
        html("p", {}, t("drawing.export.recorded")),
        html("label", {}, hide, t("drawing.export.hide")),
        html(
          "p",
          { class: "zx-actions" },
          html("button", { value: "go", class: "zx-primary" }, t("drawing.export.go")),
          html("button", { value: "" }, t("drawing.export.cancel")),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "go") void this.hand(format, hide.checked);
    });
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.root.append(dialog);
    dialog.showModal();
  }

  private async hand(format: Format, hidden: boolean): Promise<void> {
    const render = (watermark: string) => this.render(format, hidden, watermark);
    try {
      const detail: ExportDetail = {
        format,
        blob: await render(this.root.dataset["watermark"] ?? ""),
        filename: `zhixi-${this.day}.${format}`,
        names_hidden: hidden,
        render,
      };
      const event = new CustomEvent("zhixi:export", { detail, bubbles: true, cancelable: true });
      const taken = !this.root.dispatchEvent(event);
      this.said.textContent = this.t(taken ? "drawing.export.handed" : "drawing.export.unrecorded");
    } catch {
      this.said.textContent = this.t("drawing.export.failed");
    }
  }

  private async render(format: Format, hidden: boolean, watermark: string): Promise<Blob> {
    const stage = html("div", { class: "zx-offstage", "aria-hidden": "true", inert: true });
    stage.append(this.sheet(hidden, watermark));
    this.root.append(stage);
    try {
      const live = stage.firstElementChild as SVGSVGElement;
      const frozen = freeze(live);
      return format === "svg" ? serialised(frozen) : await pixels(frozen);
    } finally {
      stage.remove();
    }
  }
}
