import { RotateCw } from "lucide-react";
import { useState, type ReactNode } from "react";
import { asProblem } from "@/api";
import type { Plan, Run, RunKind } from "@/contract";
import { planHindrance } from "@/model/planWords";
import { plural } from "@/model/words";
import { Button, Dialog, ErrorState, Field, Input, Skeleton, type ErrorStateProps } from "@/ui";
import { explain } from "../problem";
import { ApprovalNeeded, isCleared, useApproval } from "./ApprovalNeeded";
import { Preview } from "./Preview";
import { movedOf, usePlanOf, useRunPlan } from "./usePreview";

interface PreviewDialogProps {
  title: ReactNode;
  description?: ReactNode;
  /** What to decide before the plan: which environment, which run; or after it, what it asks for. */
  children?: ReactNode | ((plan: Plan | undefined) => ReactNode);
  /** What the plan is of; another one is planned anew. Null while something is not chosen yet. */
  request: readonly unknown[];
  make: () => Promise<Plan>;
  /** The verb on the button: "Return to this run". */
  verb: string;
  kind?: RunKind;
  onClose: () => void;
  onStarted: (run: Run) => void;
  /** Codes of answers that mean something of their own here, with what else can be done. */
  refusals?: Readonly<Record<string, ErrorStateProps>>;
}

/** Shows what a run would do before it does it, and then does just that. */
export function PreviewDialog(props: PreviewDialogProps) {
  const { title, description, children, request, make, verb, kind, onClose, onStarted, refusals } = props;
  const query = usePlanOf(request, make);
  const running = useRunPlan(kind);
  const plan = query.isFetching ? undefined : query.data;
  const moved = movedOf(running.error);
  const approval = useApproval(plan);
  const hindrance =
    plan && approval && planHindrance({ ...plan, still_true: plan.still_true && moved.length === 0, approval });
  const [typed, setTyped] = useState("");
  const asked = plan?.deletions.above ? plan.deletions.count : undefined;
  const ready = plan !== undefined && hindrance === null && (asked === undefined || typed.trim() === String(asked));
  const again = () => {
    setTyped("");
    running.reset();
    void query.refetch();
  };
  const deletes = plan ? plan.counts.delete + plan.counts.recreate > 0 : false;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={title}
      description={description}
      onSubmit={() =>
        ready && !running.isPending && running.mutate({ plan, deletions: asked }, { onSuccess: onStarted })
      }
      footer={
        <>
          {plan && (
            <Button tone="ghost" className="mr-auto" icon={<RotateCw size={14} aria-hidden />} onClick={again}>
              Plan again
            </Button>
          )}
          <Button tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone={deletes ? "danger" : "primary"} busy={running.isPending} disabled={!ready}>
            {verb}
          </Button>
        </>
      }
    >
      {typeof children === "function" ? children(plan) : children}
      {query.isFetching && <Planning />}
      {query.error && !query.isFetching && (
        <ErrorState
          inline
          {...(refusals?.[asProblem(query.error).code] ?? {
            title: "It could not be planned",
            ...explain(query.error),
            onRetry: again,
          })}
        />
      )}
      {plan && approval && <ApprovalNeeded plan={plan} approval={approval} />}
      {plan && <Preview plan={plan} moved={moved.length > 0 ? moved : plan.moved} />}
      {plan && asked !== undefined && (
        <Field
          label={`Type ${asked} to delete ${plural(asked, "object")}`}
          help={`That is more than the ${plan.deletions.budget} that may go at once in ${plan.environment.name}.`}
        >
          <Input inputMode="numeric" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </Field>
      )}
      {hindrance && moved.length === 0 && isCleared(approval) && (
        <ErrorState inline title="It cannot be run" reason={hindrance} />
      )}
      {running.error && moved.length === 0 && (
        <ErrorState
          inline
          title="The run was not started"
          reason={asProblem(running.error).besides([])}
          details={asProblem(running.error).describe()}
        />
      )}
    </Dialog>
  );
}

function Planning() {
  return (
    <div role="status" aria-label="Planning" className="flex flex-col gap-3">
      <p className="text-13 text-muted">Asking the cluster what would change. Nothing is changed yet.</p>
      <Skeleton className="h-1.5 w-full" />
      {Array.from({ length: 4 }, (_, row) => (
        <Skeleton key={row} className="h-8" />
      ))}
    </div>
  );
}
