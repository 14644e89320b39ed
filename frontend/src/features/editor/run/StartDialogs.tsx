import { Button, Dialog } from "@/ui";
import { SecretsDialog } from "./SecretsDialog";
import { FieldsOfOthers } from "./FieldsOfOthers";
import type { RunWorkflow } from "./useRunWorkflow";

const PLANNABLE: ReadonlySet<string> = new Set(["environment.protected", "run.fields_of_others"]);

/** What is asked before a run can start, and why it was not started. */
export function StartDialogs({
  of,
  environment,
  onPlan,
}: {
  of: RunWorkflow;
  environment: string;
  /** Makes the plan that a protected environment asks for, or in which is chosen what becomes of fields of others. */
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
        title={
          state.type === "failed" && state.fields.length > 0
            ? "Others manage what would be set"
            : "The run was not started"
        }
        size="sm"
        footer={
          <>
            <Button onClick={dismiss}>Close</Button>
            {onPlan && state.type === "failed" && PLANNABLE.has(state.code) && (
              <Button
                tone="primary"
                onClick={() => {
                  dismiss();
                  onPlan();
                }}
              >
                {state.fields.length > 0 ? "Plan and choose" : "Make a plan"}
              </Button>
            )}
          </>
        }
      >
        {state.type === "failed" &&
          (state.fields.length > 0 ? (
            <FieldsOfOthers fields={state.fields} />
          ) : (
            <p className="text-13 break-words">{state.reason}</p>
          ))}
      </Dialog>
    </>
  );
}
