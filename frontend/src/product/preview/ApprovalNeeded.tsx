import { Link } from "react-router";
import type { Plan } from "@/contract";
import { planUndecided } from "@/model/planWords";
import { useLiveValue, useTopic } from "@/realtime";
import { CopyButton, cx } from "@/ui";
import { ApprovalState } from "./ApprovalState";

type Approval = Plan["approval"];

/** What was decided about a plan, live; null while its plan is not known. */
export function useApproval(plan: Plan | undefined): Approval | null {
  const topic = plan?.approval.required ? `environment:${plan.environment.id}` : null;
  useTopic(topic);
  const told = useLiveValue<Partial<Approval>>(topic, `plan:${plan?.id ?? ""}`);
  if (!plan) return null;
  return told ? { ...plan.approval, ...told, required: true } : plan.approval;
}

/** True when the plan may run as far as approvals go. */
export const isCleared = (approval: Approval | null): boolean =>
  approval !== null && (!approval.required || approval.state === "approved");

/** In a protected environment: who has decided, or whom to send the plan to. Nothing in others. */
export function ApprovalNeeded({ plan, approval }: { plan: Plan; approval: Approval }) {
  if (!approval.required) return null;
  const { state } = approval;
  const undecided = planUndecided(plan);
  const link = `${window.location.origin}/workflows/${plan.workflow.id}?environment=${plan.environment.id}&plan=${plan.id}`;
  return (
    <section
      role="status"
      aria-label="Approval"
      className={cx(
        "flex gap-2.5 rounded border px-3 py-2 text-13",
        state === "approved" && "border-ok/40 bg-ok-soft",
        state === "refused" && "border-bad/30 bg-bad-soft",
        state === "withdrawn" && "border-line bg-sunken",
        state === "none" && "border-warn/40 bg-warn-soft",
      )}
    >
      <ApprovalState approval={approval}>
        <p className="font-medium">{plan.environment.name} is protected: another operator has to approve this</p>
        {undecided !== null && <p className="mt-0.5">It waits for nobody&apos;s approval yet. {undecided}</p>}
        <p className={cx("mt-0.5 text-muted", undecided !== null && "hidden")}>
          Leave this open, or find it under{" "}
          <Link to="/approvals?show=run" className="rounded-sm font-medium text-accent-text hover:underline">
            Approvals
          </Link>{" "}
          and in the editor: it can be run as soon as it is approved, for as long as it is true.
        </p>
        <p className={cx("mt-1.5 flex items-center gap-1.5", undecided !== null && "hidden")}>
          <code className="min-w-0 truncate rounded-sm bg-surface px-1.5 py-0.5 font-mono text-12">{link}</code>
          <CopyButton text={link} label="Copy the link for the approver" />
        </p>
      </ApprovalState>
    </section>
  );
}
