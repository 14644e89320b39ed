import { expect, it } from "vitest";
import { ApiProblem } from "@/api";
import { cureFor, explain } from "./problem";

const problem = (status: number, requestId: string | null = null, code = "x") =>
  new ApiProblem({ status, code, detail: "it failed" }, requestId);

it.each([
  [0, null, "KubeOrch server is running"],
  [401, null, "Sign in"],
  [403, null, "whoever may do this"],
  [404, null, "deleted"],
  [409, null, "Reload"],
  [429, null, "Wait"],
  [503, null, "starting or stopped"],
  [503, "req-1", "request id"],
  [500, null, "request id"],
  [400, null, "Correct the values"],
])("status %s (request %s) has a cure: %s", (status, requestId, cure) => {
  expect(cureFor(problem(status, requestId))).toContain(cure);
});

it("who lacks a role is sent to an administrator of the team", () => {
  expect(cureFor(problem(403, null, "forbidden.role"))).toContain("team administrator");
});

it("an error is explained by reason, cure and details", () => {
  expect(explain(problem(500, "req-1"))).toMatchObject({
    reason: "It failed.",
    details: "500 x\nit failed\nrequest req-1",
  });
});
