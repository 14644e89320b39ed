import { expect, it } from "vitest";
import { shownRunId } from "./shownRun";

const run = (number: number) => ({ id: `r${number}`, number });
const nothing = { newest: undefined, startedId: null, started: undefined, chosenId: null };

it("the drawer shows the newest run of the environment", () => {
  expect(shownRunId(nothing)).toBeNull();
  expect(shownRunId({ ...nothing, newest: run(7) })).toBe("r7");
});

it("what the person has just started is shown at once, and while it waits for its turn", () => {
  expect(shownRunId({ ...nothing, startedId: "r8" })).toBe("r8");
  expect(shownRunId({ ...nothing, newest: run(7), startedId: "r8" })).toBe("r8");
  expect(shownRunId({ ...nothing, newest: run(7), startedId: "r8", started: run(8) })).toBe("r8");
});

it("a run that came after it takes its place: the rollback of a failed one, or that of somebody else", () => {
  expect(shownRunId({ ...nothing, newest: run(14), startedId: "r13", started: run(13) })).toBe("r14");
});

it("what the person chose stays", () => {
  expect(shownRunId({ newest: run(14), startedId: "r13", started: run(13), chosenId: "r13" })).toBe("r13");
});
