// @vitest-environment jsdom
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { ApiProblem, type ConfirmedDeletions } from "@/api";
import { TooltipProvider } from "@/ui";
import { useDeletionsQuestion } from "./useDeletionsQuestion";

class NoSizes {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("ResizeObserver", NoSizes);

const ref = (kind: string, name: string) => ({ api_version: "v1", kind, namespace: "shop", name });
const question = (...names: string[]) =>
  new ApiProblem({
    status: 409,
    code: "run.deletions_unconfirmed",
    detail: "the run would delete objects",
    confirmation: names.join("+"),
    deletions: names.map((name) => ({
      ref: ref("CronJob", name),
      node_id: null,
      holds_data: name === "db" || name === "uploads",
    })),
    kept: [{ ref: ref("PersistentVolumeClaim", "data"), node_id: null, reason: "it holds data" }],
  });

const withData = (...names: string[]) => {
  const { extra } = question(...names);
  return new ApiProblem({
    ...extra,
    status: 409,
    code: "run.deletions_unconfirmed",
    detail: "the run would delete objects",
    kept: [
      { ref: ref("PersistentVolumeClaim", "uploads"), node_id: null, reason: "it holds data", holds_data: true },
    ].filter((each) => !names.includes(each.ref.name)),
  });
};

interface StarterProps {
  start: (confirmed?: ConfirmedDeletions) => Promise<string>;
  mayDeleteData?: boolean;
}

function Starter({ start, mayDeleteData = false }: StarterProps) {
  const { ask, dialog } = useDeletionsQuestion("prod", "Run", { mayDeleteData });
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

function press(start: StarterProps["start"], more: Omit<StarterProps, "start"> = {}) {
  const user = userEvent.setup();
  render(<Starter start={start} {...more} />);
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

it("what holds data goes only where the person chooses that, sees it in the list and types the name", async () => {
  const start = vi.fn(async (confirmed?: ConfirmedDeletions) => {
    const names = confirmed?.delete_volumes ? ["cron", "uploads"] : ["cron"];
    if (confirmed?.confirmation !== names.join("+")) throw withData(...names);
    return "run 5";
  });
  const { user, go } = press(start, { mayDeleteData: true });
  await go();
  const choice = await screen.findByRole("checkbox", { name: /Delete the data too \(uploads\)/ });
  await user.click(choice);
  const dialog = await screen.findByRole("dialog", { name: "Delete 2 objects in prod?" });
  expect(within(dialog).getByText("with its data")).toBeDefined();
  await user.click(screen.getByRole("checkbox"));
  expect(await screen.findByRole("dialog", { name: "Delete 1 object in prod?" })).toBeDefined();
  await user.click(screen.getByRole("checkbox"));
  const button = await screen.findByRole<HTMLButtonElement>("button", { name: "Delete 2 objects and run" });
  expect(button.disabled).toBe(true);
  await user.type(screen.getByRole("textbox"), "prod");
  await user.click(button);
  expect(await screen.findByText("run 5")).toBeDefined();
  expect(start.mock.calls.at(-1)).toEqual([
    { confirm_deletions: 2, confirmation: "cron+uploads", delete_volumes: true },
  ]);
});

it("takes the number to be typed where more go than may go unasked", async () => {
  const user = userEvent.setup();
  const { extra } = question("old", "older");
  const above = new ApiProblem({
    ...extra,
    status: 409,
    code: "run.deletions_unconfirmed",
    detail: "the run would delete objects",
    budget: 1,
    above: true,
  });
  const start = vi.fn<(confirmed?: ConfirmedDeletions) => Promise<string>>();
  start.mockRejectedValueOnce(above).mockResolvedValueOnce("started");
  render(<Starter start={start} />);
  await user.click(screen.getByRole("button"));
  const dialog = within(await screen.findByRole("dialog"));
  dialog.getByText(/more than the 1 that may go without this question/);
  const yes = dialog.getByRole<HTMLButtonElement>("button", { name: "Delete 2 objects and run" });
  expect(yes.disabled).toBe(true);
  await user.type(dialog.getByRole("textbox"), "2");
  await user.click(yes);
  await screen.findByText("started");
  expect(start).toHaveBeenCalledTimes(2);
});
