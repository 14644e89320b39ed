// @vitest-environment jsdom
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { ApiProblem, type ConfirmedDeletions } from "@/api";
import { TooltipProvider } from "@/ui";
import { useDeletionsQuestion } from "./useDeletionsQuestion";

const ref = (kind: string, name: string) => ({ api_version: "v1", kind, namespace: "shop", name });
const question = (...names: string[]) =>
  new ApiProblem({
    status: 409,
    code: "run.deletions_unconfirmed",
    detail: "the run would delete objects",
    confirmation: names.join("+"),
    deletions: names.map((name) => ({ ref: ref("CronJob", name), node_id: null, holds_data: name === "db" })),
    kept: [{ ref: ref("PersistentVolumeClaim", "data"), node_id: null, reason: "it holds data" }],
  });

function Starter({ start }: { start: (confirmed?: ConfirmedDeletions) => Promise<string> }) {
  const { ask, dialog } = useDeletionsQuestion("prod");
  const [outcome, setOutcome] = useState("");
  return (
    <TooltipProvider>
      <button
        onClick={() =>
          void ask(start).then(
            (started) => setOutcome(started ?? "said no"),
            (error: Error) => setOutcome(error.message),
          )
        }
      >
        Go
      </button>
      <p>{outcome}</p>
      {dialog}
    </TooltipProvider>
  );
}

function press(start: (confirmed?: ConfirmedDeletions) => Promise<string>) {
  const user = userEvent.setup();
  render(<Starter start={start} />);
  return { user, go: () => user.click(screen.getByText("Go")) };
}

it("what deletes nothing starts without a question", async () => {
  const start = vi.fn(async () => "run 1");
  await press(start).go();
  expect(await screen.findByText("run 1")).toBeDefined();
  expect(start.mock.calls).toEqual([[]]);
});

it("deletions are listed, with what stays and why, and start with their number and confirmation", async () => {
  const start = vi.fn(async (confirmed?: ConfirmedDeletions) => {
    if (confirmed?.confirmation !== "cron+queue" || confirmed.confirm_deletions !== 2) throw question("cron", "queue");
    return "run 2";
  });
  const { user, go } = press(start);
  await go();
  const dialog = await screen.findByRole("dialog", { name: "Delete 2 objects in prod?" });
  expect(within(dialog).getByText("CronJob/cron")).toBeDefined();
  expect(within(dialog).getByText("it holds data")).toBeDefined();
  await user.click(within(dialog).getByRole("button", { name: "Delete 2 objects and run" }));
  expect(await screen.findByText("run 2")).toBeDefined();
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("a no starts nothing", async () => {
  const start = vi.fn(async () => {
    throw question("cron");
  });
  const { user, go } = press(start);
  await go();
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("said no")).toBeDefined();
  expect(start).toHaveBeenCalledTimes(1);
});

it("a list that has changed meanwhile is asked about anew", async () => {
  const answers = [question("cron"), question("cron", "queue")];
  const start = vi.fn(async () => {
    const next = answers.shift();
    if (next) throw next;
    return "run 3";
  });
  const { user, go } = press(start);
  await go();
  await user.click(await screen.findByRole("button", { name: "Delete 1 object and run" }));
  expect(await screen.findByText("The list has changed. Check it again.")).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Delete 2 objects and run" }));
  expect(await screen.findByText("run 3")).toBeDefined();
  expect(start.mock.calls).toEqual([
    [],
    [{ confirm_deletions: 1, confirmation: "cron" }],
    [{ confirm_deletions: 2, confirmation: "cron+queue" }],
  ]);
});

it("the environment's name is typed where data may be lost", async () => {
  const start = vi.fn(async (confirmed?: ConfirmedDeletions) => {
    if (confirmed === undefined) throw question("db");
    return "run 4";
  });
  const { user, go } = press(start);
  await go();
  const button = await screen.findByRole<HTMLButtonElement>("button", { name: "Delete 1 object and run" });
  expect(button.disabled).toBe(true);
  await user.type(screen.getByRole("textbox"), "prod");
  await user.click(button);
  expect(await screen.findByText("run 4")).toBeDefined();
});

it("another refusal is thrown to who asked", async () => {
  const start = async () => {
    throw new ApiProblem({ status: 409, code: "environment.busy", detail: "a run is in progress" });
  };
  await press(start).go();
  expect(await screen.findByText("a run is in progress")).toBeDefined();
});
