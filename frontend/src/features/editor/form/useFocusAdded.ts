import { useRef, type RefCallback } from "react";

const INPUT = "input, textarea, [role=combobox]";

/** Puts the caret into a row that was just added: call `added` with its id, and give every row its `rowRef`. */
export function useFocusAdded<Id>(): { added: (id: Id) => void; rowRef: (id: Id) => RefCallback<HTMLElement> } {
  const wanted = useRef<{ readonly id: Id } | null>(null);
  return {
    added: (id) => {
      wanted.current = { id };
    },
    rowRef: (id) => (row) => {
      if (!row || wanted.current?.id !== id) return;
      wanted.current = null;
      (row.querySelector<HTMLElement>(INPUT) ?? row.querySelector<HTMLElement>("button"))?.focus();
    },
  };
}
