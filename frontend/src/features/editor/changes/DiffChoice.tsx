import { useState } from "react";
import { readStored, Segmented, writeStored } from "@/ui";
import type { DiffMode } from "./FieldDiff";

const STORED_MODE = "editor.diff";

/** How this person looks at changes, remembered in the browser. */
export function useDiffMode(): [DiffMode, (mode: DiffMode) => void] {
  const [mode, setMode] = useState<DiffMode>(readStored(STORED_MODE) === "split" ? "split" : "unified");
  return [
    mode,
    (next) => {
      writeStored(STORED_MODE, next);
      setMode(next);
    },
  ];
}

export function DiffChoice({ mode, onChange }: { mode: DiffMode; onChange: (mode: DiffMode) => void }) {
  return (
    <Segmented
      label="How changes are shown"
      value={mode}
      onChange={onChange}
      options={[
        { value: "unified", label: "Unified" },
        { value: "split", label: "Side by side" },
      ]}
    />
  );
}
