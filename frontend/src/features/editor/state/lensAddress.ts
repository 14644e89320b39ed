/** What is looked at instead of the editor, by link: a plan (`?plan=id`), or two sides compared (`?compare=v3..v5`). */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

export interface LensAddress {
  readonly plan: string | null;
  readonly compare: string | null;
  /** Another entry of the history, so that Back leads to the editor. */
  readonly open: (what: { plan: string } | { compare: string }) => void;
  readonly close: () => void;
  /** The object of the plan that is shown whole, by its `refKey`. */
  readonly object: string | null;
  readonly openObject: (key: string | null) => void;
}

export function useLensAddress(): LensAddress {
  const [parameters, setParameters] = useSearchParams();
  const plan = parameters.get("plan");
  const compare = parameters.get("compare");
  const object = parameters.get("object");
  const openObject = useCallback(
    (key: string | null) =>
      setParameters((before) => {
        const next = new URLSearchParams(before);
        if (key === null) next.delete("object");
        else next.set("object", key);
        return next;
      }),
    [setParameters],
  );
  const open = useCallback(
    (what: { plan?: string; compare?: string }) => setParameters((before) => withLens(before, what)),
    [setParameters],
  );
  const close = useCallback(() => setParameters((before) => withLens(before, {})), [setParameters]);
  return useMemo(
    () => ({ plan, compare, open, close, object, openObject }),
    [plan, compare, open, close, object, openObject],
  );
}

function withLens(before: URLSearchParams, what: { plan?: string; compare?: string }): URLSearchParams {
  const next = new URLSearchParams(before);
  next.delete("object");
  for (const name of ["plan", "compare"] as const) {
    const value = what[name];
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  return next;
}
