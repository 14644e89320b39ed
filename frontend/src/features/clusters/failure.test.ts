import { expect, it } from "vitest";
import { failureOf } from "./failure";

const failed = (code: string, detail: string) => ({ state: "failed" as const, error: { code, detail } });

it.each([
  [failed("cluster.untrusted", "the certificate is not valid for '10.0.0.1'.; check the server name"), /certificate/],
  [failed("cluster.timeout", "no answer within 8 s"), /in time/],
  [failed("cluster.unauthorized", "the token is refused"), /credentials/],
  [failed("cluster.unavailable", "connection refused"), /cannot be reached/],
])("a failed cluster says what failed, in one voice: case %#", (cluster, title) => {
  const failure = failureOf(cluster);
  expect(failure?.title).toMatch(title);
  expect(failure?.reason).not.toContain(".;");
  expect(failure?.reason).toMatch(/^[A-Z].*\.$/);
});

it("a cluster that answers has no failure, whatever it said before", () => {
  expect(failureOf({ ...failed("cluster.timeout", "x"), state: "ready" })).toBeNull();
});
