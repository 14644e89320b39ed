// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { ApiProblem } from "@/api";
import { useIdempotencyKey } from "./idempotency";

it("a key is the same until it is answered", () => {
  const { current: key } = renderHook(() => useIdempotencyKey()).result;
  const first = key.take();
  expect(key.take()).toBe(first);
  key.answered(new ApiProblem({ status: 0, code: "network.timeout", detail: "late" }));
  expect(key.take()).toBe(first);
  key.answered(new ApiProblem({ status: 409, code: "run.busy", detail: "busy" }));
  const second = key.take();
  expect(second).not.toBe(first);
  key.answered();
  expect(key.take()).not.toBe(second);
});
