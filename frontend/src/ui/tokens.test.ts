import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const css = readFileSync(fileURLToPath(new URL("./tokens.css", import.meta.url)), "utf8");
const colours = (block: string | undefined): Record<string, string> =>
  Object.fromEntries([...(block ?? "").matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]));
const [light, dark] = css.split(':root[data-theme="dark"]').map(colours);
const THEMES = { light: light ?? {}, dark: { ...light, ...dark } };

const GROUNDS = ["bg", "surface", "raised", "sunken"];
const STATUSES = ["ok", "busy", "warn", "bad", "idle", "unknown"];
const KINDS = ["other", "workloads", "build", "network", "config", "storage", "scaling", "access"].map(
  (kind) => `kind-${kind}`,
);

/** What stands on what, and the contrast that WCAG 2.2 AA wants of it. */
const PAIRS: readonly (readonly [fronts: readonly string[], grounds: readonly string[], least: number])[] = [
  [["text", "muted", "faint"], [...GROUNDS, "hover"], 4.5],
  [["text", "muted"], ["active", "accent-soft"], 4.5],
  [[...STATUSES, "accent-text"], GROUNDS, 4.5],
  [KINDS, ["surface"], 4.5],
  [["on-accent"], ["accent", "accent-hover"], 4.5],
  [["on-bad"], ["bad"], 4.5],
  [["accent-text"], ["accent-soft"], 4.5],
  [["term-text", "term-muted", "term-warn", "term-bad", "term-name"], ["term-bg", "term-hover"], 4.5],
  [["field", "accent"], GROUNDS, 3],
];

describe.each(Object.entries(THEMES))("in the %s theme", (_theme, colour) => {
  it.each(STATUSES)("%s can be read on its own tint", (status) => {
    expect(contrast(colour[status], colour[`${status}-soft`])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(PAIRS.flatMap(([fronts, grounds, least]) => fronts.flatMap((one) => grounds.map((on) => [one, on, least]))))(
    "%s stands out from %s by %d",
    (front, ground, least) => {
      expect(contrast(colour[front as string], colour[ground as string])).toBeGreaterThanOrEqual(least as number);
    },
  );
});

function contrast(one: string | undefined, other: string | undefined): number {
  if (!one || !other) throw new Error("no such token");
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
