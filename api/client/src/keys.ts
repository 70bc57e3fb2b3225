/** By its key code as well: with a Chinese input method on, the key arrives as 、 or as Process. */
export function isSlash(event: KeyboardEvent): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  return event.key === "/" || (event.code === "Slash" && ["、", "Process"].includes(event.key));
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}
