import { expect, test } from "vitest";
import { workloadOf } from "./workloads";

const of = (api_version: string, kind: string) => ({ ref: { api_version, kind, namespace: "shop", name: "web" } });

test("the containers of a node are those of its workload, not of one pod or of a Service", () => {
  const objects = [of("v1", "Pod"), of("apps/v1", "ReplicaSet"), of("v1", "Service"), of("apps/v1", "Deployment")];
  expect(workloadOf(objects)?.kindId).toBe("Deployment.apps");
  expect(workloadOf(objects.slice(0, 1))?.kindId).toBe("Pod");
  expect(workloadOf([of("v1", "Service"), of("serving.knative.dev/v1", "Deployment")])).toBeNull();
});
