import { describe, expect, it } from "vitest";
import type { Run } from "@/contract";
import { isInView, noticeOf } from "./useRunNotices";

const run = (state: Run["state"], by = "ada", error: Run["error"] = null) =>
  ({
    id: "r1",
    number: 5,
    state,
    error,
    workflow: { id: "w1", name: "shop" },
    environment: { id: "e1", name: "prod" },
    created_by: { id: by, name: "" },
  }) as Run;
const ada = { id: "ada" };

describe("a run that ends elsewhere", () => {
  it("is told to who started it, also when it went well", () => {
    expect(noticeOf(run("succeeded"), ada)).toMatchObject({ title: "shop #5 succeeded in prod", mark: "✓" });
    expect(noticeOf(run("failed"), ada)).toMatchObject({ title: "shop #5 failed in prod", mark: "✕" });
  });

  it("is told to the team when it failed", () => {
    expect(noticeOf(run("failed", "bob"), ada)).not.toBeNull();
    expect(noticeOf(run("succeeded", "bob"), ada)).toBeNull();
  });

  it.each([
    ["one that goes on", run("verifying")],
    ["one that a person has canceled", run("canceled")],
    ["one that the next run overtook", run("failed", "ada", { code: "run.superseded", detail: "", node_id: null })],
  ])("%s is not told", (_what, given) => {
    expect(noticeOf(given, ada)).toBeNull();
  });

  it("is in view on its own page and in the editor of its workflow", () => {
    expect(isInView(run("failed"), { pathname: "/runs/r1" })).toBe(true);
    expect(isInView(run("failed"), { pathname: "/workflows/w1" })).toBe(true);
    for (const pathname of ["/runs", "/runs/r2", "/workflows", "/workflows/w1/settings"])
      expect(isInView(run("failed"), { pathname })).toBe(false);
  });
});
