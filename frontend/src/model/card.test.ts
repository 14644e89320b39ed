import { expect, it } from "vitest";
import { builtBy, cardLine } from "./card";
import type { Kind } from "./catalog";
import type { EdgeRecord } from "./records";
import { aKind, aNode, aParameter, sampleCatalog } from "./testing/samples";

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

it("a card does not say twice how many pods there are", () => {
  const kind = sampleCatalog.kindById.get("deployment");
  const web = aNode("a", "deployment", { parameters: { image: "nginx:1.27", replicas: 3 } });
  expect(cardLine(kind, web, undefined, 3)).toBe("nginx:1.27");
  expect(cardLine(kind, web, undefined, 5), "an autoscaler has other ideas").toBe("nginx:1.27 · ×3");
});

it("of several places the first one that is set counts", () => {
  const service = sampleCatalog.kindById.get("service");
  const kind = service && { ...service, card: { line: ["ports|port"] } };
  expect(cardLine(kind, aNode("a", "service", { parameters: { port: 80, ports: [{ port: 5432 }] } }))).toBe("5432");
  expect(cardLine(kind, aNode("a", "service", { parameters: { port: 81, ports: [] } }))).toBe("81");
});

it("an image that a connected node builds is said by its name, whatever image the node has itself", () => {
  const kind: Kind = {
    ...aKind("deployment", "Deployment", [
      aParameter("image", "string", { format: "image", linked_by: ["builds"] }),
      aParameter("replicas", "integer", { default: 1 }),
    ]),
  };
  const web = aNode("web", "deployment", { parameters: { image: "nginx:1.27" } });
  const edge = { id: "e", source: "code", target: "web", relation: "builds", parameters: {} };
  const drawn = (parameters: EdgeRecord["parameters"]) => ({
    nodes: { web, code: aNode("code", "source") },
    edges: { e: { ...edge, parameters } },
  });

  const giver = builtBy(drawn({}), kind, web);
  expect(giver?.id).toBe("code");
  expect(cardLine(kind, web, giver?.name)).toBe("built by code · ×1");
  expect(builtBy(drawn({ containers: ["proxy"] }), kind, web)).toBeUndefined();
});
