import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** Filters, sort and open detail as the URL's query: reload and share work. An empty value leaves the URL. */
export function useUrlState<K extends string>(
  names: readonly K[],
): [Record<K, string>, (changes: Partial<Record<K, string | null>>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const key = names.join(",");
  const values = useMemo(
    () => Object.fromEntries(key.split(",").map((name) => [name, parameters.get(name) ?? ""])) as Record<K, string>,
    [parameters, key],
  );
  const change = useCallback(
    (changes: Partial<Record<K, string | null>>) =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes) as [string, string | null | undefined][]) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  return [values, change];
}
