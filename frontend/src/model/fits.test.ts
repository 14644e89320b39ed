import { describe, expect, it } from "vitest";
import { fitMarks, misfitsByNode, sayFit } from "./fits";

const problem = (node_id: string | null, level: "error" | "warning") => ({
  node_id,
  ref: null,
  path: "spec",
  level,
  code: "x",
  detail: "no",
});

describe("what would break on a cluster", () => {
  const problems = [
    problem("hpa", "warning"),
    problem("web", "error"),
    problem("web", "warning"),
    problem(null, "error"),
  ];

  it("stands with its node, errors first", () => {
    expect(misfitsByNode({ problems }).map(({ nodeId, problems: some }) => [nodeId, some.length])).toEqual([
      ["web", 2],
      [null, 1],
      ["hpa", 1],
    ]);
  });

  it("marks cards by shape and word", () => {
    expect([...fitMarks({ problems })].map(([id, { mark, word }]) => `${id} ${mark} ${word}`)).toEqual([
      "web ! would break",
      "hpa ▲ 1 warning",
    ]);
  });

  it("is counted, and where it is not known, said why", () => {
    expect(sayFit({ reason: "", problems })).toBe("2 errors, 2 warnings");
    expect(sayFit({ reason: "", problems: [] })).toBe("nothing found that would break");
    expect(sayFit({ reason: "it does not answer", problems: [] })).toBe("it does not answer");
    expect(sayFit({ reason: "not looked at: Namespace", problems })).toBe(
      "2 errors, 2 warnings, not looked at: Namespace",
    );
  });
});
