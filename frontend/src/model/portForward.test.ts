import { expect, it } from "vitest";
import { portForwards } from "./portForward";

const metadata = { name: "web", namespace: "shop" };
const pod = { containers: [{ ports: [{ containerPort: 8080 }, { containerPort: 53, protocol: "UDP" }] }, {}] };

it("each TCP port is forwarded, one that needs root on the own machine from a higher one", () => {
  const spec = { ports: [{ port: 80 }, { port: 5432 }] };
  expect(portForwards({ kind: "Service", metadata, spec })).toEqual([
    { command: "kubectl port-forward -n shop service/web 8080:80", at: "http://localhost:8080" },
    { command: "kubectl port-forward -n shop service/web 5432", at: "http://localhost:5432" },
  ]);
});

it.each([
  ["Pod", pod, "pod/web"],
  ["Deployment", { template: { spec: pod } }, "deployment/web"],
])("of a %s the ports of its containers", (kind, spec, called) => {
  expect(portForwards({ kind, metadata, spec })).toEqual([
    { command: `kubectl port-forward -n shop ${called} 8080`, at: "http://localhost:8080" },
  ]);
});

it("what has no ports, or is no kind that kubectl forwards, has no command", () => {
  expect(portForwards({ kind: "ConfigMap", metadata, spec: { ports: [{ port: 80 }] } })).toEqual([]);
  expect(portForwards({ kind: "Deployment", metadata, spec: {} })).toEqual([]);
  expect(portForwards({ kind: "Pod", metadata })).toEqual([]);
});
