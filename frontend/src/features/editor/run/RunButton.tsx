import { Play } from "lucide-react";
import { useState } from "react";
import type { Environment } from "@/contract";
import { Button, Checkbox, Dialog, Field, FormDialog, PasswordInput, Tooltip, useShortcut } from "@/ui";
import { useDocument, useEditor } from "../state/session";
import { plural } from "../words";
import { useRunWorkflow, type RunStart, type SecretAnswer } from "./useRunWorkflow";

/** Runs what is drawn in the chosen environment; where it cannot, it says why. */
export function RunButton({ environment }: { environment: Environment | undefined }) {
  const session = useEditor();
  const { state, start, answer, dismiss } = useRunWorkflow();
  const errors = useDocument((store) => store.problems.filter((problem) => problem.severity === "error").length);
  const empty = useDocument((store) => Object.keys(store.document.nodes).length === 0);
  const stale = useDocument((store) => store.save.type === "stale");
  const readOnly = useDocument((store) => store.readOnly);
  const hindrance = readOnly
    ? "This workflow is read only for you."
    : !environment
      ? "Choose an environment first."
      : empty
        ? "Nothing is drawn yet."
        : stale
          ? "Choose first which edits to keep."
          : errors > 0
            ? `${plural(errors, "problem")} to solve first.`
            : environment.cluster.state !== "ready"
              ? `The cluster ${environment.cluster.name} is not ready.`
              : null;
  const busy = state.type === "starting";
  useShortcut("mod+enter", () => start(), hindrance === null && !busy && state.type !== "secrets");
  const button = (
    <Button
      tone="primary"
      icon={<Play size={14} aria-hidden />}
      busy={busy}
      aria-disabled={hindrance !== null || undefined}
      className={hindrance ? "opacity-55" : undefined}
      onClick={() => {
        if (hindrance === null) start();
        else if (errors > 0) session.view.setState({ drawer: "problems" });
      }}
    >
      Run
    </Button>
  );
  return (
    <>
      <Tooltip
        text={
          hindrance ??
          (environment?.active_run
            ? `Run #${environment.active_run.number} is under way; this one waits for it.`
            : `Run in ${environment?.name}`)
        }
        shortcut={hindrance ? undefined : "mod+enter"}
      >
        {button}
      </Tooltip>
      {state.type === "secrets" && (
        <SecretsDialog
          key={state.nodes.map((node) => node.node_id).join()}
          state={state}
          environment={environment?.name ?? ""}
          onAnswer={answer}
          onClose={dismiss}
        />
      )}
      <Dialog
        open={state.type === "failed"}
        onOpenChange={(open) => !open && dismiss()}
        title="The run was not started"
        size="sm"
        footer={<Button onClick={dismiss}>Close</Button>}
      >
        {state.type === "failed" && <p className="text-13 break-words">{state.reason}</p>}
      </Dialog>
    </>
  );
}

interface SecretsDialogProps {
  readonly state: Extract<RunStart, { type: "secrets" }>;
  readonly environment: string;
  readonly onAnswer: (given: SecretAnswer) => void;
  readonly onClose: () => void;
}

function SecretsDialog({ state, environment, onAnswer, onClose }: SecretsDialogProps) {
  const [values, setValues] = useState<Record<string, Record<string, string>>>({});
  const [keep, setKeep] = useState(true);
  const given = (nodeId: string, key: string): string => values[nodeId]?.[key] ?? "";
  const missing = state.nodes.flatMap((node) => node.keys.filter((key) => given(node.node_id, key.key) === ""));
  const submit = (): void => {
    if (missing.length === 0) onAnswer({ secrets: values, keep });
  };
  return (
    <FormDialog
      title={`Values for ${environment}`}
      description="These keys have no value yet. Values go to the cluster and into no version, log or export."
      size="md"
      onSubmit={submit}
      submit={`Run in ${environment}`}
      busy={state.busy}
      disabled={missing.length > 0}
      icon={<Play size={14} aria-hidden />}
      onClose={onClose}
      failure={state.error && { title: "The run was not started", reason: state.error }}
    >
      {state.nodes.map((node) => (
        <fieldset key={node.node_id} className="flex flex-col gap-3">
          <legend className="mb-2 font-mono text-13 font-medium">{node.name}</legend>
          {node.keys.map(({ key }, index) => (
            <Field key={key} label={<span className="font-mono">{key}</span>} required>
              <PasswordInput
                autoFocus={index === 0 && node === state.nodes[0]}
                autoComplete="new-password"
                value={given(node.node_id, key)}
                onChange={(event) =>
                  setValues({ ...values, [node.node_id]: { ...values[node.node_id], [key]: event.target.value } })
                }
              />
            </Field>
          ))}
        </fieldset>
      ))}
      <Checkbox
        checked={keep}
        onChange={setKeep}
        label="Keep them sealed for later runs"
        help="Encrypted with the key of this server. Without it, they are in the cluster alone and are asked for again when they go missing there."
      />
    </FormDialog>
  );
}
