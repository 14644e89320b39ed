import { ArrowLeftRight, HeartPulse, Plus } from "lucide-react";
import type { DriftedObject } from "@/contract";
import { sayAdded, sayHealing } from "@/model/driftWords";
import { RelativeTime } from "@/ui";

/** That two managers overwrite each other, and about what. */
export function ContestNote({ contested }: { contested: NonNullable<DriftedObject["contested"]> }) {
  return (
    <div role="alert" className="flex gap-2 rounded border border-warn/40 bg-warn-soft px-3 py-2 text-12">
      <ArrowLeftRight size={14} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <p className="min-w-0 break-words">
        <span className="font-medium">Contested: {contested.managers.join(" and ")} overwrite each other.</span>{" "}
        <span className="font-mono break-all">{contested.path}</span> has changed hands {contested.flips} times; the
        first time was <RelativeTime at={contested.since} />. Decide who has it, or it goes on.
      </p>
    </div>
  );
}

/** Why the object is not put back by itself, where the environment asks for that. */
export function HealingNote({ healing }: { healing: NonNullable<DriftedObject["healing"]> }) {
  return (
    <p className="flex gap-2 text-12 text-muted">
      <HeartPulse size={14} className="mt-0.5 shrink-0" aria-hidden />
      <span className="min-w-0 break-words">
        {sayHealing(healing)}
        {healing.state === "waits" && (
          <>
            {" "}
            It is put back <RelativeTime at={healing.at} />.
          </>
        )}
      </span>
    </p>
  );
}

/** What others added, which runs leave alone. */
export function AddedNote({ added }: { added: DriftedObject["added"] }) {
  if (added.count === 0) return null;
  const { count, names } = sayAdded(added);
  return (
    <p className="flex gap-2 text-12 text-muted">
      <Plus size={14} className="mt-0.5 shrink-0" aria-hidden />
      <span className="min-w-0">
        {count}: <span className="font-mono break-all">{names}</span>. Runs leave {added.count === 1 ? "it" : "them"}{" "}
        alone.
      </span>
    </p>
  );
}
