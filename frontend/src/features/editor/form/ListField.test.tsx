// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aParameter } from "@/model/testing/samples";
import { aForm } from "../testing/form";

const args = aParameter("arguments", "list", { label: "Arguments" });
const ports = aParameter("ports", "list", {
  label: "Ports",
  item: aParameter("", "object", {
    label: "",
    fields: [aParameter("name", "string", { label: "Name" }), aParameter("port", "port", { label: "Port" })],
  }),
});

describe("a list of values", () => {
  it("takes what is typed after “Add”, without another click", async () => {
    const { values } = aForm([args]);
    await userEvent.click(screen.getByRole("button", { name: "Add argument" }));
    await userEvent.keyboard("--verbose");
    expect(values()).toEqual({ arguments: ["--verbose"] });
  });

  it("goes on in a new row after Enter", async () => {
    const { values } = aForm([args], { parameters: { arguments: ["a", "c"] } });
    await userEvent.click(screen.getByRole("textbox", { name: "argument 1" }));
    await userEvent.keyboard("{Enter}b");
    expect(values()).toEqual({ arguments: ["a", "b", "c"] });
  });

  it("is not set any more when its last row is removed", async () => {
    const { values } = aForm([args], { parameters: { arguments: ["a"] } });
    await userEvent.click(screen.getByRole("button", { name: "Remove row 1" }));
    expect(values()).toEqual({});
  });

  it("offers nothing to change to a viewer", () => {
    aForm([args], { parameters: { arguments: ["a"] }, readOnly: true });
    expect(screen.queryByRole("button", { name: /Add|Remove/ })).toBeNull();
    expect(screen.getByRole("textbox", { name: "argument 1" })).toHaveProperty("readOnly", true);
  });
});

describe("a list of objects", () => {
  it("opens a new row with the caret in its first field", async () => {
    const { values } = aForm([ports]);
    await userEvent.click(screen.getByRole("button", { name: "Add port" }));
    await userEvent.keyboard("http{Tab}80");
    expect(values()).toEqual({ ports: [{ name: "http", port: 80 }] });
  });

  it("calls a row by its values, and changes the order of rows", async () => {
    const rows = [
      { name: "http", port: 80 },
      { name: "metrics", port: 9090 },
    ];
    const { values } = aForm([ports], { parameters: { ports: rows } });
    await userEvent.click(screen.getByRole("button", { name: "Move http · 80 down" }));
    expect(values()).toEqual({ ports: [rows[1], rows[0]] });
    await userEvent.click(screen.getByRole("button", { name: "Remove metrics · 9090" }));
    expect(values()).toEqual({ ports: [rows[0]] });
  });
});
