/** Which keys of Secrets a run was refused for, as the server's refusal names them. */
import type { ApiError } from "@/api";
import type { NodeRecord } from "@/model/records";

/** The refusal of a run because some keys have no value anywhere. */
export const SECRETS_MISSING = "run.secrets_missing";

export interface MissingKeys {
  readonly nodeId: string;
  readonly name: string;
  readonly keys: readonly string[];
}

/** By node, in the order of the refusal; a field is `secrets.<node id>.<key>`, and keys may have dots. */
export function missingKeys(
  errors: readonly Pick<ApiError, "field">[],
  nodes: Readonly<Record<string, Pick<NodeRecord, "name">>>,
): MissingKeys[] {
  const byNode = new Map<string, string[]>();
  for (const { field } of errors) {
    const [, nodeId, key] = /^secrets\.([^.]+)\.(.+)$/.exec(field ?? "") ?? [];
    if (nodeId === undefined || key === undefined) continue;
    const keys = byNode.get(nodeId);
    if (keys) keys.push(key);
    else byNode.set(nodeId, [key]);
  }
  return [...byNode].map(([nodeId, keys]) => ({ nodeId, name: nodes[nodeId]?.name ?? nodeId, keys }));
}
