import { plural } from "@/model/words";
import { useBuildEngines } from "./queries";

/** How long builds are kept. */
export function KeptNote() {
  const kept = useBuildEngines().data?.builds_kept;
  if (!kept) return null;
  return (
    <p className="border-b border-line px-5 py-1.5 text-12 text-muted">
      Of each source the newest {plural(kept, "build")} and those in use are kept, with their logs; images stay in their
      registry.
    </p>
  );
}
