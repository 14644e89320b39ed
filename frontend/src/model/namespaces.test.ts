import { describe, expect, it } from "vitest";
import { namespacesToOffer, withNamespace } from "./namespaces";

const KNOWN = ["default", "kube-system", "shop", "shop-test"];

describe("namespaces to choose from", () => {
  it.each([
    [[], ["default", "shop", "shop-test"]],
    [["shop"], ["default", "shop-test"]],
    [
      ["default", "sh"],
      ["shop", "shop-test"],
    ],
    [["not-there-yet"], []],
  ])("beside %j are %j", (named, offered) => {
    expect(namespacesToOffer(KNOWN, named)).toEqual(offered);
  });

  it("are eight at most", () => {
    const many = Array.from({ length: 20 }, (_, number) => `team-${number}`);
    expect(namespacesToOffer(many, [])).toHaveLength(8);
  });

  it("take the place of the part that was typed, and of nothing else", () => {
    expect(withNamespace(KNOWN, ["default", "sh"], "shop")).toEqual(["default", "shop"]);
    expect(withNamespace(KNOWN, ["default"], "shop")).toEqual(["default", "shop"]);
    expect(withNamespace(KNOWN, ["new-one", "shop"], "default")).toEqual(["new-one", "shop", "default"]);
    expect(withNamespace(KNOWN, [], "shop")).toEqual(["shop"]);
  });
});
