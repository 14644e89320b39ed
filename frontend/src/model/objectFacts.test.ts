import { expect, it } from "vitest";
import { objectConditions, objectContainers } from "./objectContainers";
import { objectFacts } from "./objectFacts";

/** Terms with what is said under each. */
function said(object: Parameters<typeof objectFacts>[0]): Record<string, string> {
  return Object.fromEntries(
    objectFacts(object).map((fact) => [
      fact.term,
      "text" in fact ? fact.text : "lines" in fact ? fact.lines.join("; ") : fact.at,
    ]),
  );
}

it("a Service says its ports, addresses and whom it selects", () => {
  const ports = [{ port: 80, name: "http", targetPort: 8080, protocol: "TCP", nodePort: 30080 }, { port: 53 }];
  const spec = { type: "NodePort", clusterIP: "10.0.0.7", ports, selector: { app: "web" } };
  expect(said({ apiVersion: "v1", kind: "Service", spec, status: {} })).toEqual({
    Type: "NodePort",
    "Cluster address": "10.0.0.7",
    Ports: "80/TCP http → 8080, on each node 30080; 53/TCP → 53",
    "Selects pods": "app=web",
  });
});

it("an Ingress says where each path leads, and whose certificate it has", () => {
  const backend = { service: { name: "web", port: { number: 80 } } };
  const rules = [{ host: "shop.example", http: { paths: [{ path: "/", backend }] } }];
  const spec = { rules, tls: [{ hosts: ["shop.example"], secretName: "cert" }, {}] };
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
  expect(said({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec, status })).toEqual({
    Class: "none named",
    Address: "192.0.2.1",
    Routes: "shop.example/ → Service web:80",
    TLS: "shop.example: Secret cert; all hosts: the controller's own certificate",
  });
});

it("a workload says how many pods it wants and has, and how it replaces them", () => {
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } };
  const spec = { replicas: 3, strategy, selector: { matchLabels: { app: "web" } } };
  const status = { updatedReplicas: 3, readyReplicas: 2 };
  expect(said({ apiVersion: "apps/v1", kind: "Deployment", spec, status })).toEqual({
    Replicas: "3 wanted · 3 updated · 2 ready",
    Update: "RollingUpdate: at most 25% more, 0 missing",
    "Selects pods": "app=web",
  });
});

it("a schedule is said in words, with its last run", () => {
  const spec = { schedule: "30 2 * * *", concurrencyPolicy: "Forbid" };
  const status = { lastScheduleTime: "2026-03-01T02:30:00Z" };
  expect(said({ apiVersion: "batch/v1", kind: "CronJob", spec, status })).toEqual({
    Schedule: "30 2 * * * · Every day at 02:30",
    "Running now": "0 jobs",
    "Last scheduled": "2026-03-01T02:30:00Z",
    "While one runs": "no other one starts",
  });
});

it("containers say how they are and how they ended before", () => {
  const spec = {
    containers: [{ name: "main", image: "web:1", resources: { requests: { cpu: "100m", memory: "1Gi" } } }],
  };
  const terminated = { exitCode: 137, reason: "OOMKilled" };
  const told = {
    name: "main",
    restartCount: 3,
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated },
  };
  const [one] = objectContainers({ kind: "Pod", spec, status: { containerStatuses: [told] } });
  expect(one).toMatchObject({
    name: "main",
    requests: "100m CPU, 1Gi",
    state: "waiting: CrashLoopBackOff",
    bad: true,
    restarts: 3,
    lastEnd: "OOMKilled (exit code 137)",
  });
  const template = { spec: { initContainers: [{ name: "prepare", image: "sh" }], ...spec } };
  const made = objectContainers({ kind: "CronJob", spec: { jobTemplate: { spec: { template } } } });
  expect(made.map(({ name, init, state }) => [name, init, state])).toEqual([
    ["prepare", true, ""],
    ["main", false, ""],
  ]);
});

it("the newest condition comes first", () => {
  const conditions = [
    { type: "Ready", status: "True", lastTransitionTime: "2026-03-01T00:00:00Z" },
    { type: "Progressing", status: "False", reason: "Deadline", lastTransitionTime: "2026-03-02T00:00:00Z" },
  ];
  expect(objectConditions({ status: { conditions } }).map(({ type }) => type)).toEqual(["Progressing", "Ready"]);
});

it.each([null, 7, "x", [], { spec: [7], status: "x" }, { spec: { ports: 1, rules: {}, containers: [null] } }])(
  "no shape breaks it: %j",
  (shape) => {
    const of =
      typeof shape === "object" && shape !== null && !Array.isArray(shape) ? shape : { spec: shape, status: shape };
    for (const kind of ["Pod", "Service", "PersistentVolumeClaim", "Secret"]) {
      expect(objectFacts({ apiVersion: "v1", kind, ...of })).toBeInstanceOf(Array);
      expect(objectContainers({ kind, ...of })).toBeInstanceOf(Array);
      expect(objectConditions({ kind, ...of })).toBeInstanceOf(Array);
    }
    for (const kind of ["Deployment", "Ingress", "HorizontalPodAutoscaler", "CronJob", "Job", "PodDisruptionBudget"])
      for (const group of ["apps", "networking.k8s.io", "autoscaling", "batch", "policy"])
        expect(objectFacts({ apiVersion: `${group}/v1`, kind, ...of })).toBeInstanceOf(Array);
  },
);
