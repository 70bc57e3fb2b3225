// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";

const SCRIPT = readFileSync("../assets/export.js", "utf8");
const ENTRY = { ref: "e-abc", recorded_at: "2026-03-02T09:30:00.000+08:00" };

let drawing: HTMLElement;
let asked: { url: string; init: RequestInit }[];
let saved: string[];

function answering(status: number, body: unknown): void {
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

beforeEach(() => {
  asked = [];
  saved = [];
  document.body.innerHTML =
    '<div id="drawing" data-exports="/api/v1/acts/record-export" data-document="D2" data-csrf="token"' +
    ' data-watermark="陈静" data-said-done="已登记：%" data-said-wrong="未能登记。"></div>';
  drawing = document.getElementById("drawing")!;
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  new Function(SCRIPT)();
});

function sent(render: (watermark: string) => Promise<Blob>): boolean {
  const detail = { format: "png", filename: "zhixi-2026-03-02.png", names_hidden: true, blob: new Blob(), render };
  return drawing.dispatchEvent(
    new CustomEvent("zhixi:export", { detail, bubbles: true, cancelable: true }),
  );
}

const said = () => document.querySelector(".exported")?.textContent;

test("an export is taken, entered, watermarked with the entry and saved", async () => {
  answering(201, ENTRY);
  const watermarks: string[] = [];

  const untaken = sent((watermark) => {
    expect(asked).toHaveLength(1);
    watermarks.push(watermark);
    return Promise.resolve(new Blob());
  });

  expect(untaken).toBe(false);
  await vi.waitFor(() => expect(said()).toBe("已登记：e-abc"));
  expect(asked[0]!.url).toBe("/api/v1/acts/record-export");
  expect(JSON.parse(asked[0]!.init.body as string)).toEqual({ document: "D2", format: "png", names_hidden: true });
  expect((asked[0]!.init.headers as Record<string, string>)["X-Zhixi-CSRF"]).toBe("token");
  expect(watermarks).toEqual(["陈静  2026-03-02 09:30  e-abc"]);
  expect(saved).toEqual(["zhixi-2026-03-02.png"]);
});

test("what is not entered does not leave", async () => {
  answering(403, { title: "不予办理", reasons: [{ text: { zh: "须由保密员办理", en: "" } }] });
  const render = vi.fn(() => Promise.resolve(new Blob()));

  sent(render);

  await vi.waitFor(() => expect(said()).toBe("未能登记。 须由保密员办理"));
  expect(render).not.toHaveBeenCalled();
  expect(saved).toEqual([]);
});

test("a service that is away says so, and nothing leaves", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));

  sent(() => Promise.resolve(new Blob()));

  await vi.waitFor(() => expect(said()).toContain("未能登记。"));
  expect(saved).toEqual([]);
});
