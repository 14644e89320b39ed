import type { KeyboardEvent } from "react";
import type { Focus } from "../state/focus";

/**
 * Tab goes through the cards, then the titles of frames, then the lines, then to the toolbar. In the page the lines
 * stand before the cards, so that cards lie over them; they are left out of its own order.
 */
export function moveByTab(event: KeyboardEvent<HTMLElement>, focus: Focus): void {
  if (event.key !== "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
  const of = (what: string): Element[] => [...event.currentTarget.querySelectorAll(`.react-flow__${what}`)];
  const titles = event.currentTarget.querySelectorAll("[data-frame] > button");
  const order = [...of("node"), ...titles, ...of("edge")];
  const at = order.findIndex((element) => element === event.target);
  if (at < 0) return;
  const next = order[at + (event.shiftKey ? -1 : 1)];
  if (next instanceof HTMLElement || next instanceof SVGElement) {
    event.preventDefault();
    next.focus();
  } else if (!event.shiftKey && focus.give("toolbar")) event.preventDefault();
}
