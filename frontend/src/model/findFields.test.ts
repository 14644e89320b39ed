import { expect, it } from "vitest";
import { findFields } from "./findFields";
import type { FormSection } from "./form";
import { aParameter } from "./testing/samples";

const field = (name: string, label: string, more = {}) => ({
  parameter: aParameter(name, "string", { label, ...more }),
  path: [name],
  own: undefined,
  links: [],
  errors: [],
});
const SECTIONS: FormSection[] = [
  { id: "a", label: "General", fields: [field("image", "Image")], advanced: [], errors: 0 },
  {
    id: "b",
    label: "Rollout",
    fields: [field("min_ready_s", "Min ready seconds")],
    advanced: [field("grace_s", "Termination grace period")],
    errors: 0,
  },
  {
    id: "c",
    label: "Probes",
    fields: [field("liveness", "Liveness probe", { fields: [aParameter("path", "string", { label: "Path" })] })],
    advanced: [],
    errors: 0,
  },
];
const PATHS = {
  image: "spec.template.spec.containers[].image",
  min_ready_s: "spec.minReadySeconds",
  grace_s: "spec.template.spec.terminationGracePeriodSeconds",
  liveness: "spec.template.spec.containers[].livenessProbe",
  "liveness.path": "spec.template.spec.containers[].livenessProbe.httpGet.path",
};
const found = (query: string) =>
  findFields(SECTIONS, query, PATHS).flatMap(({ fields, advanced }) =>
    [...fields, ...advanced].map((each) => each.path[0]),
  );

it.each([
  ["", ["image", "min_ready_s", "grace_s", "liveness"]],
  ["imag", ["image"]],
  ["grace period", ["grace_s"]],
  ["spec.template.spec.terminationGracePeriodSeconds", ["grace_s"]],
  ["minReadySeconds", ["min_ready_s"]],
  ["livenessProbe.httpGet", ["liveness"]],
  ["containers[].image", ["image"]],
  ["httpGet", ["liveness"]],
  // Nearly every path begins so: it finds nothing by itself.
  ["template", []],
  ["rollout", ["min_ready_s", "grace_s"]],
  ["path", ["liveness"]],
  ["nothing of this", []],
])("“%s” finds its fields by label, by API path and inside objects", (query, names) => {
  expect(found(query)).toEqual(names);
});
