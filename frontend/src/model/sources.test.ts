import { expect, it } from "vitest";
import { sourceProblems } from "./sources";
import { aGraph, aNode } from "./testing/samples";

const gone = { code: "source.unknown", detail: "the team has no source called site" };
const drawn = aGraph([{ ...aNode("code", "source"), parameters: { source: "site" } }]);
const row = (source: string, problem: { code: string; detail: string } | null) => ({
  node_id: "code",
  source,
  problem,
});

it("names a source that the team does not have at its field", () => {
  expect(sourceProblems(drawn, [row("site", gone)])).toEqual([
    {
      code: "source.unknown",
      detail: "The team has no source called site.",
      severity: "error",
      field: "nodes.code.parameters.source",
      node_ids: ["code"],
      edge_ids: [],
    },
  ]);
  expect(sourceProblems(drawn, [row("site", { ...gone, code: "source.pin" })])[0]?.field).toBe(
    "nodes.code.parameters.pin",
  );
});

it("says nothing of what is not built yet, is there, or is drawn otherwise by now", () => {
  expect(sourceProblems(drawn, [row("site", { ...gone, code: "source.not_built" })])).toEqual([]);
  expect(sourceProblems(drawn, [row("site", null)])).toEqual([]);
  expect(sourceProblems(drawn, [row("other", gone)])).toEqual([]);
  const variable = aGraph([{ ...aNode("code", "source"), parameters: { source: "${SITE}" } }]);
  expect(sourceProblems(variable, [row("site", gone)])).toHaveLength(1);
});
