/** The evidence beside the drawing. It always says something: what it is about, what it waits for, or what failed. */

import { MARKS, type FactId, type Paths } from "./contract";
import { html } from "./elements";
import { EvidenceError, type Evidence, type EvidenceSource } from "./evidence";
import { speakFact } from "./spoken";
import type { Code, Texts } from "./texts";
import type { Section, Topic } from "./topics";
import { SIGNS } from "./verdicts";

/** More facts than this are fetched only when asked for. */
const AT_ONCE = 8;

export interface PanelHands {
  person(card: string, person: string): void;
  only(facts: FactId[]): void;
  close(): void;
}

export class Panel {
  readonly element: HTMLElement;
  private readonly body: HTMLElement;
  private readonly title: HTMLHeadingElement;

  constructor(
    private readonly source: EvidenceSource,
    private readonly t: Texts,
    private readonly whatIf: string | undefined,
    private readonly hands: PanelHands,
  ) {
    this.title = html("h3", { class: "zx-panel-title", tabindex: -1 }, t("drawing.evidence.title"));
    this.body = html("div", { class: "zx-panel-body" });
    this.element = html(
      "aside",
      { class: "zx-panel", "aria-label": t("drawing.evidence.title") },
      this.title,
      this.body,
    );
    this.rest();
  }

  rest(): void {
    this.title.textContent = this.t("drawing.evidence.title");
    const { t } = this;
    this.body.replaceChildren(
      html("p", { class: "zx-note" }, t("drawing.evidence.hint")),
      html(
        "section",
        { class: "zx-section zx-mark-key" },
        html("h4", {}, t("drawing.evidence.key")),
        html(
          "dl",
          {},
          ...MARKS.flatMap((mark) => [
            html("dt", {}, t(`drawing.mark.${mark}.short`)),
            html("dd", {}, t(`drawing.mark.${mark}.full`)),
          ]),
        ),
        html("p", { class: "zx-note" }, t("drawing.evidence.key.signs")),
      ),
    );
  }

  focus(): void {
    this.title.focus();
  }

  show(topic: Topic, paths: Paths): void {
    const { t } = this;
    this.title.replaceChildren(topic.title);
    const verdict =
      topic.verdict &&
      html(
        "p",
        { class: `zx-panel-verdict zx-v-${topic.verdict}` },
        `${SIGNS[topic.verdict]} ${t(`drawing.verdict.${topic.verdict}`)}`,
        html("span", {}, t(`drawing.verdict.${topic.verdict}.hint`)),
      );
    this.body.replaceChildren(
      ...[verdict].filter((part) => part !== null),
      ...topic.sections.map((section) => this.section(section, topic, paths)),
      this.actions(topic),
    );
    this.body.scrollTop = 0;
  }

  private section(section: Section, topic: Topic, paths: Paths): HTMLElement {
    const element = html("section", { class: "zx-section" });
    if (section.heading !== "") element.append(html("h4", {}, section.heading));
    if (section.rules && section.rules.length > 0)
      element.append(
        html("p", { class: "zx-rules" }, ...section.rules.map((rule) => html("code", {}, rule))),
      );
    if (section.note !== undefined) element.append(html("p", { class: "zx-note" }, section.note));
    if (section.people) element.append(this.people(section.people));
    this.facts(element, section.facts, topic.single, paths);
    return element;
  }

  private people(people: NonNullable<Section["people"]>): HTMLElement {
    return html(
      "ul",
      { class: "zx-people" },
      ...people.map(({ card, person, name, aside }) => {
        const button = html("button", { type: "button" }, name, aside && html("b", {}, aside));
        button.addEventListener("click", () => this.hands.person(card, person));
        return html("li", {}, button);
      }),
    );
  }

  private facts(into: HTMLElement, facts: FactId[], single: boolean, paths: Paths): void {
    for (const fact of facts.slice(0, AT_ONCE)) into.append(this.fact(fact, single, paths));
    const later = facts.slice(AT_ONCE);
    if (later.length === 0) return;
    const more = html(
      "button",
      { type: "button", class: "zx-plain" },
      this.t.count("drawing.evidence.more", later.length),
    );
    more.addEventListener("click", () => {
      more.remove();
      this.facts(into, later, single, paths);
    });
    into.append(more);
  }

  private fact(fact: FactId, single: boolean, paths: Paths): HTMLElement {
    const element = html("article", { class: "zx-fact", "aria-busy": "true" });
    const load = () => {
      element.replaceChildren(
        html("p", { class: "zx-sentence" }, speakFact(fact, paths, this.t)),
        html("p", { class: "zx-note" }, this.t("drawing.evidence.loading")),
      );
      this.source(fact)
        .then((evidence) => element.replaceChildren(...this.told(evidence, fact, single)))
        .catch((error: unknown) => element.replaceChildren(...this.failed(error, fact, paths, load)))
        .finally(() => element.removeAttribute("aria-busy"));
    };
    load();
    return element;
  }

  private told(evidence: Evidence, fact: FactId, single: boolean): Node[] {
    const { t } = this;
    const rows: [Code, string | null][] = [
      ["drawing.evidence.since", evidence.since && t.date(evidence.since)],
      ["drawing.evidence.until", evidence.until ? t.date(evidence.until) : t("drawing.evidence.no_end")],
      ["drawing.evidence.occurred_at", evidence.occurred_at && t.moment(evidence.occurred_at)],
      ["drawing.evidence.recorded_at", evidence.recorded_at && t.moment(evidence.recorded_at)],
      ["drawing.evidence.register", entryOf(evidence, t)],
      ["drawing.evidence.actor", evidence.actor],
      ["drawing.evidence.decided_by", evidence.decided_by],
      ["drawing.evidence.proof", evidence.proof],
      ["drawing.evidence.ended_by", evidence.ended_by],
    ];
    const list = html(
      "dl",
      {},
      ...rows.flatMap(([code, value]) => [
        html("dt", {}, t(code)),
        value
          ? html("dd", {}, value)
          : html("dd", { class: "zx-missing" }, t("drawing.evidence.missing")),
      ]),
    );
    const rules = html(
      "ul",
      { class: "zx-rule-list" },
      ...evidence.rules.map((rule) => html("li", {}, html("code", {}, rule.id), ` ${rule.brief}`)),
    );
    const details = html(
      "details",
      { open: single },
      html("summary", {}, t("drawing.evidence.details")),
      list,
      evidence.rules.length > 0 ? rules : null,
      this.whatIf !== undefined &&
        html(
          "a",
          { class: "zx-what-if", href: `${this.whatIf}${encodeURIComponent(fact)}` },
          t("drawing.evidence.what_if"),
        ),
    );
    return [html("p", { class: "zx-sentence" }, evidence.sentence), details];
  }

  private failed(error: unknown, fact: FactId, paths: Paths, again: () => void): Node[] {
    const retry = html("button", { type: "button" }, this.t("drawing.evidence.retry"));
    retry.addEventListener("click", again);
    return [
      html("p", { class: "zx-sentence" }, speakFact(fact, paths, this.t)),
      html("p", { class: "zx-error", role: "alert" }, this.cause(error)),
      retry,
    ];
  }

  private cause(error: unknown): string {
    const { t } = this;
    if (!(error instanceof EvidenceError)) return t("drawing.evidence.malformed");
    const { failure } = error;
    switch (failure.kind) {
      case "unreachable":
        return t("drawing.evidence.unreachable");
      case "malformed":
        return t("drawing.evidence.malformed");
      case "refused":
        return t("drawing.evidence.refused", { status: failure.status, detail: failure.detail });
    }
  }

  private actions(topic: Topic): HTMLElement {
    const row = html("p", { class: "zx-actions" });
    if (topic.only.length > 0) {
      const only = html("button", { type: "button" }, this.t("drawing.only"));
      only.addEventListener("click", () => this.hands.only(topic.only));
      row.append(only);
    }
    const close = html("button", { type: "button", class: "zx-plain" }, this.t("drawing.evidence.close"));
    close.addEventListener("click", () => this.hands.close());
    row.append(close);
    return row;
  }
}

function entryOf(evidence: Evidence, t: Texts): string | null {
  if (evidence.register === null) return evidence.number;
  if (evidence.number === null) return evidence.register;
  return t("drawing.evidence.entry", { register: evidence.register, number: evidence.number });
}
