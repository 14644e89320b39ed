import { useCallback, useMemo, useRef } from "react";
import { asProblem } from "@/api";

/**
 * One key for each press of a button, the same until the server has answered: neither a double click nor a lost answer
 * starts two runs.
 */
export function useIdempotencyKey() {
  const key = useRef<string | null>(null);
  const take = useCallback((): string => (key.current ??= newKey()), []);
  /** Call it with the error, if any. Without an answer the run may exist: the same key then returns that run. */
  const answered = useCallback((error?: unknown): void => {
    if (error === undefined || asProblem(error).status !== 0) key.current = null;
  }, []);
  return useMemo(() => ({ take, answered }), [take, answered]);
}

/** Unique even where the page is served without https, where `randomUUID` is missing. */
function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
