import { useState } from "react";
import { asProblem, type SecretValues } from "@/api";
import type { SecretNode } from "@/contract";
import { plural } from "@/model/words";
import { FormDialog } from "@/ui";
import { useSetSecrets, type SecretsOf } from "./queries";
import { SecretFields } from "./SecretFields";

interface SetSecretsDialogProps {
  readonly of: SecretsOf;
  readonly environment: string;
  /** The keys that are asked for; any may stay empty while one is given. */
  readonly nodes: readonly SecretNode[];
  readonly onClose: () => void;
}

/** Takes values for the next run, which then does not ask for them. */
export function SetSecretsDialog({ of, environment, nodes, onClose }: SetSecretsDialogProps) {
  const [values, setValues] = useState<SecretValues>({});
  const set = useSetSecrets(of);
  const given = filledIn(values);
  const count = Object.values(given).reduce((sum, keys) => sum + Object.keys(keys).length, 0);
  const keys = nodes.flatMap((node) => node.keys);
  const replaces = keys.some(({ stored }) => stored);
  const problem = set.error ? asProblem(set.error) : null;
  const shown = nodes.flatMap((node) => node.keys.map(({ key }) => fieldOf(node.node_id, key)));
  const rest = problem?.besides(shown);
  return (
    <FormDialog
      title={keys.length === 1 ? `Value of ${keys[0]?.key}` : "Secret values"}
      description={`For ${environment}: kept encrypted here, and applied by its next run. Nobody can read it here again.${
        replaces ? " What is stored now can be put back for a week." : ""
      }`}
      size="md"
      onSubmit={() => count > 0 && set.mutate(given, { onSuccess: onClose })}
      submit={count > 1 ? `Store ${plural(count, "value")}` : "Store value"}
      busy={set.isPending}
      disabled={count === 0}
      onClose={onClose}
      failure={problem && rest && { title: "Nothing was stored", reason: rest, details: problem.describe() }}
    >
      <SecretFields
        nodes={nodes}
        values={values}
        onChange={setValues}
        required={keys.length === 1}
        errorOf={(nodeId, key) => problem?.of(fieldOf(nodeId, key))}
      />
    </FormDialog>
  );
}

const fieldOf = (nodeId: string, key: string) => `values.${nodeId}.${key}`;

function filledIn(values: SecretValues): SecretValues {
  const kept = Object.entries(values).map(([nodeId, keys]) => [
    nodeId,
    Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== "")),
  ]);
  return Object.fromEntries(kept.filter(([, keys]) => Object.keys(keys as object).length > 0)) as SecretValues;
}
