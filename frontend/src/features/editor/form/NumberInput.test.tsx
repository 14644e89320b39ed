// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aParameter } from "@/model/testing/samples";
import { aForm } from "../testing/form";

const replicas = aParameter("replicas", "integer", { label: "Replicas", default: 2, min: 0, max: 10 });
const input = () => screen.getByRole("textbox", { name: "Replicas" });

describe("a number", () => {
  it("is stored as a number, and not at all once the field is empty", async () => {
    const { values } = aForm([replicas]);
    await userEvent.type(input(), "3");
    expect(values()).toEqual({ replicas: 3 });
    await userEvent.clear(input());
    expect(values()).toEqual({});
  });

  it("stays as typed while it is not a number, with the reason", async () => {
    const { values } = aForm([replicas]);
    await userEvent.type(input(), "3x");
    expect(input()).toHaveProperty("value", "3x");
    expect(values()).toEqual({ replicas: "3x" });
    expect(screen.getByRole("alert").textContent).toMatch(/number/);
  });

  it("counts from the default with the arrow keys, by ten with Shift, never below zero", async () => {
    const { values } = aForm([replicas]);
    await userEvent.click(input());
    await userEvent.keyboard("{ArrowUp}");
    expect(values()).toEqual({ replicas: 3 });
    await userEvent.keyboard("{Shift>}{ArrowDown}{/Shift}");
    expect(values()).toEqual({ replicas: 0 });
  });

  it("may be a variable", async () => {
    const { values } = aForm([replicas]);
    await userEvent.click(input());
    await userEvent.paste("${REPLICAS}");
    expect(values()).toEqual({ replicas: "${REPLICAS}" });
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
