import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { tryImport } from "@/api";
import type { Import, Trial } from "@/contract";

export interface Checking {
  /** The last one, for as long as the page is open; the server keeps none. */
  readonly trial: Trial | null;
  /** The answers have changed since. */
  readonly isOld: boolean;
  /** When the one that is on its way began; null while none is. */
  readonly began: string | null;
  readonly error: unknown;
  readonly start: (place: { cluster: string; namespace: string }) => void;
  readonly cancel: () => void;
}

/** Tries an import on a cluster; it outlives the step that asks for it. */
export function useTrial(found: Import): Checking {
  const running = useRef<AbortController>(undefined);
  const trying = useMutation({
    mutationFn: async (place: { cluster: string; namespace: string }) => {
      const controller = new AbortController();
      running.current = controller;
      const trial = await tryImport(found.id, place, controller.signal);
      return { trial, of: found.graph };
    },
  });
  const { data, isPending, submittedAt } = trying;
  return {
    trial: data?.trial ?? null,
    isOld: data !== undefined && data.of !== found.graph,
    began: isPending ? new Date(submittedAt).toISOString() : null,
    error: trying.error,
    start: trying.mutate,
    cancel: () => {
      running.current?.abort();
      trying.reset();
    },
  };
}
