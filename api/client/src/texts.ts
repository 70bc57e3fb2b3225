/** Words come from the server's catalogues; a code that is not in `texts.json` does not compile. */

import type catalogue from "../texts.json";

export type Code = keyof typeof catalogue;
type Values = Record<string, string | number>;

/** Codes that come as a pair: one, and more than one. */
export type CountedCode = {
  [C in Code]: C extends `${infer Stem}.one` ? Stem : never;
}[Code];

export interface Texts {
  (code: Code, values?: Values): string;
  count(stem: CountedCode, n: number, values?: Values): string;
  date(value: string): string;
  moment(value: string): string;
}

/** A missing text shows its code rather than nothing. */
export function textsOf(catalogue: Readonly<Record<string, string>>, language: string): Texts {
  const locale = language.startsWith("en") ? "en-GB" : "zh-CN";
  const say = (code: string, values: Values = {}): string =>
    (catalogue[code] ?? `⟦${code}⟧`).replace(/\{(\w+)\}/g, (hole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : hole,
    );
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "Asia/Shanghai" });
  const minute = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    hourCycle: "h23",
    timeZone: "Asia/Shanghai",
  });
  const format = (value: string, how: Intl.DateTimeFormat) => {
    const instant = new Date(value.length === 10 ? `${value}T00:00:00+08:00` : value);
    return Number.isNaN(instant.getTime()) ? value : how.format(instant);
  };
  return Object.assign(say as (code: Code, values?: Values) => string, {
    count: (stem: CountedCode, n: number, values: Values = {}) =>
      say(`${stem}.${n === 1 ? "one" : "many"}`, { n, ...values }),
    date: (value: string) => format(value, day),
    moment: (value: string) => format(value, value.length === 10 ? day : minute),
  });
}

/** A date short enough for a flag on an edge: 2026-12-31, in the unit's time. */
export function shortDate(value: string): string {
  if (value.length === 10) return value;
  const instant = new Date(value);
  if (Number.isNaN(instant.getTime())) return value;
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(instant);
}

/** Width, case and spacing folded, so that what is typed finds what is written. */
export function folded(value: string): string {
  return value.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
