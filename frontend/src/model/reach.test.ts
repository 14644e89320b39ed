import { describe, expect, it } from "vitest";
import type { KeyReader } from "@/contract";
import { sayHow, toRestart } from "./reach";

const reader = (name: string, arrives: KeyReader["arrives"], environment = "e", kind = "Deployment"): KeyReader => ({
  workflow: { id: "w", name: "shop" },
  environment,
  node_id: name,
  ref: { api_version: "apps/v1", kind, namespace: "shop", name },
  container: "app",
  how: "env",
  where: "DB_PASS",
  key: "password",
  optional: false,
  arrives,
  reason: "",
});

describe("the readers of a key", () => {
  it("say how they read it", () => {
    expect(sayHow(reader("web", "restart"))).toBe("variable DB_PASS");
    expect(sayHow({ how: "file", where: "/etc/banner" })).toBe("file /etc/banner");
    expect(sayHow({ how: "image_pull", where: "" })).toBe("image pull");
  });

  it("are restarted each once, where only a restart brings the change and the kind can be", () => {
    const found = toRestart([
      reader("web", "restart"),
      reader("web", "restart"),
      reader("fixed", "never"),
      reader("live", "minute"),
      reader("fresh", "replaced"),
      reader("job", "restart", "e", "Job"),
      reader("other", "restart", "f"),
    ]);
    expect([...found].map(([environment, refs]) => [environment, refs.map(({ name }) => name)])).toEqual([
      ["e", ["web"]],
      ["f", ["other"]],
    ]);
  });
});
