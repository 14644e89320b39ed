import type { ReactNode } from "react";

/** What the drawer shows instead of an empty list. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className="flex h-full items-center justify-center text-13 text-muted">{children}</p>;
}
