/**
 * A frozen sheet as pixels, drawn by us: loading the SVG as an image would need `img-src blob:` in the page's policy.
 * Only what the sheet contains is understood: g, rect, circle, path, text and the one hatch.
 */

/** Browsers refuse larger canvases without saying so. */
const LARGEST_SIDE = 16_000;
const LARGEST_AREA = 120_000_000;

export class TooLarge extends Error {}

export async function pixels(frozen: SVGElement, scale = 2): Promise<Blob> {
  const width = number(frozen, "width");
  const height = number(frozen, "height");
  const canvas = document.createElement("canvas");
  const fitting = Math.min(
    scale,
    LARGEST_SIDE / width,
    LARGEST_SIDE / height,
    Math.sqrt(LARGEST_AREA / (width * height)),
  );
  if (fitting < 0.5) throw new TooLarge();
  canvas.width = Math.round(width * fitting);
  canvas.height = Math.round(height * fitting);
  const context = canvas.getContext("2d");
  if (!context) throw new TooLarge();
  context.scale(fitting, fitting);
  paint(frozen, context, frozen);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new TooLarge())), "image/png"),
  );
}

function paint(element: Element, context: CanvasRenderingContext2D, sheet: Element): void {
  if (["defs", "title"].includes(element.localName)) return;
  context.save();
  turn(element.getAttribute("transform"), context);
  context.globalAlpha *= Number(element.getAttribute("opacity") ?? 1);
  switch (element.localName) {
    case "rect":
    case "circle":
    case "path":
      fillAndStroke(element, outline(element), context, sheet);
      break;
    case "text":
      write(element, context);
      break;
    default:
      for (const child of element.children) paint(child, context, sheet);
  }
  context.restore();
}

function turn(transform: string | null, context: CanvasRenderingContext2D): void {
  for (const [, what, values] of (transform ?? "").matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [a = 0, b = 0] = (values ?? "").split(/[\s,]+/).map(Number);
    if (what === "translate") context.translate(a, b);
    if (what === "scale") context.scale(a, b || a);
    if (what === "rotate") context.rotate((a * Math.PI) / 180);
  }
}

function outline(element: Element): Path2D {
  if (element.localName === "path") return new Path2D(element.getAttribute("d") ?? "");
  const path = new Path2D();
  if (element.localName === "circle")
    path.arc(number(element, "cx"), number(element, "cy"), number(element, "r"), 0, 2 * Math.PI);
  else
    path.roundRect(
      number(element, "x"),
      number(element, "y"),
      number(element, "width"),
      number(element, "height"),
      number(element, "rx"),
    );
  return path;
}

function fillAndStroke(
  element: Element,
  path: Path2D,
  context: CanvasRenderingContext2D,
  sheet: Element,
): void {
  const fill = element.getAttribute("fill") ?? "black";
  if (fill.startsWith("url(")) hatch(path, context, sheet);
  else if (fill !== "none") {
    context.save();
    context.globalAlpha *= Number(element.getAttribute("fill-opacity") ?? 1);
    context.fillStyle = fill;
    context.fill(path);
    context.restore();
  }
  const stroke = element.getAttribute("stroke") ?? "none";
  if (stroke === "none") return;
  context.strokeStyle = stroke;
  context.lineWidth = number(element, "stroke-width") || 1;
  context.lineCap = (element.getAttribute("stroke-linecap") ?? "butt") as CanvasLineCap;
  context.lineJoin = (element.getAttribute("stroke-linejoin") ?? "miter") as CanvasLineJoin;
  const dashes = element.getAttribute("stroke-dasharray") ?? "";
  context.setLineDash(dashes === "" ? [] : dashes.split(/[\s,]+/).map(Number.parseFloat));
  context.stroke(path);
}

function hatch(path: Path2D, context: CanvasRenderingContext2D, sheet: Element): void {
  const [ground, stripe] = [...sheet.querySelectorAll("pattern rect")];
  context.save();
  context.clip(path);
  context.fillStyle = ground?.getAttribute("fill") ?? "white";
  context.fill(path);
  context.strokeStyle = stripe?.getAttribute("fill") ?? "black";
  context.lineWidth = 2;
  context.beginPath();
  for (let x = -200; x < 900; x += 7 * Math.SQRT2) {
    context.moveTo(x, 0);
    context.lineTo(x - 200, 200);
  }
  context.stroke();
  context.restore();
}

/** Words one after another; `tspan` carries its own look. */
function write(text: Element, context: CanvasRenderingContext2D): void {
  const anchor = text.getAttribute("text-anchor") ?? "start";
  context.textAlign = anchor === "middle" ? "center" : anchor === "end" ? "right" : "left";
  let x = number(text, "x");
  const y = number(text, "y");
  for (const piece of text.childNodes) {
    const own = piece instanceof Element ? piece : text;
    x += piece instanceof Element ? number(piece, "dx") : 0;
    context.font = ["font-weight", "font-size", "font-family"]
      .map((name) => own.getAttribute(name) ?? text.getAttribute(name) ?? "")
      .join(" ");
    context.globalAlpha = Number(own.getAttribute("fill-opacity") ?? 1) * Number(own.getAttribute("opacity") ?? 1);
    context.fillStyle = own.getAttribute("fill") ?? "black";
    context.fillText(piece.textContent ?? "", x, y);
    x += context.measureText(piece.textContent ?? "").width;
  }
}

function number(element: Element, name: string): number {
  return Number.parseFloat(element.getAttribute(name) ?? "0");
}
