import { useEffect } from "react";
import { create } from "zustand";

export interface Crumb {
  label: string;
  to?: string;
}

/** What the top bar shows; set by the current page. */
export const useCrumbTrail = create<{ crumbs: readonly Crumb[] }>(() => ({ crumbs: [] }));

/** The title of the browser tab: a mark for what a glance should tell, then where the person is. */
const tab = { place: "KubeOrch", mark: "", news: "" };

function name(part: keyof typeof tab, text: string): void {
  tab[part] = text;
  document.title = [tab.news || tab.mark, tab.place].filter(Boolean).join(" ");
}

/** The current location, for the top bar and the title of the browser tab. The last crumb is the page. */
export function useCrumbs(...crumbs: Crumb[]): void {
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const trail = JSON.parse(key) as Crumb[];
    useCrumbTrail.setState({ crumbs: trail });
    const labels = trail.map((crumb) => crumb.label).reverse();
    name("place", [...labels, "KubeOrch"].join(" · "));
  }, [key]);
}

/** A sign before the title of the browser tab for as long as the page shows it: "✕" while something fails. */
export function useTabMark(mark: string): void {
  useEffect(() => {
    name("mark", mark);
    return () => name("mark", "");
  }, [mark]);
}

/** A sign before the title of a tab in the background, until somebody looks at it. */
export function markTabInBackground(mark: string): void {
  if (document.visibilityState === "visible") return;
  name("news", mark);
  const seen = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", seen);
    name("news", "");
  };
  document.addEventListener("visibilitychange", seen);
}
