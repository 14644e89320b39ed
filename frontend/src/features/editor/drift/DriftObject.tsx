import { Undo2 } from "lucide-react";
import type { DriftedObject } from "@/contract";
import { MAKE_AGAIN, MISSING, whoHas } from "@/model/driftWords";
import { STAYS_A_MANAGER } from "@/model/fieldChoices";
import { sentence } from "@/model/words";
import { AddedNote, ContestNote, DecideMenu, HealingNote, ObjectLine } from "@/product";
import { Button, HowLong, RelativeTime, Tooltip } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import type { useDecideHere } from "./useDrift";

type Decide = ReturnType<typeof useDecideHere>;

interface DriftObjectProps {
  readonly object: DriftedObject;
  readonly mode: DiffMode;
  /** In a protected environment nothing is reverted at once. */
  readonly guarded: boolean;
  /** Null for who may only read. */
  readonly decide: Decide | null;
}

/** One object: each field as it was applied and as it is, who changed it and when. */
export function DriftObject({ object, mode, guarded, decide }: DriftObjectProps) {
  const { ref, fields, contested, healing, since, as_of } = object;
  const isMissing = object.state === "missing";
  return (
    <section aria-label={`${ref.kind} ${ref.name}`} className="flex flex-col gap-2">
      <header className="flex flex-wrap items-center justify-between gap-2">
        <span className="text-13">
          <ObjectLine
            of={ref}
            note={
              as_of ? (
                <>
                  as of <RelativeTime at={as_of} />
                </>
              ) : since ? (
                <HowLong from={since} />
              ) : undefined
            }
          />
        </span>
        {decide && (fields.length > 0 || isMissing) && (
          <span className="flex gap-1.5">
            {!guarded && (
              <Tooltip text={`A run ${isMissing ? "makes" : "applies"} the object again as it was applied last.`}>
                <Button
                  size="sm"
                  icon={<Undo2 size={14} aria-hidden />}
                  busy={decide.isPending && decide.variables.type === "revert"}
                  disabled={decide.isPending}
                  onClick={() => decide.mutate({ type: "revert", ref })}
                >
                  {isMissing ? MAKE_AGAIN : "Revert"}
                </Button>
              </Tooltip>
            )}
            {!isMissing && (
              <Tooltip
                text={`Takes the values of the cluster into the workflow. Nothing is applied. ${STAYS_A_MANAGER}`}
              >
                <Button size="sm" disabled={decide.isPending} onClick={() => decide.mutate({ type: "adopt", ref })}>
                  Adopt
                </Button>
              </Tooltip>
            )}
          </span>
        )}
      </header>
      {isMissing && <p className="text-12">{MISSING}</p>}
      {object.state === "unknown" && object.reason && (
        <p className="text-12 text-muted">Not known: {sentence(object.reason)}</p>
      )}
      {contested && <ContestNote contested={contested} />}
      {healing && <HealingNote healing={healing} />}
      {fields.map((field) => (
        <FieldDiff key={field.path} path={field.path} before={field.applied} after={field.live} mode={mode}>
          <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <span className="text-muted">
              {whoHas(field) === null ? (
                "Taken away; who did it is not known"
              ) : (
                <>
                  by <span className="font-mono text-text">{whoHas(field)}</span>
                  {field.at && (
                    <>
                      {" "}
                      · <RelativeTime at={field.at} />
                    </>
                  )}
                </>
              )}
            </span>
            {decide && (
              <DecideMenu
                path={field.path}
                busy={decide.isPending}
                guarded={guarded}
                onDecide={(choice) => decide.mutate({ type: "settle", ref, path: field.path, choice })}
              />
            )}
          </div>
        </FieldDiff>
      ))}
      <AddedNote added={object.added} />
    </section>
  );
}
