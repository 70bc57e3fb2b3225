/** What the page loads as a module: `window.zhixi.drawing.mount`, and mounting by itself on `#drawing`. */

import type { Engine } from "./layout";
import { mount as mountWith, type Mounted } from "./drawing";

declare global {
  interface Window {
    zhixi: {
      drawing: {
        mount(
          element: HTMLElement,
          data: unknown,
          texts: Readonly<Record<string, string>>,
        ): Mounted;
      };
    };
  }
}

/** Fetched once, and only by a page that draws. */
let loading: Promise<Engine> | undefined;

function engine(): Promise<Engine> {
  loading ??= import("@viz-js/viz").then(({ instance }) => instance());
  return loading;
}

function mount(
  element: HTMLElement,
  data: unknown,
  texts: Readonly<Record<string, string>>,
): Mounted {
  return mountWith(element, data, texts, engine);
}

function embedded(id: string): unknown {
  const text = document.getElementById(id)?.textContent;
  if (text == null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Below this width the page's table is the answer, and nothing is laid out. */
const WIDE = "(min-width: 900px)";

function mountEmbedded(): void {
  const element = document.getElementById("drawing");
  if (!element) return;
  const start = () => {
    mount(element, embedded("paths"), (embedded("texts") ?? {}) as Record<string, string>);
  };
  const wide = matchMedia(WIDE);
  if (wide.matches) start();
  else wide.addEventListener("change", start, { once: true });
}

window.zhixi = { ...window.zhixi, drawing: { mount } };
mountEmbedded();
