import { ScanSearch } from "lucide-react";
import { useState } from "react";
import type { DetectedApp } from "@/contract";
import { sentence } from "@/model/words";
import { Button, ErrorState } from "@/ui";
import { explain } from "../problem";
import { useCancelDetection, useFollowedDetection, useStartDetection } from "./detections";

interface DetectAgainProps {
  /** Where to look, as the form has it now. */
  readonly place: { repository: string; connection: string; ref: string; root: string; team?: string };
  readonly onTake: (app: DetectedApp) => void;
}

/** Looks at the repository of a source, and offers how it can be built. Nothing changes before one is taken and saved. */
export function DetectAgain({ place, onTake }: DetectAgainProps) {
  const [id, setId] = useState("");
  const start = useStartDetection();
  const cancel = useCancelDetection();
  const found = useFollowedDetection(id).data;
  const isLooking = start.isPending || (found !== undefined && found.ended_at === null);
  const apps = found?.proposals.filter(({ kind }) => kind !== "image") ?? [];
  const failure = start.error ?? cancel.error;
  return (
    <div className="flex shrink-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          size="sm"
          icon={<ScanSearch size={14} aria-hidden />}
          busy={isLooking}
          disabled={!place.repository.trim()}
          onClick={() =>
            start.mutate({ ...place, connection: place.connection || null }, { onSuccess: (made) => setId(made.id) })
          }
        >
          Find how it is built
        </Button>
        {found && isLooking && (
          <>
            <span role="status" className="min-w-0 text-12 text-muted">
              {sentence(found.progress?.text ?? "waiting for its turn")}
            </span>
            <Button size="sm" tone="ghost" busy={cancel.isPending} onClick={() => cancel.mutate(found.id)}>
              Cancel
            </Button>
          </>
        )}
      </div>
      {failure && <ErrorState inline title="The repository was not read" {...explain(failure)} />}
      {found?.failure && (
        <ErrorState inline title="The repository could not be read" reason={sentence(found.failure.detail)} />
      )}
      {found?.state === "succeeded" && apps.length === 0 && (
        <p role="status" className="text-12 text-muted">
          Nothing that can be built was found.
        </p>
      )}
      {apps.length > 0 && (
        <ul aria-label="How it can be built" className="flex flex-col rounded border border-line">
          {apps.map((app) => (
            <li
              key={app.id}
              className="flex items-center gap-2 border-b border-line px-2.5 py-1.5 text-12 last:border-b-0"
            >
              <span className="min-w-0 flex-1 break-words">
                {app.title} <span className="font-mono text-muted">{app.root || "the whole repository"}</span>
              </span>
              <Button size="sm" onClick={() => onTake(app)} aria-label={`Take ${app.title}`}>
                Take
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
