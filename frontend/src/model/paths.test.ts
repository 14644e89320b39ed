import { expect, it } from "vitest";
import { valueAt, withValueAt } from "./paths";

it("sets deep values without touching the original", () => {
  const before = { ports: [{ port: 80 }, { port: 443 }] };
  const after = withValueAt(before, ["ports", 1, "port"], 8443);
  expect(after).toEqual({ ports: [{ port: 80 }, { port: 8443 }] });
  expect(before.ports[1]?.port).toBe(443);
  expect(withValueAt(after, ["ports", 0], undefined)).toEqual({ ports: [{ port: 8443 }] });
  expect(valueAt(after, ["ports", 0, "port"])).toBe(80);
  expect(withValueAt({ a: 1 }, ["a"], undefined)).toEqual({});
});
