import { Play } from "lucide-react";
import { useState } from "react";
import type { SecretValues } from "@/api";
import { SecretFields } from "@/product";
import { Checkbox, FormDialog } from "@/ui";
import type { SecretAnswer, SecretsAsked } from "./useRunWorkflow";

interface SecretsDialogProps {
  readonly asked: SecretsAsked;
  readonly environment: string;
  readonly onAnswer: (given: SecretAnswer) => void;
  readonly onClose: () => void;
}

/** Asks for the values that a run needs and that are stored nowhere. */
export function SecretsDialog({ asked, environment, onAnswer, onClose }: SecretsDialogProps) {
  const [values, setValues] = useState<SecretValues>({});
  const [keep, setKeep] = useState(true);
  const given = (nodeId: string, key: string): string => values[nodeId]?.[key] ?? "";
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
      <SecretFields nodes={asked.nodes} values={values} onChange={setValues} required />
      <Checkbox
        checked={keep}
        onChange={setKeep}
        label="Remember for later runs (encrypted)"
        help="Encrypted with the key of this server. Otherwise only the cluster has them, and you are asked again when they are missing there."
      />
    </FormDialog>
  );
}
