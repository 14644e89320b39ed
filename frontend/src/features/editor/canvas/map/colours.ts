import type { MapColours } from "./paintMap";

/** The tokens as the map's canvas needs them: a canvas does not know CSS variables. */
export function readColours(element: Element): MapColours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: token("surface"),
    border: token("line-strong"),
    line: token("line-strong"),
    text: token("text"),
    accent: token("accent"),
    selected: token("accent-soft"),
    sunken: token("sunken"),
    ok: token("ok"),
    busy: token("busy"),
    warn: token("warn"),
    bad: token("bad"),
    idle: token("idle"),
    unknown: token("unknown"),
  };
}
