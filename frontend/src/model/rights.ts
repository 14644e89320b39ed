/** What the credentials of a cluster may not do, in words and by node. */
import type { Preflight } from "@/contract";
import type { CardMark } from "./markedGraph";
import { plural } from "./words";

type MissingRight = Preflight["missing"][number];

export interface NodeRights {
  /** Null for what the environment itself needs. */
  readonly nodeId: string | null;
  readonly rights: readonly MissingRight[];
}

/** By node, in the order in which they are told. */
export function missingRights(missing: readonly MissingRight[]): NodeRights[] {
  const byNode = new Map<string | null, MissingRight[]>();
  for (const right of missing) {
    const known = byNode.get(right.node_id);
    if (known) known.push(right);
    else byNode.set(right.node_id, [right]);
  }
  return [...byNode].map(([nodeId, rights]) => ({ nodeId, rights }));
}

/** "patch deployments.apps in shop", "create namespaces in the whole cluster". */
export function sayRight({ verb, group, resource, namespace, name }: MissingRight): string {
  const what = group === "" ? resource : `${resource}.${group}`;
  return `${verb} ${what}${name && ` ${name}`} in ${namespace || "the whole cluster"}`;
}

export function rightsMarks({ missing, unserved }: Preflight): ReadonlyMap<string, CardMark> {
  const marks = new Map<string, CardMark>();
  for (const { nodeId, rights } of missingRights(missing))
    if (nodeId !== null)
      marks.set(nodeId, {
        mark: "!",
        tone: "bad",
        word: plural(rights.length, "right missing", "rights missing"),
        gone: false,
      });
  for (const { node_id } of unserved)
    marks.set(node_id, { mark: "?", tone: "bad", word: "kind not served", gone: false });
  return marks;
}

/** The commands that create the roles and bind them, with the service account left to fill in. */
export function grantLines(role: string): string {
  const lines = ["kubectl apply -f role.yaml"];
  for (const document of role.split(/^---$/m)) {
    const kind = /^kind: *(\w+)$/m.exec(document)?.[1];
    const name = /^ {2}name: *(\S+)$/m.exec(document)?.[1];
    const namespace = /^ {2}namespace: *(\S+)$/m.exec(document)?.[1];
    if (!kind || !name) continue;
    const account = "--serviceaccount=NAMESPACE:ACCOUNT";
    lines.push(
      kind === "Role"
        ? `kubectl create rolebinding ${name} -n ${namespace ?? "default"} --role=${name} ${account}`
        : `kubectl create clusterrolebinding ${name} --clusterrole=${name} ${account}`,
    );
  }
  return lines.join("\n");
}
