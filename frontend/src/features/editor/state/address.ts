/** The address of the editor carries the environment and the selected node, so that a link opens the same view. */
import { useEffect, useRef, useState } from "react";
import { useUrlState } from "@/ui";
import { useView } from "./session";

export interface Linked {
  readonly environment: string | null;
  readonly node: string | null;
}

/** What the address said when the editor was opened. */
export function useLinked(): Linked {
  const [url] = useUrlState(["environment", "node"]);
  const [linked] = useState(() => ({ environment: url.environment || null, node: url.node || null }));
  return linked;
}

/** Writes each change of the selected node and of the environment into the address. */
export function useRememberInUrl(): void {
  const [, change] = useUrlState(["environment", "node"]);
  const node = useView((state) =>
    state.selectedNodes.length === 1 && state.selectedEdges.length === 0 ? (state.selectedNodes[0] ?? "") : "",
  );
  const environment = useView((state) => state.environmentId ?? "");
  const written = useRef({ node, environment });
  useEffect(() => {
    const before = written.current;
    if (before.node === node && before.environment === environment) return;
    written.current = { node, environment };
    change({
      ...(before.node === node ? {} : { node }),
      ...(before.environment === environment ? {} : { environment }),
    });
  }, [node, environment, change]);
}
