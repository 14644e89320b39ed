import { expect, it } from "vitest";
import type { BuildLine, BuildStep } from "@/contract";
import {
  pushHost,
  reasonOfAll,
  shortCommit,
  shortDigest,
  shortError,
  shortRef,
  stateOfStep,
  stepsOf,
  wordsBefore,
} from "./buildWords";

const STEP: BuildStep = {
  number: 1,
  name: "RUN make",
  started_at: null,
  ended_at: null,
  cached: false,
  error: "",
  why: "",
};
const AT = "2026-01-01T00:00:00Z";

it("shortens commits and digests", () => {
  expect(shortCommit({ commit: "3f9ac21b04de".padEnd(40, "0") })).toBe("3f9ac21");
  expect(shortCommit({ commit: null })).toBe("");
  expect(shortDigest(`sha256:${"ab".repeat(32)}`)).toBe("sha256:abababababab");
});

it("names who told of a push, and the branch or tag", () => {
  expect(pushHost({ host: "gitlab" })).toBe("GitLab");
  expect([pushHost({ host: "other" }), pushHost({ host: "toString" })]).toEqual(["The caller", "The caller"]);
  expect(["refs/heads/a/b", "refs/tags/v1", "", "main"].map(shortRef)).toEqual(["a/b", "v1", "", "main"]);
});

it("tells the state of a step from what is known of it", () => {
  expect(stateOfStep(STEP)).toBe("pending");
  expect(stateOfStep({ ...STEP, started_at: AT })).toBe("running");
  expect(stateOfStep({ ...STEP, started_at: AT, ended_at: AT })).toBe("done");
  expect(stateOfStep({ ...STEP, cached: true, ended_at: AT })).toBe("cached");
  expect(stateOfStep({ ...STEP, ended_at: AT, error: "exit code: 7" })).toBe("failed");
});

it("says of no step that it runs once the build has ended", () => {
  expect(stateOfStep({ ...STEP, started_at: AT }, true)).toBe("stopped");
  expect(stateOfStep({ ...STEP, started_at: AT, ended_at: AT }, true)).toBe("done");
});

it("puts steps in the order in which they began, with what was told last", () => {
  const later = { ...STEP, number: 2, started_at: "2026-01-01T00:00:05Z" };
  const first = { ...STEP, number: 3, started_at: AT };
  const ended = { ...later, ended_at: "2026-01-01T00:00:09Z" };
  const told = new Map<string, unknown>([
    ["build", {}],
    ["step:2", ended],
    ["step:3", first],
  ]);
  expect(stepsOf([STEP, later], told)).toEqual([first, ended, STEP]);
});

it("tells what the step that failed has printed last", () => {
  const line = (seq: number, step: number | null, stream: string, text: string): BuildLine => ({
    ...{ seq, step, stream, text, at: AT, stage: "building" },
    level: "info",
  });
  const printed = ["a", "b", "c", "d", "e"].map((text, at) => line(at + 1, 7, "stdout", text));
  const lines = [
    ...printed,
    line(6, 8, "stderr", "another step"),
    line(7, 7, "stderr", "  "),
    line(8, 7, "", "failed"),
  ];
  expect(wordsBefore(lines, 8).map(({ text }) => text)).toEqual(["b", "c", "d", "e"]);
  expect(wordsBefore(lines, null)).toEqual([]);
  expect(wordsBefore([line(1, null, "", "the engine is gone")], 1)).toEqual([]);
});

it("puts the steps of a stage as the Dockerfile has them, though BuildKit looks at the last one first", () => {
  const names = [
    "[internal] load metadata",
    "[stage-0 3/3] RUN a",
    "[build 2/2] RUN b",
    "[stage-0 2/3] COPY . .",
    "[build 1/2] FROM x",
    "[stage-0 1/3] FROM x",
    "exporting to image",
  ];
  const read = names.map((name, at) => ({
    ...STEP,
    ...{ name, number: at + 1, started_at: `2026-01-01T00:00:0${at}Z` },
  }));
  expect(stepsOf(read, new Map()).map(({ name }) => name)).toEqual([
    "[internal] load metadata",
    "[stage-0 1/3] FROM x",
    "[build 1/2] FROM x",
    "[stage-0 2/3] COPY . .",
    "[build 2/2] RUN b",
    "[stage-0 3/3] RUN a",
    "exporting to image",
  ]);
});

it("says once why nothing was cached, where all steps have the same reason", () => {
  const made = { ...STEP, started_at: AT, ended_at: AT, why: "no build of this source has succeeded before" };
  expect(reasonOfAll([made, made, STEP])).toBe("no build of this source has succeeded before");
  expect(reasonOfAll([made, { ...made, why: "another" }])).toBe("");
  expect(reasonOfAll([made])).toBe("");
});

it("says of a step that failed its exit code, without the command that is its name", () => {
  const error = 'process "/bin/sh -c echo \\"did\\"\nnosuch" did not complete successfully: exit code: 3';
  expect(shortError(error)).toBe("exit code: 3");
  expect(shortError("failed to compute cache key")).toBe("failed to compute cache key");
});
