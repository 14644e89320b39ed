import { useState } from "react";
import type { Plan } from "@/contract";
import { refKey, STANCES, stanceOf } from "@/model/planWords";
import { sentence } from "@/model/words";
import { KindIcon, ObjectLine } from "@/product";
import { Button, cx, TONE_TEXT } from "@/ui";
import { Fold } from "./Fold";

/** Rows at a time. */
const ROWS = 100;

/** How a run of the plan is taken back: what that does to each object, and what stays done. */
export function UndoList({ undo }: { undo: Plan["undo"] }) {
  const [open, setOpen] = useState(false);
  const [most, setMost] = useState(ROWS);
  const [cannotOpen, setCannotOpen] = useState(true);
  const left = undo.objects.length - most;
  return (
    <>
      {undo.objects.length > 0 && (
        <Fold
          title="Undo"
          count={undo.objects.length}
          open={open}
          onToggle={setOpen}
          more={
            left > 0 && (
              <div className="border-b border-line p-2 text-center">
                <Button size="sm" onClick={() => setMost(most + ROWS)}>
                  Show {Math.min(ROWS, left)} more of {left}
                </Button>
              </div>
            )
          }
        >
          <li className="border-b border-line px-4 py-2 text-12 text-muted">{sayHow(undo)}</li>
          {undo.objects.slice(0, most).map((object) => (
            <Undone key={refKey(object.ref)} object={object} />
          ))}
        </Fold>
      )}
      {undo.cannot.length > 0 && (
        <Fold title="What cannot be undone" count={undo.cannot.length} open={cannotOpen} onToggle={setCannotOpen}>
          {undo.cannot.map(({ ref, reason }) => (
            <li key={`${refKey(ref)} ${reason}`} className="border-b border-line px-4 py-2">
              <ObjectLine of={ref} note={sentence(reason)} bad />
            </li>
          ))}
        </Fold>
      )}
    </>
  );
}

/** By what a run of the plan is taken back, and how far that is known now. */
function sayHow({ way, to_run: run, partly }: Plan["undo"]): string {
  if (way === "unknown") return "Follows from the plan, and was not tried.";
  if (!run) return "Nothing that succeeded is deployed to go back to: undeploying takes everything back.";
  const rest = partly ? " What a failed run has changed since goes back to that, too." : "";
  return `A rollback to run #${run.number} does this.${rest} It follows from the plan, and was not tried: the rollback is planned anew before it runs.`;
}

function Undone({ object: { ref, effect, reason } }: { object: Plan["undo"]["objects"][number] }) {
  const look = STANCES[stanceOf({ effect, error: null, impact: null })];
  return (
    <li className="flex min-w-0 items-start gap-2 border-b border-line px-4 py-2">
      <span className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[look.tone])} aria-hidden>
        {look.mark}
      </span>
      <KindIcon kind={ref.kind} className="mt-0.5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="truncate font-mono text-12">{ref.name}</span>
          <span className="min-w-0 shrink truncate text-11 text-muted">{ref.kind}</span>
        </span>
        {reason && <span className="block text-12 wrap-anywhere text-muted">{sentence(reason)}</span>}
      </span>
      <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
    </li>
  );
}
