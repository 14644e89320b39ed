import { describe, expect, it } from "vitest";
import { CARD } from "@/model/place";
import { aGraph, aNode } from "@/model/testing/samples";
import { childrenOf, placesIn } from "./layout";

describe("the tidy layout", () => {
  it("lays out the cards of a group within its frame, which counts as one", () => {
    const graph = aGraph([
      aNode("job", "deployment"),
      { ...aNode("web", "deployment"), group: "front" },
      { ...aNode("api", "deployment"), group: "front" },
    ]);
    const size = { width: CARD.width, height: CARD.height };
    expect(childrenOf(graph)).toEqual([
      { id: "job", ...size },
      {
        id: "frame:front",
        layoutOptions: { "elk.padding": "[top=40,left=20,bottom=20,right=20]" },
        children: [
          { id: "web", ...size },
          { id: "api", ...size },
        ],
      },
    ]);
  });

  it("takes the places of cards in a frame from its corner, on the grid", () => {
    const web = { id: "web", x: 20, y: 41 };
    const placed = {
      children: [
        { id: "job", x: 1, y: 2 },
        { id: "frame:front", x: 300, y: 100, children: [web] },
      ],
    };
    expect(placesIn(placed)).toEqual({ job: { x: 0, y: 0 }, web: { x: 320, y: 140 } });
  });
});
