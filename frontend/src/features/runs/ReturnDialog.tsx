import { useState } from "react";
import { makePlan } from "@/api";
import type { Named, Run } from "@/contract";
import { PreviewDialog, UndeployDialog, useWorkflow } from "@/product";
import { Button } from "@/ui";

/** Goes back to what an earlier run applied, after its plan: to `target`, or for null to the newest one before now. */
export function ReturnDialog({
  workflowId,
  environment,
  target,
  onClose,
  onStarted,
}: {
  workflowId: string;
  environment: Named;
  target: Run | null;
  onClose: () => void;
  onStarted: (run: Run) => void;
}) {
  const [undeploying, setUndeploying] = useState(false);
  const whole = useWorkflow(workflowId).data?.environments.find(({ id }) => id === environment.id);
  if (undeploying && whole) return <UndeployDialog environment={whole} onClose={onClose} onStarted={onStarted} />;
  const request = target ? { to_run: target.id } : { kind: "rollback" as const };
  return (
    <PreviewDialog
      title={target ? `Return to run #${target.number} in ${environment.name}` : `Roll back ${environment.name}`}
      description={
        target
          ? "A run applies again just what that run applied, from its record: its objects, images and values of variables."
          : "A run applies again what the newest run that succeeded before applied, from its record."
      }
      request={[workflowId, environment.id, request]}
      make={() => makePlan(workflowId, { environment: environment.id, ...request })}
      verb={target ? `Return to run #${target.number}` : "Roll back"}
      kind="rollback"
      onClose={onClose}
      onStarted={onStarted}
      refusals={{
        "run.nothing_to_return_to": {
          title: "There is nothing to return to",
          reason: `No earlier run succeeded in ${environment.name}. To take everything back, undeploy it.`,
          action: whole && (
            <Button size="sm" tone="danger" onClick={() => setUndeploying(true)}>
              Undeploy…
            </Button>
          ),
        },
      }}
    />
  );
}
