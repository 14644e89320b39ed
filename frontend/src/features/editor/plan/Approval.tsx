import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { approvePlan, asProblem, refusePlan } from "@/api";
import type { Plan, Workflow } from "@/contract";
import { planUndecided } from "@/model/planWords";
import { covers, roleIn } from "@/model/roles";
import { sentence } from "@/model/words";
import { ApprovalState, useSession, useWithdraw } from "@/product";
import { Button, CopyButton, Field, FormDialog, Textarea } from "@/ui";
import { planKey } from "./usePlan";

/** In a protected environment: whether another person has approved the plan, and the buttons for who may. */
export function Approval({ plan, workflow }: { plan: Plan; workflow: Workflow }) {
  const me = useSession().data?.user;
  const client = useQueryClient();
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (why: string | null) => (why === null ? approvePlan(plan.id) : refusePlan(plan.id, why)),
    onSuccess: (next) => {
      setRefusing(false);
      client.setQueryData(planKey(plan.id), next);
    },
  });
  const own = useWithdraw((next) => client.setQueryData(planKey(plan.id), next));
  const { required, state } = plan.approval;
  if (!required) return null;
  const undecided = state === "none" ? planUndecided(plan) : null;
  const mayDecide =
    undecided === null &&
    state !== "withdrawn" &&
    me !== undefined &&
    me !== null &&
    me.id !== plan.by.id &&
    (me.is_admin || covers(roleIn(me, workflow.team.id), "operator"));
  const isMine = me?.id === plan.by.id;
  const failed = refusing ? null : (decide.error ?? own.error);
  return (
    <section
      aria-label="Approval"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-3 py-1.5 text-12"
    >
      <div role="status" className="flex min-w-0 flex-1 gap-2">
        <ApprovalState approval={plan.approval}>
          {undecided !== null ? (
            <>
              It waits for nobody&apos;s approval yet. {undecided} Then {plan.environment.name}, which is protected,
              asks for the approval of another operator.
            </>
          ) : (
            <>
              {plan.environment.name} is protected: an operator or administrator other than {plan.by.name} has to
              approve this plan before it runs.{" "}
              {!mayDecide && (
                <span className="text-muted">
                  They find it under Approvals; or copy the link and send it to them.
                  {isMine && " Once it is approved, you find it in the editor and under Approvals."}
                </span>
              )}
            </>
          )}
        </ApprovalState>
      </div>
      {failed && <span className="text-bad">{sentence(asProblem(failed).detail)}</span>}
      {state === "none" && undecided === null && !mayDecide && (
        <CopyButton text={() => window.location.href} label="Copy link" withLabel />
      )}
      {isMine && (state === "none" || state === "approved") && undecided === null && (
        <Button size="sm" busy={own.isPending} onClick={() => own.mutate({ id: plan.id })}>
          Withdraw
        </Button>
      )}
      {isMine && state === "withdrawn" && (
        <Button size="sm" busy={own.isPending} onClick={() => own.mutate({ id: plan.id, again: true })}>
          Ask again
        </Button>
      )}
      {mayDecide && state !== "approved" && (
        <Button size="sm" tone="primary" busy={decide.isPending && !refusing} onClick={() => decide.mutate(null)}>
          Approve
        </Button>
      )}
      {mayDecide && state !== "refused" && (
        <Button size="sm" onClick={() => setRefusing(true)}>
          Refuse…
        </Button>
      )}
      {refusing && (
        <FormDialog
          size="sm"
          title="Refuse this plan?"
          description="It cannot be run. Whoever made it sees the reason."
          submit="Refuse"
          busy={decide.isPending}
          disabled={reason.trim() === ""}
          onSubmit={() => reason.trim() !== "" && decide.mutate(reason.trim())}
          onClose={() => setRefusing(false)}
          failure={
            decide.isError && {
              title: "The plan was not refused",
              reason: sentence(asProblem(decide.error).detail),
            }
          }
        >
          <Field label="What has to change" required>
            <Textarea
              autoFocus
              rows={3}
              maxLength={1000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        </FormDialog>
      )}
    </section>
  );
}
