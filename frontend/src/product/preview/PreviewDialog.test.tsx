// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api";
import type { Plan, PlanObject } from "@/contract";
import { TooltipProvider } from "@/ui";
import { PreviewDialog } from "./PreviewDialog";

const RUNS = "/api/v1/workflows/w1/runs";
/** The server: modules are shared by all files of tests, so none of them is replaced. */
const startRun = vi.fn<(path: string, run: unknown) => Response>();
beforeEach(() => {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => startRun(path, JSON.parse(String(init.body))));
});
afterEach(() => {
  startRun.mockReset();
  vi.unstubAllGlobals();
});

const object = (name: string, effect: PlanObject["effect"], more: Partial<PlanObject> = {}): PlanObject => ({
  ref: { api_version: "v1", kind: "ConfigMap", namespace: "shop", name },
  node_id: null,
  effect,
  proof: "proven",
  reason: "",
  error: null,
  fields: [],
  field_counts: { acts: 0, bookkeeping: 0, untouched: 0 },
  conflicts: [],
  yielded: [],
  added: { count: 0, fields: [] },
  impact: null,
  adopts: null,
  ...more,
});

function aPlan(objects: readonly PlanObject[], more: Partial<Plan> = {}): Plan {
  const counts = { create: 0, update: 0, unchanged: 0, recreate: 0, delete: 0, keep: 0, give_back: 0, conflict: 0 };
  for (const each of objects) counts[each.effect] += 1;
  return {
    id: "p1",
    workflow: { id: "w1", name: "shop" },
    environment: { id: "e1", name: "prod" },
    version: 5,
    created_at: "2026-11-26T01:00:00Z",
    by: { id: "u1", name: "Ada" },
    hash: "h",
    options: { delete_volumes: false, take_over: false, adopt: false },
    choices: [],
    lacking: [],
    counts,
    still_true: true,
    moved: [],
    objects: [...objects],
    deletions: { count: counts.delete, budget: 10, above: false },
    kind: "apply",
    to_run: null,
    approval: { required: false, state: "none", by: null, at: null, reason: "" },
    images: [],
    pinned_images: [],
    undo: { way: "destroy", to_run: null, partly: false, objects: [], cannot: [] },
    unseen: [],
    ...more,
  };
}

function open(make: () => Promise<Plan>) {
  const onStarted = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <MemoryRouter>
          <PreviewDialog
            title="Run v5 in prod"
            request={["w1", "e1", 5]}
            make={make}
            verb="Run v5"
            onClose={() => undefined}
            onStarted={onStarted}
          />
        </MemoryRouter>
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), onStarted };
}

const list = (name: string) => within(screen.getByRole("list", { name }));
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });

it("what goes, what changes and what stays behind are told before anything runs, and then just that plan runs", async () => {
  const field = { path: "data.COLOUR", before: "blue", after: "green", band: "acts" as const };
  const plan = aPlan([
    object("settings", "update", { fields: [field], field_counts: { acts: 1, bookkeeping: 0, untouched: 2 } }),
    object("old", "delete"),
    object("data", "keep", { reason: "it holds data" }),
    object("same", "unchanged"),
  ]);
  startRun.mockReturnValue(Response.json({ id: "r9" }, { status: 202 }));
  const { user, onStarted } = open(async () => plan);
  expect(await screen.findByText("1 delete, 1 update, 1 held.")).toBeDefined();
  expect(list("What goes").getByText("old")).toBeDefined();
  expect(list("What changes").getByText("data.COLOUR")).toBeDefined();
  expect(list("What stays behind").getByText("It holds data.")).toBeDefined();
  expect(startRun).not.toHaveBeenCalled();
  await user.click(button("Run v5"));
  expect(startRun).toHaveBeenCalledWith(RUNS, expect.objectContaining({ environment: "e1", plan: "p1" }));
  expect(onStarted).toHaveBeenCalledOnce();
});

it("a plan that has moved is not run, says what moved, and is made anew", async () => {
  const make = vi.fn(async () => aPlan([object("settings", "update")]));
  const moved = [{ ref: object("settings", "update").ref, what: "data.COLOUR", manager: "kubectl", at: null }];
  startRun.mockReturnValue(Response.json({ code: "plan.moved", detail: "it moved", moved }, { status: 409 }));
  const { user, onStarted } = open(make);
  await screen.findByText("1 update.");
  await user.click(button("Run v5"));
  expect((await screen.findByRole("alert")).textContent).toContain("data.COLOUR (by kubectl)");
  expect(button("Run v5").disabled).toBe(true);
  expect(onStarted).not.toHaveBeenCalled();
  await user.click(button("Plan again"));
  expect(await screen.findByText("1 update.")).toBeDefined();
  expect(make).toHaveBeenCalledTimes(2);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(button("Run v5").disabled).toBe(false);
});

it("a refused plan says why and can be asked for again", async () => {
  const make = vi.fn<() => Promise<Plan>>();
  make.mockRejectedValueOnce(new ApiProblem({ status: 409, code: "x", detail: "the cluster does not answer" }));
  make.mockResolvedValueOnce(aPlan([]));
  const { user } = open(make);
  expect((await screen.findByRole("alert")).textContent).toContain("The cluster does not answer.");
  expect(button("Run v5").disabled).toBe(true);
  await user.click(button("Retry"));
  expect(await screen.findByText("Nothing would change.")).toBeDefined();
});

it("what a run would do for good is named before it runs", async () => {
  const { ref } = object("migrate", "create");
  const cannot = [{ ref, reason: "what its containers did stays done" }];
  open(async () =>
    aPlan([object("migrate", "create")], {
      undo: { way: "destroy", to_run: null, partly: false, objects: [], cannot },
    }),
  );
  await screen.findByText("1 create.");
  expect(list("What cannot be undone").getByText("What its containers did stays done.")).toBeDefined();
});

it("more deletions than may go at once are asked for by their number", async () => {
  const plan = aPlan([object("old", "delete")], { deletions: { count: 1, budget: 0, above: true } });
  startRun.mockReturnValue(Response.json({ id: "r9" }, { status: 202 }));
  const { user } = open(async () => plan);
  const box = await screen.findByLabelText("Type 1 to delete 1 object");
  expect(button("Run v5").disabled).toBe(true);
  await user.type(box, "1");
  await user.click(button("Run v5"));
  expect(startRun).toHaveBeenCalledWith(RUNS, expect.objectContaining({ plan: "p1", confirm_deletions: 1 }));
});

it("in a protected environment nothing runs before another person has approved", async () => {
  const approval = { required: true, state: "none" as const, by: null, at: null, reason: "" };
  open(async () => aPlan([object("settings", "update")], { approval }));
  expect((await screen.findByRole("status", { name: "Approval" })).textContent).toContain("prod is protected");
  expect(screen.getByText(/workflows\/w1\?environment=e1&plan=p1/)).toBeDefined();
  expect(button("Run v5").disabled).toBe(true);
});
