import { expect, it } from "vitest";
import { cardLine } from "./card";
import { aNode, sampleCatalog } from "./testing/samples";

it("a card's line names what matters, and the default where nothing was typed", () => {
  const kind = sampleCatalog.kindById.get("deployment");
  expect(cardLine(kind, aNode("a", "deployment", { parameters: { image: "nginx:1.27" } }))).toBe("nginx:1.27 · ×1");
  expect(
    cardLine(
      sampleCatalog.kindById.get("service"),
      aNode("a", "service", { parameters: { ports: [{ port: 80 }, { port: 443 }] } }),
    ),
  ).toBe("80, 443");
});

it("of several places the first one that is set counts", () => {
  const service = sampleCatalog.kindById.get("service");
  const kind = service && { ...service, card: { line: ["ports|port"] } };
  expect(cardLine(kind, aNode("a", "service", { parameters: { port: 80, ports: [{ port: 5432 }] } }))).toBe("5432");
  expect(cardLine(kind, aNode("a", "service", { parameters: { port: 81, ports: [] } }))).toBe("81");
});
