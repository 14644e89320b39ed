import { describe, expect, it } from "vitest";
import { CARD } from "@/model/place";
import { cardAt, pointOf, viewportShowing } from "./geometry";

const SCREEN = { width: 1000, height: 600, covered: 0, coveredBelow: 0 };
const at = (x: number, y: number, zoom = 1) => ({ x, y, zoom });

describe("bringing a card into view", () => {
  it("moves nothing while more than half of the card can be seen", () => {
    expect(viewportShowing({ x: 100, y: 100 }, at(0, 0), SCREEN)).toBeNull();
    expect(viewportShowing({ x: 880, y: 100 }, at(0, 0), SCREEN)).toBeNull();
    expect(viewportShowing({ x: -100, y: -10 }, at(0, 0), SCREEN)).not.toBeNull();
  });

  it("moves the view just so far that the card has room at the border", () => {
    expect(viewportShowing({ x: 900, y: 100 }, at(0, 0), SCREEN)).toEqual(at(1000 - 24 - 900 - CARD.width, 0));
    expect(viewportShowing({ x: -150, y: 24 }, at(0, 0), SCREEN)).toEqual(at(174, 0));
  });

  it("counts what the inspector covers as not seen", () => {
    expect(viewportShowing({ x: 500, y: 100 }, at(0, 0), { ...SCREEN, covered: 300 })).toBeNull();
    expect(viewportShowing({ x: 600, y: 100 }, at(0, 0), { ...SCREEN, covered: 300 })).toEqual(
      at(700 - 24 - 600 - CARD.width, 0),
    );
  });

  it("counts what lies over the lower part of a small screen as not seen", () => {
    const phone = { width: 390, height: 700, covered: 0, coveredBelow: 400 };
    expect(viewportShowing({ x: 100, y: 200 }, at(0, 0), phone)).toBeNull();
    expect(viewportShowing({ x: 100, y: 500 }, at(0, 0), phone)).toEqual(at(0, 300 - 24 - 500 - CARD.height));
  });

  it("counts with the zoom", () => {
    expect(viewportShowing({ x: 900, y: 100 }, at(0, 0, 0.5), SCREEN)).toBeNull();
    expect(viewportShowing({ x: 1900, y: 0 }, at(0, 24, 0.5), SCREEN)).toEqual(at(1000 - 24 - 950 - 110, 24, 0.5));
  });

  it("shows the left end of a card that is wider than the screen", () => {
    expect(viewportShowing({ x: 500, y: 0 }, at(0, 24), { ...SCREEN, width: 120 })).toEqual(at(24 - 500, 24));
  });
});

describe("the card under a point", () => {
  const cards = [
    { id: "below", position: { x: 0, y: 0 } },
    { id: "above", position: { x: 100, y: 20 } },
  ];
  it("is the one drawn on top, anywhere on its face", () => {
    expect(cardAt(cards, { x: 150, y: 40 })?.id).toBe("above");
    expect(cardAt(cards, { x: 10, y: 10 })?.id).toBe("below");
    expect(cardAt(cards, { x: 100 + CARD.width, y: 20 + CARD.height })?.id).toBe("above");
  });
  it("is none beside the cards", () => {
    expect(cardAt(cards, { x: -1, y: 10 })).toBeUndefined();
    expect(cardAt(cards, { x: 10, y: 65 })).toBeUndefined();
  });
});

describe("where a pointer is", () => {
  it("is the place of the mouse, or of the finger that was lifted", () => {
    expect(pointOf({ clientX: 3, clientY: 4 } as MouseEvent)).toEqual({ x: 3, y: 4 });
    const lifted = { changedTouches: [{ clientX: 5, clientY: 6 }] } as unknown as TouchEvent;
    expect(pointOf(lifted)).toEqual({ x: 5, y: 6 });
  });
});
