import { Play } from "lucide-react";
import { useState } from "react";
import { randomSecret } from "@/model/randomSecret";
import { Checkbox, Field, FormDialog, PasswordInput } from "@/ui";
import type { SecretAnswer, SecretsAsked } from "./useRunWorkflow";

interface SecretsDialogProps {
  readonly asked: SecretsAsked;
  readonly environment: string;
  readonly onAnswer: (given: SecretAnswer) => void;
  readonly onClose: () => void;
}

/** Asks for the values that a run needs and that are stored nowhere. */
export function SecretsDialog({ asked, environment, onAnswer, onClose }: SecretsDialogProps) {
  const [values, setValues] = useState<Record<string, Record<string, string>>>({});
  const [keep, setKeep] = useState(true);
  const given = (nodeId: string, key: string): string => values[nodeId]?.[key] ?? "";
  const give = (nodeId: string, key: string, value: string) =>
    setValues({ ...values, [nodeId]: { ...values[nodeId], [key]: value } });
  const complete = asked.nodes.every((node) => node.keys.every(({ key }) => given(node.node_id, key) !== ""));
  return (
    <FormDialog
      title={`Secret values for ${environment}`}
      description="These keys have no value yet. The values go to the cluster, and into no version, log or export."
      size="md"
      onSubmit={() => complete && onAnswer({ secrets: values, keep })}
      submit={`Run in ${environment}`}
      busy={asked.busy}
      disabled={!complete}
      icon={<Play size={14} aria-hidden />}
      onClose={onClose}
      failure={asked.error && { title: "The run was not started", reason: asked.error }}
    >
      {asked.nodes.map((node) => (
        <fieldset key={node.node_id} className="flex flex-col gap-3">
          <legend className="mb-2 font-mono text-13 font-medium">{node.name}</legend>
          {node.keys.map(({ key }, index) => (
            <Field
              key={key}
              label={<span className="font-mono">{key}</span>}
              required
              aside={
                <button
                  type="button"
                  className="rounded text-muted underline-offset-2 hover:text-text hover:underline"
                  onClick={() => give(node.node_id, key, randomSecret())}
                >
                  Generate<span className="sr-only"> a value for {key}</span>
                </button>
              }
            >
              <PasswordInput
                autoFocus={index === 0 && node === asked.nodes[0]}
                autoComplete="new-password"
                value={given(node.node_id, key)}
                onChange={(event) => give(node.node_id, key, event.target.value)}
              />
            </Field>
          ))}
        </fieldset>
      ))}
      <Checkbox
        checked={keep}
        onChange={setKeep}
        label="Remember for later runs (encrypted)"
        help="Encrypted with the key of this server. Otherwise only the cluster has them, and you are asked again when they are missing there."
      />
    </FormDialog>
  );
}
