import { useState } from "react";
import type { BuildEngine } from "@/contract";
import { Segmented } from "@/ui";
import { ClusterEngineDialog } from "./ClusterEngineDialog";
import { EngineDialog } from "./EngineDialog";

const WAYS = [
  { value: "cluster", label: "In a cluster" },
  { value: "address", label: "By address" },
] as const;

/** Adds an engine: in a cluster, or one that runs elsewhere. */
export function NewEngine({ onClose, onSaved }: { onClose: () => void; onSaved: (engine: BuildEngine) => void }) {
  const [way, setWay] = useState<"cluster" | "address">("cluster");
  const Way = way === "cluster" ? ClusterEngineDialog : EngineDialog;
  return (
    <Way
      way={
        <div>
          <Segmented label="Where it is" value={way} onChange={setWay} options={WAYS} />
        </div>
      }
      onClose={onClose}
      onSaved={onSaved}
    />
  );
}
