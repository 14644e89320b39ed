// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Parameter } from "@/model/catalog";
import { aParameter } from "@/model/testing/samples";
import { aForm } from "../testing/form";

describe("a field", () => {
  it.each<[Parameter["type"], string]>([
    ["string", "textbox"],
    ["text", "textbox"],
    ["quantity", "textbox"],
    ["port", "textbox"],
    ["port_ref", "textbox"],
    ["int_or_percent", "textbox"],
    ["boolean", "switch"],
    ["enum", "combobox"],
  ])("of type %s is a %s with the label of the catalog", (type, role) => {
    aForm([aParameter("field", type, { label: "Its label", options: [{ value: "a", label: "A" }] })]);
    expect(screen.getByRole(role, { name: /Its label/ })).toBeTruthy();
  });

  it("that a connection sets says which, and leads there, until it has a value of its own", async () => {
    const selector = aParameter("selector", "string", { label: "Selector", linked_by: ["routes"] });
    const { jumps } = aForm([selector]);
    expect(screen.getByRole("listitem").textContent).toBe("Set by connection: routes svcShow");
    await userEvent.click(screen.getByRole("button", { name: "Show" }));
    expect(jumps).toEqual(["svc--web--routes"]);
  });

  it("with a value of its own shows that value", () => {
    const selector = aParameter("selector", "string", { label: "Selector", linked_by: ["routes"] });
    aForm([selector], { parameters: { selector: "mine" } });
    expect(screen.getByRole("textbox", { name: "Selector" })).toHaveProperty("value", "mine");
  });

  it("of an object that is there or not is added and removed as a whole", async () => {
    const probe = aParameter("probe", "object", {
      label: "Liveness probe",
      fields: [aParameter("port", "port", { label: "Port", required: true })],
    });
    const { values } = aForm([probe]);
    await userEvent.click(screen.getByRole("button", { name: "Add liveness probe" }));
    expect(values()).toEqual({ probe: {} });
    await userEvent.type(screen.getByRole("textbox", { name: /Port/ }), "80");
    expect(values()).toEqual({ probe: { port: 80 } });
    await userEvent.click(screen.getByRole("button", { name: "Remove liveness probe" }));
    expect(values()).toEqual({});
  });

  it("says what a quantity looks like when the text is none", async () => {
    aForm([aParameter("memory", "quantity", { label: "Memory" })]);
    const input = screen.getByRole("textbox", { name: "Memory" });
    await userEvent.type(input, "lots");
    expect(screen.getByRole("alert").textContent).toMatch(/quantity/);
  });

  it("that is a switch says when it is not set, and can be so again", async () => {
    const { values } = aForm([aParameter("escalate", "boolean", { label: "Allow privilege escalation" })]);
    expect(screen.getByText("Not set")).toBeTruthy();
    const button = screen.getByRole("switch", { name: "Allow privilege escalation" });
    await userEvent.click(button);
    await userEvent.click(button);
    expect(values()).toEqual({ escalate: false });
    expect(screen.getByText("Off")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Reset" }));
    expect(values()).toEqual({});
    expect(screen.getByText("Not set")).toBeTruthy();
  });
});
