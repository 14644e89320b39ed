import { Button, Dialog } from "@/ui";
import { SecretsDialog } from "./SecretsDialog";
import type { RunWorkflow } from "./useRunWorkflow";

/** What is asked before a run can start, and why it was not started. */
export function StartDialogs({
  of,
  environment,
  onPlan,
}: {
  of: RunWorkflow;
  environment: string;
  /** Makes the plan that a protected environment asks for. */
  onPlan?: () => void;
}) {
  const { state, answer, dismiss, question } = of;
  return (
    <>
      {question}
      {state.type === "secrets" && (
        <SecretsDialog
          key={state.nodes.map((node) => node.node_id).join()}
          asked={state}
          environment={environment}
          onAnswer={answer}
          onClose={dismiss}
        />
      )}
      <Dialog
        open={state.type === "failed"}
        onOpenChange={(open) => !open && dismiss()}
        title="The run was not started"
        size="sm"
        footer={
          <>
            <Button onClick={dismiss}>Close</Button>
            {onPlan && state.type === "failed" && state.code === "environment.protected" && (
              <Button
                tone="primary"
                onClick={() => {
                  dismiss();
                  onPlan();
                }}
              >
                Make a plan
              </Button>
            )}
          </>
        }
      >
        {state.type === "failed" && <p className="text-13 break-words">{state.reason}</p>}
      </Dialog>
    </>
  );
}
