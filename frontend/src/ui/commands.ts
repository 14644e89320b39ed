import type { ReactNode } from "react";
import { useEffect } from "react";
import { create } from "zustand";

/** Something the palette can do. Pages offer their own while they stand. */
export interface Command {
  id: string;
  label: string;
  group: string;
  icon?: ReactNode;
  /** Words it is also found by. */
  keywords?: string;
  shortcut?: string;
  run: () => void;
}

export const useCommandList = create<{ offered: ReadonlyMap<string, readonly Command[]> }>(() => ({
  offered: new Map(),
}));
let lastOwner = 0;

/** Offer commands while the component stands. Memoize `commands`, or the list is rewritten at each render. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const owner = String(++lastOwner);
    useCommandList.setState(({ offered }) => ({ offered: new Map(offered).set(owner, commands) }));
    return () =>
      useCommandList.setState(({ offered }) => {
        const left = new Map(offered);
        left.delete(owner);
        return { offered: left };
      });
  }, [commands]);
}
