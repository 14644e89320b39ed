import { expect, it } from "vitest";
import { CARD } from "@/model/place";
import { isInSight } from "./fit";

const phone = { width: 390, height: 500 };

it("counts a card as seen while a part of it is on the screen", () => {
  const at = (x: number, zoom = 1) => isInSight([{ x: 0, y: 0 }], { x, y: 20, zoom }, phone);
  expect(at(0)).toBe(true);
  expect(at(389)).toBe(true);
  expect(at(390)).toBe(false);
  expect(at(1 - CARD.width)).toBe(true);
  expect(at(-CARD.width)).toBe(false);
  expect(at(-CARD.width, 1.5)).toBe(true);
});

it("sees nothing where nothing is drawn", () => {
  expect(isInSight([], { x: 0, y: 0, zoom: 1 }, phone)).toBe(false);
});
