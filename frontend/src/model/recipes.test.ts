import { describe, expect, it } from "vitest";
import { recipeFragment } from "./recipes";
import { aGraph, aNode, aRecipe, sampleCatalog } from "./testing/samples";

const drawnBeside = (...nodes: ReturnType<typeof aNode>[]) =>
  recipeFragment(aGraph(nodes), sampleCatalog, aRecipe).nodes;

describe("a recipe", () => {
  it("has its own names where they are free, and its texts say them", () => {
    const [service, web] = drawnBeside(aNode("web", "configmap"));
    expect([service?.name, web?.name]).toEqual(["web", "web"]);
    expect(web?.parameters).toEqual({
      image: "nginx:1.27",
      env: { SELF: "http://web.local" },
      args: ["web", 1],
    });
  });

  it("numbers all of its names where one of them is taken, and its texts follow", () => {
    const [service, web] = drawnBeside(aNode("a", "service", { name: "web" }));
    expect([service?.name, web?.name]).toEqual(["web-2", "web-2"]);
    expect(web?.parameters.env).toEqual({ SELF: "http://web-2.local" });
  });

  it("takes the first number that is free for all of them", () => {
    const [service] = drawnBeside(
      aNode("a", "service", { name: "web" }),
      aNode("b", "deployment", { name: "web-2" }),
      aNode("c", "service", { name: "web-3", parameters: { namespace: "elsewhere" } }),
    );
    expect(service?.name).toBe("web-3");
  });
});
