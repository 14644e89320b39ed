import { useState } from "react";
import { makePlan } from "@/api";
import type { Named, Run } from "@/contract";
import { PreviewDialog, UndeployDialog, useWorkflow } from "@/product";
import { Button, Checkbox } from "@/ui";

/**
 * Goes back to what an earlier run applied, after its plan: to `run` itself, or to undo it to the newest one before it.
 * Where others manage fields meanwhile, the person may take these over.
 */
export function ReturnDialog({
  workflowId,
  environment,
  run,
  act,
  onClose,
  onStarted,
}: {
  workflowId: string;
  environment: Named;
  run: Run;
  act: "return" | "undo";
  onClose: () => void;
  onStarted: (run: Run) => void;
}) {
  const [undeploying, setUndeploying] = useState(false);
  const [takeOver, setTakeOver] = useState(false);
  const whole = useWorkflow(workflowId).data?.environments.find(({ id }) => id === environment.id);
  if (undeploying && whole) return <UndeployDialog environment={whole} onClose={onClose} onStarted={onStarted} />;
  const target = act === "return" ? { to_run: run.id } : { kind: "rollback" as const };
  const request = { ...target, take_over: takeOver };
  return (
    <PreviewDialog
      title={`${act === "return" ? "Return to" : "Undo"} run #${run.number} in ${environment.name}`}
      description={
        act === "return"
          ? "A run applies again just what that run applied, from its record: its objects, images and values of variables."
          : `A run applies again what the last run that succeeded before run #${run.number} applied, from its record.`
      }
      request={[workflowId, environment.id, request]}
      make={() => makePlan(workflowId, { environment: environment.id, ...request })}
      verb={act === "return" ? `Return to run #${run.number}` : `Undo run #${run.number}`}
      children={(plan) =>
        (takeOver || !!plan?.counts.conflict) && (
          <Checkbox
            checked={takeOver}
            onChange={setTakeOver}
            label="Take over the fields that others manage"
            help="The run sets them, whoever manages them now. Without that it would be refused at these objects."
          />
        )
      }
      kind="rollback"
      onClose={onClose}
      onStarted={onStarted}
      refusals={{
        "run.nothing_to_return_to": {
          title: "There is nothing to return to",
          reason: whole?.undeployed_at
            ? `Nothing is deployed in ${environment.name}. Run what is drawn.`
            : `No earlier run succeeded in ${environment.name}. To take everything back, undeploy it.`,
          action: whole && !whole.undeployed_at && (
            <Button size="sm" tone="danger" onClick={() => setUndeploying(true)}>
              Undeploy…
            </Button>
          ),
        },
      }}
    />
  );
}
