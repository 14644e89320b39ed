// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { aSession } from "../testing/session";
import { chooseEnvironment, startingEnvironment } from "./environment";

beforeEach(() => localStorage.clear());

describe("the environment that is shown first", () => {
  const there = ["dev", "prod"];
  it("is the one of the link, else the one chosen last, else the first", () => {
    expect(startingEnvironment("w", there, null)).toBe("dev");
    chooseEnvironment(aSession(), "prod");
    expect(startingEnvironment("w", there, null)).toBe("prod");
    expect(startingEnvironment("w", there, "dev")).toBe("dev");
    expect(startingEnvironment("another", there, null)).toBe("dev");
  });
  it("is never one that is gone", () => {
    chooseEnvironment(aSession(), "gone");
    expect(startingEnvironment("w", there, "gone too")).toBe("dev");
    expect(startingEnvironment("w", [], "dev")).toBeNull();
  });
  it("shows no run of the environment before", () => {
    const session = aSession({ view: { runId: "r" } });
    chooseEnvironment(session, "prod");
    expect(session.view.getState()).toMatchObject({ environmentId: "prod", runId: null });
  });
});
