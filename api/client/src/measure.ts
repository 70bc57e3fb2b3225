/** How wide a text will be, in the font of the page. */

export interface Font {
  size: number;
  weight: number;
}

export interface Measure {
  (text: string, font: Font): number;
}

/** Without a canvas (in tests): a Chinese character is as wide as it is high, a Latin one a little over half. */
export function estimate(text: string, font: Font): number {
  let ems = 0;
  for (const char of text) ems += (char.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.56;
  return ems * font.size;
}

export function measureIn(family: string): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return estimate;
  const seen = new Map<string, number>();
  return (text, font) => {
    const css = `${font.weight} ${font.size}px ${family}`;
    const key = `${css}\n${text}`;
    let width = seen.get(key);
    if (width === undefined) {
      context.font = css;
      width = context.measureText(text).width;
      seen.set(key, width);
    }
    return width;
  };
}

export function fit(text: string, width: number, font: Font, measure: Measure): string {
  if (measure(text, font) <= width) return text;
  const chars = [...text];
  let low = 0;
  let high = chars.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${chars.slice(0, middle).join("")}…`, font) <= width) low = middle;
    else high = middle - 1;
  }
  return `${chars.slice(0, low).join("").trimEnd()}…`;
}

/** At most two lines; Latin words are kept whole where they can be. */
export function wrap(text: string, width: number, font: Font, measure: Measure): string[] {
  if (measure(text, font) <= width) return [text];
  const parts = text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/gu) ?? [text];
  let first = "";
  while (parts.length > 0 && measure((first + parts[0]).trimEnd(), font) <= width)
    first += parts.shift() ?? "";
  if (first === "") return [fit(text, width, font, measure)];
  return [first.trimEnd(), fit(parts.join(""), width, font, measure)];
}
