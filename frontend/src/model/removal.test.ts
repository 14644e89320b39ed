import { describe, expect, it } from "vitest";
import { removalOf } from "./removal";

const web = { name: "web", holds_data: false };
const disk = { name: "disk", holds_data: true };

describe("what is removed with a workflow", () => {
  it("is nothing while objects are kept", () => {
    expect(removalOf([web, disk], { objects: false, data: true })).toEqual({
      removed: [],
      kept: [web, disk],
      losesData: false,
    });
  });

  it("is all but what holds data, until that may go too", () => {
    expect(removalOf([web, disk], { objects: true, data: false })).toEqual({
      removed: [web],
      kept: [disk],
      losesData: false,
    });
    expect(removalOf([web, disk], { objects: true, data: true })).toEqual({
      removed: [web, disk],
      kept: [],
      losesData: true,
    });
  });

  it("loses no data where none is held", () => {
    expect(removalOf([web], { objects: true, data: true }).losesData).toBe(false);
  });
});
