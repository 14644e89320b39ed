import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { planPath } from "@/model/approvals";
import { StandingRows, useAskedPlans, useWithdraw } from "@/product";
import { Button, Card, ErrorState, LinkButton } from "@/ui";

/** Of a protected environment: the plans that may run, that wait, and what was answered. Nothing in others. */
export function ApprovalsCard({ environment, mayRun }: { environment: Environment; mayRun: boolean }) {
  const rows = useAskedPlans(environment);
  const own = useWithdraw();
  if (!environment.protected || rows === null) return null;
  const problem = own.error ? asProblem(own.error) : null;
  return (
    <Card
      title="Plans for approval"
      description="What may run here, what waits for a second person, and what was answered last."
      actions={
        <LinkButton
          size="sm"
          to={`/approvals?show=decided&environment=${environment.id}&named=${encodeURIComponent(environment.name)}`}
        >
          All decisions
        </LinkButton>
      }
      padded={false}
    >
      {problem && <ErrorState inline className="m-4" title="Not changed" reason={problem.besides([])} />}
      {rows.length === 0 ? (
        <p className="px-4 py-3 text-13 text-muted">
          No plan waits for an approval, and none is to be run. Make one in the editor: Plan for approval.
        </p>
      ) : (
        <StandingRows
          rows={rows}
          action={({ plan, standing }) => (
            <span className="flex gap-2">
              {plan.mine && (standing === "waiting" || standing === "to run") && (
                <Button
                  size="sm"
                  busy={own.isPending && own.variables.id === plan.id}
                  onClick={() => own.mutate({ id: plan.id })}
                >
                  Withdraw
                </Button>
              )}
              {plan.mine && standing === "withdrawn" && (
                <Button
                  size="sm"
                  busy={own.isPending && own.variables.id === plan.id}
                  onClick={() => own.mutate({ id: plan.id, again: true })}
                >
                  Ask again
                </Button>
              )}
              <LinkButton
                size="sm"
                tone={standing === "to run" && mayRun ? "primary" : "secondary"}
                to={planPath(plan)}
              >
                {standing === "to run" && mayRun ? "Look and run" : plan.may_decide ? "Decide" : "Open"}
              </LinkButton>
            </span>
          )}
        />
      )}
    </Card>
  );
}
