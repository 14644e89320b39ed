import { ArrowLeftRight, ChevronDown, Undo2 } from "lucide-react";
import type { DriftedObject } from "@/contract";
import { whoHas } from "@/model/driftWords";
import { FIELD_CHOICES } from "@/model/fieldChoices";
import { sentence } from "@/model/words";
import { ObjectLine } from "@/product";
import { Button, Menu, RelativeTime, Tooltip } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import type { useDecide } from "./useDrift";

type Decide = ReturnType<typeof useDecide>;

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
  const { ref, fields, feud, since, as_of } = object;
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
                <>
                  since <RelativeTime at={since} />
                </>
              ) : undefined
            }
          />
        </span>
        {decide && fields.length > 0 && (
          <span className="flex gap-1.5">
            {!guarded && (
              <Tooltip text="A run applies the object again as it was applied last.">
                <Button
                  size="sm"
                  icon={<Undo2 size={14} aria-hidden />}
                  busy={decide.isPending && decide.variables.type === "revert"}
                  disabled={decide.isPending}
                  onClick={() => decide.mutate({ type: "revert", ref })}
                >
                  Revert
                </Button>
              </Tooltip>
            )}
            <Tooltip text="Takes the values of the cluster into the workflow. Nothing is applied.">
              <Button size="sm" disabled={decide.isPending} onClick={() => decide.mutate({ type: "adopt", ref })}>
                Adopt
              </Button>
            </Tooltip>
          </span>
        )}
      </header>
      {object.state === "unknown" && object.reason && (
        <p className="text-12 text-muted">Not known: {sentence(object.reason)}</p>
      )}
      {feud && (
        <div role="alert" className="flex gap-2 rounded border border-warn/40 bg-warn-soft px-3 py-2 text-12">
          <ArrowLeftRight size={14} className="mt-0.5 shrink-0 text-warn" aria-hidden />
          <p className="min-w-0">
            <span className="font-medium">{feud.managers.join(" and ")} overwrite each other.</span>{" "}
            <span className="font-mono break-all">{feud.path}</span> has changed hands {feud.flips} times since{" "}
            <RelativeTime at={feud.since} />. Revert the field, leave it to others, or adopt it.
          </p>
        </div>
      )}
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
            {decide && <Decide of={object} path={field.path} decide={decide} guarded={guarded} />}
          </div>
        </FieldDiff>
      ))}
    </section>
  );
}

/** One field: its three ways, with what each does. */
function Decide({
  of: { ref },
  path,
  decide,
  guarded,
}: {
  of: DriftedObject;
  path: string;
  decide: Decide;
  guarded: boolean;
}) {
  return (
    <Menu
      align="end"
      minWidth={300}
      trigger={
        <Button size="sm" tone="ghost" disabled={decide.isPending}>
          Decide
          <ChevronDown size={14} aria-hidden />
        </Button>
      }
      entries={(["take", "yield", "share"] as const).map((choice) => ({
        label: FIELD_CHOICES[choice].label,
        hint: FIELD_CHOICES[choice].effect,
        disabled: guarded && choice === "take",
        onSelect: () => decide.mutate({ type: "settle", ref, path, choice }),
      }))}
    />
  );
}
