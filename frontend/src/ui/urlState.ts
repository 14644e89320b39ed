import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";

/** The query that was set but not rendered yet. Without it, a second change in the same tick would undo the first. */
let asked: URLSearchParams | null = null;

/** Filters, sort and open detail as the URL's query: reload and share work. An empty value leaves the URL. */
export function useUrlState<K extends string>(
  names: readonly K[],
): [Record<K, string>, (changes: Partial<Record<K, string | null>>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const key = names.join(",");
  useEffect(() => {
    asked = null;
  }, [parameters]);
  const values = useMemo(
    () => Object.fromEntries(key.split(",").map((name) => [name, parameters.get(name) ?? ""])) as Record<K, string>,
    [parameters, key],
  );
  const change = useCallback(
    (changes: Partial<Record<K, string | null>>) =>
      setParameters(
        (drawn) => {
          const next = new URLSearchParams(asked ?? drawn);
          for (const [name, value] of Object.entries(changes) as [string, string | null | undefined][]) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          asked = next;
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  return [values, change];
}

const PAUSE_MS = 200;

/** What is typed into the search of a list, and how to type: `search` gets it once the person pauses. */
export function useTypedSearch(searched: string, search: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(searched);
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  useEffect(() => {
    if (typed === searched) return;
    const timer = window.setTimeout(() => latest.current(typed), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed, searched]);
  return [typed, setTyped];
}
