/** The drawing in the page: what is chosen, opened, filtered and shown, and the hands that do it. */

import { readPaths, type FactId, type Paths, type Verdict } from "./contract";
import { html } from "./elements";
import { evidenceFrom } from "./evidence";
import { Exporter } from "./exporting";
import { facesOf, type Faces } from "./faces";
import { Find, matches } from "./find";
import { open } from "./opening";
import { isSlash, isTyping } from "./keys";
import { layOut, type Engine, type Layout } from "./layout";
import { Legend } from "./legend";
import { mask } from "./mask";
import { measureIn, type Measure } from "./measure";
import { notices } from "./notices";
import { paintLanes, paintMap, type Picture } from "./paint";
import { growthOf } from "./paint_card";
import { Panel } from "./panel";
import { alongside, buildScene, CARD_LIMIT, inSight, ITEM, type Scene, type Track } from "./scene";
import { sheetOf } from "./sheet";
import { textsOf, type Texts } from "./texts";
import { topicOf } from "./topics";
import { arrow, idOf, trailAt, walk, type Arrow, type Ground, type Part } from "./walk";
import { Zoom } from "./zoom";

const ARROWS: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
/** Walking past something should not ask the server about it. */
const DWELL_MS = 180;

let drawings = 0;

export interface Mounted {
  /** Resolves when the picture stands; rejects never: what failed is said in the page. */
  readonly ready: Promise<void>;
}

export function mount(
  root: HTMLElement,
  data: unknown,
  catalogue: Readonly<Record<string, string>>,
  engine: () => Promise<Engine>,
): Mounted {
  const language = root.closest("[lang]")?.getAttribute("lang") || "zh";
  const t = textsOf(catalogue, language);
  root.classList.add("zx-drawing");
  root.replaceChildren(html("p", { class: "zx-note", role: "status" }, t("drawing.working")));
  const begin = async () => {
    const paths = readPaths(data);
    const drawing = new Drawing(root, paths, t, await engine());
    drawing.begin();
    root.dataset["drawn"] = "yes";
  };
  return {
    ready: begin().catch((error: unknown) => {
      const cause = error instanceof Error ? error.message : String(error);
      root.dataset["drawn"] = "no";
      root.replaceChildren(
        html("p", { class: "zx-error", role: "alert" }, t("drawing.failed", { cause })),
      );
    }),
  };
}

class Drawing {
  private scene!: Scene;
  private faces!: Faces;
  private layout!: Layout;
  private ground!: Ground;
  private parts: Part[] = [];
  private verdicts: ReadonlySet<Verdict> = new Set();
  private only: ReadonlySet<FactId> | null = null;
  private limit = CARD_LIMIT;
  private readonly open = new Set<string>();
  private chosen: Part | null = null;
  private told: Part | null = null;
  private trail: Track | null = null;
  private found: ReadonlySet<string> = new Set();
  private dwelling: ReturnType<typeof setTimeout> | undefined;
  private readonly measure: Measure;
  private readonly hatch = `zx-hatch-${(drawings += 1)}`;
  private readonly table: string;
  private readonly scroll = html("div", { class: "zx-scroll" });
  private readonly notices = html("div", { class: "zx-notices", role: "status" });
  private readonly panel: Panel;
  private readonly find: Find;
  private readonly zoom: Zoom;
  private height = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly paths: Paths,
    private readonly t: Texts,
    private readonly engine: Engine,
  ) {
    this.measure = measureIn(getComputedStyle(root).fontFamily || "sans-serif");
    this.table = root.dataset["table"] ?? "#table";
    this.zoom = new Zoom(this.scroll, () => ({ width: this.layout.width, height: this.height }), t);
    this.panel = new Panel(
      evidenceFrom(root.dataset["evidence"] ?? "/api/v1/evidence/", (...ask) => fetch(...ask)),
      t,
      root.dataset["whatIf"],
      {
        person: (card, person) => this.choose({ kind: "member", key: card, person }, true),
        only: (facts) => this.reduce(new Set(facts)),
        close: () => this.release(),
      },
    );
    this.find = new Find(t, {
      search: (query) => matches(query, this.scene, this.ground.sight, this.paths, this.t),
      mark: (found) => {
        this.found = new Set(found.map((part) => part.key));
        this.light();
      },
      go: (part) => this.go(part),
      leave: () => this.focusOn(this.chosen ?? this.parts[0]),
    });
  }

  begin(): void {
    const { t, paths } = this;
    this.arrange();
    const legend = new Legend(paths, t, (verdicts) => {
      this.verdicts = verdicts;
      if (this.scene.crowded) this.arrange();
      this.draw();
    });
    const exporter = new Exporter(
      this.root,
      t,
      (hidden, watermark) => this.sheet(hidden, watermark),
      paths.at.slice(0, 10),
    );
    this.root.replaceChildren(
      this.head(),
      legend.element,
      html(
        "div",
        { class: "zx-tools" },
        this.find.element,
        this.zoom.element,
        exporter.element,
        html("a", { class: "zx-to-table", href: this.table }, t("drawing.table")),
      ),
      this.notices,
      html("div", { class: "zx-stage" }, this.scroll, this.panel.element),
      html("p", { class: "zx-keys" }, t("drawing.keys")),
    );
    this.listen();
    this.draw();
  }

  /** The answer stands above the drawing once: a page that has it as its heading has said it. */
  private head(): HTMLElement {
    const { t, paths } = this;
    const said = [...document.querySelectorAll("h1")].some(
      (heading) => heading.textContent?.trim() === paths.sentence.trim(),
    );
    return html(
      "header",
      { class: "zx-head" },
      said ? null : html("p", { class: "zx-answer" }, paths.sentence),
      html("p", { class: "zx-at" }, t("drawing.at", { at: t.moment(paths.at) })),
    );
  }

  /** Lays out what is to be drawn. Filters and openings afterwards move nothing sideways. */
  private arrange(): void {
    this.scene = buildScene(this.paths, { limit: this.limit, verdicts: this.verdicts });
    this.faces = facesOf(this.scene, this.paths, this.t, this.measure);
    this.layout = layOut(this.scene, this.paths, this.faces, this.engine);
  }

  private picture(paths: Paths, scene: Scene, faces: Faces, shown: ReadonlySet<string>): Picture {
    const openings = scene.cards
      .filter((card) => shown.has(card.key))
      .map((card) => ({ key: card.key, grow: growthOf(card) }));
    const ends = (key: string) => {
      const link = scene.links.get(key);
      return { from: link?.from ?? "", to: link?.to ?? "" };
    };
    return {
      scene,
      sight: inSight(scene, this.verdicts, this.only),
      paths,
      faces,
      layout: this.layout,
      placed: open(this.layout, openings, ends, ITEM),
      open: shown,
      table: this.table,
      hatch: this.hatch,
    };
  }

  private draw(): void {
    const focused = this.focusedId();
    const picture = this.picture(this.paths, this.scene, this.faces, this.open);
    this.ground = {
      scene: this.scene,
      sight: picture.sight,
      boxes: picture.placed.boxes,
      columns: this.layout.columns,
      open: this.open,
    };
    this.parts = walk(this.ground);
    if (this.chosen && !this.byId(idOf(this.chosen))) this.chosen = null;
    if (this.told && !this.byId(idOf(this.told))) {
      this.told = null;
      this.panel.rest();
    }
    this.height = picture.placed.height;
    const map = paintMap(picture, this.parts, this.t);
    this.scroll.replaceChildren(paintLanes(this.layout, this.t), map);
    this.zoom.apply();
    this.light();
    this.notify();
    if (focused !== null) this.elementOf(focused)?.focus({ preventScroll: true });
  }

  private sheet(hidden: boolean, watermark: string): SVGSVGElement {
    const paths = hidden ? mask(this.paths, this.t) : this.paths;
    const faces = hidden ? facesOf(this.scene, paths, this.t, this.measure) : this.faces;
    const picture = this.picture(paths, this.scene, this.sized(faces), this.open);
    return sheetOf(
      { picture: { ...picture, hatch: `${this.hatch}-sheet` }, parts: this.parts, watermark, hidden },
      this.t,
      this.measure,
    );
  }

  /** Hiding names must not move anything: cards keep the size they were laid out with. */
  private sized(faces: Faces): Faces {
    for (const [key, face] of faces.people) {
      const laid = this.faces.people.get(key);
      if (laid) Object.assign(face, { width: laid.width, height: laid.height });
    }
    return faces;
  }

  private listen(): void {
    this.scroll.addEventListener("click", (event) => {
      const part = this.partAt(event.target);
      if (part) this.act(part, false);
      else if (this.chosen) this.release();
    });
    this.scroll.addEventListener("focusin", (event) => {
      const part = this.partAt(event.target);
      if (!part) return;
      this.trail = trailAt(this.ground, part, this.trail);
      clearTimeout(this.dwelling);
      this.dwelling = setTimeout(() => this.tell(part), DWELL_MS);
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => {
      if (!isSlash(event) || isTyping(event.target) || !this.root.isConnected) return;
      event.preventDefault();
      this.find.focus();
    });
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.release();
      return;
    }
    const part = this.partAt(event.target);
    if (!part) return;
    if (event.key === "Enter" || event.key === " ") {
      if (part.kind === "rest") return;
      event.preventDefault();
      this.act(part, event.key === "Enter");
    } else if (ARROWS.has(event.key)) {
      event.preventDefault();
      this.focusOn(arrow(this.ground, part, event.key as Arrow, this.trail));
    }
  }

  /** A click, Enter or the space bar. */
  private act(part: Part, intoPanel: boolean): void {
    if (part.kind === "rest") return;
    if (part.kind === "toggle") {
      if (!this.open.delete(part.key)) this.open.add(part.key);
      this.draw();
    } else this.choose(part, intoPanel);
  }

  private choose(part: Part, intoPanel: boolean): void {
    clearTimeout(this.dwelling);
    this.chosen = part;
    this.tell(part);
    this.light();
    if (intoPanel) this.panel.focus();
  }

  private tell(part: Part): void {
    this.told = part;
    const topic = topicOf(part, this.scene, this.paths, this.t);
    if (topic) this.panel.show(topic, this.paths);
  }

  /** Esc and the empty ground: back to the whole, and to where one was. */
  private release(): void {
    clearTimeout(this.dwelling);
    const back = this.chosen;
    const inPanel = this.panel.element.contains(document.activeElement);
    this.chosen = null;
    this.told = null;
    if (!back && this.only) this.reduce(null);
    this.light();
    this.panel.rest();
    if (inPanel) this.focusOn(back ?? this.parts[0]);
  }

  private reduce(only: ReadonlySet<FactId> | null): void {
    this.only = only;
    this.draw();
  }

  private go(part: Part): void {
    if (part.kind === "member" && !this.open.has(part.key)) {
      this.open.add(part.key);
      this.draw();
    }
    const there = this.elementOf(idOf(part));
    this.focusOn(there ? part : { kind: "card", key: part.key });
    this.choose(part, false);
  }

  private focusOn(part: Part | null | undefined): void {
    if (!part) return;
    const element = this.elementOf(idOf(part));
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** What lies on the chosen routes is lit, the rest stands back. */
  private light(): void {
    const lit = this.chosen ? alongside(this.scene, this.chosen.key) : null;
    const chosen = this.chosen ? idOf(this.chosen) : null;
    for (const element of this.scroll.querySelectorAll<SVGElement>("[data-part]")) {
      const id = element.dataset["part"] ?? "";
      const part = this.byId(id);
      const frame = element.closest(".zx-person") ?? element;
      frame.classList.toggle("zx-faint", lit !== null && part !== null && !lit.has(part.key));
      element.classList.toggle("zx-chosen", id === chosen);
      element.classList.toggle("zx-found", part !== null && this.found.has(part.key) && part.kind !== "mark");
    }
  }

  private notify(): void {
    const state = { complete: this.paths.complete, scene: this.scene, reduced: this.only !== null };
    const ways = {
      table: this.table,
      more: this.root.dataset["more"],
      drawMore: () => {
        this.limit += CARD_LIMIT;
        this.arrange();
        this.draw();
      },
      drawWhole: () => this.reduce(null),
    };
    const rows = notices(state, ways, this.t);
    const words = rows.map((row) => row.textContent).join("");
    // The same words again would be read out again.
    if (words !== this.notices.textContent) this.notices.replaceChildren(...rows);
  }

  private partAt(target: EventTarget | null): Part | null {
    if (!(target instanceof Element)) return null;
    const element = target.closest<SVGElement>("[data-part]");
    return element && this.scroll.contains(element) ? this.byId(element.dataset["part"] ?? "") : null;
  }

  private byId(id: string): Part | null {
    return this.parts.find((part) => idOf(part) === id) ?? null;
  }

  private elementOf(id: string): SVGElement | null {
    return this.scroll.querySelector<SVGElement>(`.zx-parts [data-part="${CSS.escape(id)}"]`);
  }

  private focusedId(): string | null {
    const active = document.activeElement;
    return active instanceof SVGElement && this.scroll.contains(active)
      ? (active.dataset["part"] ?? null)
      : null;
  }
}
