import { describe, expect, it } from "vitest";
import { removalOf } from "./removal";

const web = { name: "web", holds_data: false, is_kept_on_destroy: false, is_given_back: false };
const disk = { name: "disk", holds_data: true, is_kept_on_destroy: true, is_given_back: false };
const set = { name: "set", holds_data: true, is_kept_on_destroy: false, is_given_back: false };
const all = [web, disk, set];

describe("what is removed with a workflow", () => {
  it("is nothing while objects are kept", () => {
    const nothing = { removed: [], kept: all, leavingData: [], losesData: false };
    expect(removalOf(all, { objects: false, data: false })).toEqual(nothing);
    expect(removalOf(all, { objects: false, data: true })).toEqual(nothing);
  });

  it("leaves volumes, and the volumes of a set that goes itself", () => {
    expect(removalOf(all, { objects: true, data: false })).toEqual({
      removed: [web, set],
      kept: [disk],
      leavingData: [set],
      losesData: false,
    });
  });

  it("is everything when data may go too, and that loses data only where some is held", () => {
    expect(removalOf(all, { objects: true, data: true })).toEqual({
      removed: all,
      kept: [],
      leavingData: [],
      losesData: true,
    });
    expect(removalOf([web], { objects: true, data: true }).losesData).toBe(false);
  });

  it("never is what was there before being taken over, whatever may go", () => {
    const adopted = { ...set, name: "adopted", is_kept_on_destroy: true, is_given_back: true };
    expect(removalOf([web, adopted], { objects: true, data: true })).toEqual({
      removed: [web],
      kept: [adopted],
      leavingData: [],
      losesData: false,
    });
  });
});
