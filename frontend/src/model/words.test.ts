import { expect, it } from "vitest";
import { objectsOf, sentence } from "./words";

it.each([
  ["the name is taken", "The name is taken."],
  ["Done!", "Done!"],
  [" two words: ", "Two words:"],
  ["", ""],
  ["it isn't ready", "It isn't ready."],
  ["web-1 is not ready", "web-1 is not ready."],
  ["nginx:1.27 cannot be pulled", "nginx:1.27 cannot be pulled."],
  ["spec.replicas is set", "spec.replicas is set."],
  ["kubectl: command failed", "kubectl: command failed."],
  ["etcd3 answers", "etcd3 answers."],
])("%j as a sentence is %j", (text, expected) => {
  expect(sentence(text)).toBe(expected);
});

it.each([
  [1, "Ingress", "1 Ingress"],
  [2, "Ingress", "2 Ingresses"],
  [3, "NetworkPolicy", "3 NetworkPolicies"],
  [2, "Gateway", "2 Gateways"],
  [2, "Endpoints", "2 Endpoints"],
  [4, "Pod", "4 Pods"],
])("%i of the kind %s is %s", (count, kind, expected) => {
  expect(objectsOf(count, kind)).toBe(expected);
});
