// @vitest-environment happy-dom
import { instance } from "@viz-js/viz";
import { beforeEach, expect, test, vi } from "vitest";
import { mount } from "../src/drawing";
import { bulletin, catalogue, type World } from "./world";

let root: HTMLElement;

beforeEach(() => {
  document.body.replaceChildren();
  root = document.createElement("div");
  document.body.append(root);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
});

async function drawn(world: World): Promise<void> {
  await mount(root, world.paths(), catalogue("zh"), instance).ready;
}

const part = (id: string) => root.querySelector<SVGElement>(`.zx-parts [data-part="${id}"]`);
const press = (on: Element, key: string) =>
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

test("every part has a role, a name and a place in the order of Tab", async () => {
  await drawn(bulletin());

  const parts = [...root.querySelectorAll(".zx-parts [data-part]")];
  expect(parts.length).toBeGreaterThan(20);
  for (const element of parts) {
    expect(element.getAttribute("role"), element.outerHTML).toBe("button");
    expect(element.getAttribute("aria-label")).toBeTruthy();
    expect(element.getAttribute("tabindex")).toBe("0");
  }
});

test("no inline style is written: the page's policy would refuse it", async () => {
  await drawn(bulletin());

  expect(root.querySelectorAll("[style]").length).toBe(0);
});

test("who is stopped has a barrier, and a word beside the colour", async () => {
  await drawn(bulletin());

  expect(root.querySelectorAll(".zx-barrier")).toHaveLength(1);
  expect(root.querySelector(".zx-person.zx-v-blocked .zx-tag")?.textContent).toBe("✗ 被拦");
});

test("the legend filters", async () => {
  await drawn(bulletin());

  root.querySelector<HTMLElement>(".zx-filter.zx-v-reach_only")!.click();

  expect(root.querySelectorAll(".zx-person")).toHaveLength(2);
  expect(root.querySelector(".zx-filter.zx-v-reach_only")?.getAttribute("aria-pressed")).toBe("true");
});

test("a card opens in place", async () => {
  await drawn(bulletin());

  press(part("toggle know:liuyang")!, "Enter");

  expect(root.querySelectorAll(".zx-row")).toHaveLength(3);
  expect(part("toggle know:liuyang")?.getAttribute("aria-expanded")).toBe("true");
});

test("Enter opens the evidence, and a failure says so", async () => {
  await drawn(bulletin());

  press(part("card know:zhaomin")!, "Enter");

  expect(root.querySelector(".zx-panel-title")?.textContent).toBe("赵敏");
  await vi.waitFor(() => expect(root.querySelector(".zx-fact .zx-error")?.textContent).toContain("连不上服务"));
  expect(root.querySelector(".zx-fact .zx-sentence")?.textContent).toBe("赵敏 GRANTED_READ 乙号通报");
});

test("a mark that nothing makes hold names its rules", async () => {
  await drawn(bulletin());

  part("mark level reach:hanxue")!.dispatchEvent(new MouseEvent("click", { bubbles: true }));

  expect(root.querySelector(".zx-panel-body")?.textContent).toContain("登记簿中没有");
  expect(root.querySelector(".zx-rules")?.textContent).toContain("S01-8a");
});

test("who is stopped is not counted among those who pass", async () => {
  await drawn(bulletin());

  part("stop know:section")!.dispatchEvent(new MouseEvent("click", { bubbles: true }));

  expect(root.querySelector(".zx-section .zx-note")?.textContent).toBe("3人经此，另2人被拦在卡上");
});

test("Esc closes", async () => {
  await drawn(bulletin());
  press(part("card know:zhaomin")!, "Enter");

  press(root.querySelector(".zx-panel-title")!, "Escape");

  expect(root.querySelector(".zx-panel-title")?.textContent).toBe("依据");
});

test("the slash goes to the find box, with a Chinese input method on, too", async () => {
  await drawn(bulletin());

  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Process", code: "Slash", cancelable: true }));

  expect(document.activeElement?.className).toBe("zx-find-input");
});

test("what does not hold together is said with its field, and nothing is drawn", async () => {
  const { people, ...rest } = bulletin().paths();

  await mount(root, rest, catalogue("zh"), instance).ready;

  expect(people.length).toBe(9);
  expect(root.querySelector("[role=alert]")?.textContent).toContain("people: a list");
  expect(root.dataset["drawn"]).toBe("no");
});

test("a layout engine that does not start is said, too", async () => {
  await mount(root, bulletin().paths(), catalogue("zh"), () => Promise.reject(new Error("no wasm"))).ready;

  expect(root.querySelector("[role=alert]")?.textContent).toContain("no wasm");
});

test("an answer cut short says so and leads on", async () => {
  const world = bulletin();
  world.complete = false;
  root.dataset["more"] = "/paths/D2?cursor=x";

  await drawn(world);

  expect(root.querySelector<HTMLAnchorElement>(".zx-notice a")?.getAttribute("href")).toBe("/paths/D2?cursor=x");
});

test("nobody at all is an answer: both bands say so", async () => {
  const world = bulletin();
  world.people.length = 0;

  await drawn(world);

  expect(root.querySelectorAll(".zx-band-empty")).toHaveLength(2);
  expect(part("stop item")).not.toBeNull();
  expect(root.querySelector(".zx-answer")?.textContent).toContain("乙号通报");
});

test("a band emptied by the filter does not claim that nobody is there", async () => {
  await drawn(bulletin());

  root.querySelector<HTMLElement>(".zx-filter.zx-v-know")!.click();

  expect(root.querySelector(".zx-band-reach .zx-band-empty")?.textContent).toBe("这一带有3人，没有画出。");
});

test("the answer is not said twice where the page has it as its heading", async () => {
  const heading = document.createElement("h1");
  heading.textContent = bulletin().paths().sentence;
  document.body.prepend(heading);

  await drawn(bulletin());

  expect(root.querySelector(".zx-answer")).toBeNull();
});

test("an answer cut short says so and names the way on", async () => {
  root.dataset["more"] = "/documents/D2?cursor=p99";
  const paths = bulletin().paths();

  await mount(root, { ...paths, complete: false }, catalogue("zh"), instance).ready;

  const on = root.querySelector<HTMLAnchorElement>(".zx-notice a");
  expect(root.querySelector(".zx-notice")?.textContent).toContain("答复未完");
  expect(on?.getAttribute("href")).toBe("/documents/D2?cursor=p99");
});

test("an export asks first, names hidden unless asked otherwise", async () => {
  await drawn(bulletin());
  HTMLDialogElement.prototype.showModal ??= () => undefined;

  root.querySelector<HTMLElement>(".zx-export button")!.click();

  const hide = root.querySelector<HTMLInputElement>(".zx-dialog input[type=checkbox]");
  expect(hide?.checked).toBe(true);
});
