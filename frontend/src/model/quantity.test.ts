import { expect, it } from "vitest";
import { isQuantity, plainQuantity } from "./quantity";

it.each(["0", "1", "0.5", "100m", "1e3", "128Mi", "2Gi", ".5"])("%s is a quantity", (text) =>
  expect(isQuantity(text)).toBe(true),
);

it.each(["", "1 Gi", "Gi", "1gb", "--1", "1mi"])("%j is not a quantity", (text) =>
  expect(isQuantity(text)).toBe(false),
);

it("reads quantities plainly", () => {
  expect(plainQuantity("250m")).toBe("0.25");
  expect(plainQuantity("128Mi")).toBe("134,217,728 bytes");
});
