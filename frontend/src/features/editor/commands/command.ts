import type { Command } from "@/ui";

/**
 * Where the keys of a command count: everywhere in the editor except in fields, while the focus is on the canvas or
 * nowhere, or while it is on a card or a line.
 */
export type KeyArea = "editor" | "canvas" | "card";

export interface EditorCommand extends Command {
  readonly area: KeyArea;
}

export const ICON = { size: 16, "aria-hidden": true } as const;

/** The part of a row that names it. */
export function row(name: string, area: KeyArea, keys?: Command["keys"], icon?: Command["icon"]) {
  return { name, area, keys, icon, group: "Canvas" };
}
