import { describe, expect, it } from "vitest";
import { grantLines, missingRights, rightsMarks, sayRight } from "./rights";

const right = (node_id: string | null, verb: string, namespace = "shop") => ({
  node_id,
  verb,
  group: "apps",
  resource: "deployments",
  namespace,
  name: "",
});

describe("missing rights", () => {
  it("are said as kubectl auth can-i would be asked", () => {
    expect(sayRight(right("web", "patch"))).toBe("patch deployments.apps in shop");
    expect(sayRight({ ...right(null, "create", ""), group: "", resource: "namespaces" })).toBe(
      "create namespaces in the whole cluster",
    );
    expect(sayRight({ ...right("web", "get"), name: "web" })).toBe("get deployments.apps web in shop");
  });

  it("stand with the node that needs them, and those of the environment apart", () => {
    const found = missingRights([right("web", "patch"), right(null, "get"), right("web", "create")]);
    expect(found.map(({ nodeId, rights }) => [nodeId, rights.length])).toEqual([
      ["web", 2],
      [null, 1],
    ]);
  });

  it("mark the cards by shape and word", () => {
    const ref = { api_version: "x/v1", kind: "Thing", namespace: "shop", name: "t" };
    const marks = rightsMarks({
      allowed: false,
      narrowed: false,
      missing: [right("web", "patch"), right("web", "create"), right(null, "get")],
      unserved: [{ node_id: "thing", ref }],
      role: "",
      checked_at: "2030-01-01T00:00:00Z",
    });
    expect([...marks].map(([id, { mark, word }]) => `${id} ${mark} ${word}`)).toEqual([
      "web ! 2 rights missing",
      "thing ? kind not served",
    ]);
  });

  it("are given by a role and its binding, in each namespace and in the whole cluster", () => {
    const role = (kind: string, name: string, namespace = "") =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${namespace && `  namespace: ${namespace}\n`}rules: []\n`;
    expect(
      grantLines([role("Role", "kubeorch-shop", "shop"), role("ClusterRole", "kubeorch-shop")].join("---\n")),
    ).toBe(
      [
        "kubectl apply -f role.yaml",
        "kubectl create rolebinding kubeorch-shop -n shop --role=kubeorch-shop --serviceaccount=NAMESPACE:ACCOUNT",
        "kubectl create clusterrolebinding kubeorch-shop --clusterrole=kubeorch-shop --serviceaccount=NAMESPACE:ACCOUNT",
      ].join("\n"),
    );
  });
});
