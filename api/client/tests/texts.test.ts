import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LABELS, MARKS, VERDICTS } from "../src/contract";
import { LANES } from "../src/lanes";
import { shortDate, textsOf } from "../src/texts";
import { CATALOGUE, catalogue, zh } from "./world";

const sources = readdirSync(new URL("../src/", import.meta.url))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(`../src/${name}`, import.meta.url), "utf8"))
  .join("\n");

test("every text stands in both languages, with the same holes", () => {
  const holes = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(String).sort();

  for (const [code, words] of Object.entries(CATALOGUE)) {
    expect(words.zh, code).toBeTruthy();
    expect(words.en, code).toBeTruthy();
    expect(holes(words.zh), code).toEqual(holes(words.en));
  }
});

test("no text is kept that nothing says", () => {
  const families = [
    ...VERDICTS.flatMap((one) => [`drawing.verdict.${one}`, `drawing.verdict.${one}.hint`]),
    ...MARKS.flatMap((one) => [`drawing.mark.${one}.short`, `drawing.mark.${one}.full`]),
    ...LABELS.map((one) => `drawing.kind.${one}`),
    ...LANES.map((one) => `drawing.lane.${one}`),
    ...["know", "reach"].flatMap((one) => ["", ".hint", ".empty"].map((end) => `drawing.band.${one}${end}`)),
    "drawing.export.svg",
    "drawing.export.png",
  ];
  const said = (code: string) =>
    families.includes(code) || sources.includes(`"${code.replace(/\.(one|many)$/, "")}"`);

  expect(Object.keys(CATALOGUE).filter((code) => !said(code))).toEqual([]);
});

test("no Chinese words stand in the source", () => {
  const code = sources.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");

  expect(code.match(/\p{Script=Han}+/gu) ?? []).toEqual([]);
});

test("a missing text shows its code", () => {
  expect(textsOf({}, "zh")("drawing.find")).toBe("⟦drawing.find⟧");
});

test("one and many differ where the language does", () => {
  const en = textsOf(catalogue("en"), "en");

  expect([en.count("drawing.people", 1), en.count("drawing.people", 2)]).toEqual(["1 person", "2 people"]);
});

test("dates are told in the unit's time", () => {
  expect(zh.date("2026-12-31T16:30:00.000Z")).toBe("2027年1月1日");
  expect(textsOf(catalogue("en"), "en").date("2026-03-01")).toBe("1 March 2026");
  expect(shortDate("2026-12-31T15:59:59.999Z")).toBe("2026-12-31");
  expect(zh.date("soon")).toBe("soon");
});
