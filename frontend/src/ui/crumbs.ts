import { useEffect } from "react";
import { create } from "zustand";

export interface Crumb {
  label: string;
  to?: string;
}

/** What the top bar shows; set by the current page. */
export const useCrumbTrail = create<{ crumbs: readonly Crumb[] }>(() => ({ crumbs: [] }));

/** The current location, for the top bar and the title of the browser tab. The last crumb is the page. */
export function useCrumbs(...crumbs: Crumb[]): void {
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const trail = JSON.parse(key) as Crumb[];
    useCrumbTrail.setState({ crumbs: trail });
    const labels = trail.map((crumb) => crumb.label).reverse();
    document.title = [...labels, "KubeOrch"].join(" · ");
  }, [key]);
}
