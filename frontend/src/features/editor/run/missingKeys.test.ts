import { describe, expect, it } from "vitest";
import { missingKeys } from "./missingKeys";

describe("a run refused for missing values", () => {
  it("names the keys of each node, with dots in them", () => {
    const fields = ["secrets.db.password", "secrets.tls.tls.crt", "secrets.tls.tls.key"];
    expect(
      missingKeys(
        fields.map((field) => ({ field })),
        { db: { name: "database" }, tls: { name: "certificate" } },
      ),
    ).toEqual([
      { nodeId: "db", name: "database", keys: ["password"] },
      { nodeId: "tls", name: "certificate", keys: ["tls.crt", "tls.key"] },
    ]);
  });

  it("calls a node that is gone by its id, and leaves out what is no key", () => {
    const fields = ["secrets.gone.token", "environment", null];
    expect(
      missingKeys(
        fields.map((field) => ({ field })),
        {},
      ),
    ).toEqual([{ nodeId: "gone", name: "gone", keys: ["token"] }]);
  });
});
