// @vitest-environment jsdom
import { act, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aParameter } from "@/model/testing/samples";
import { aForm } from "../testing/form";

const labels = aParameter("labels", "map", { label: "Labels" });
const keys = () => screen.getAllByRole("textbox", { name: "Key" }).map((input) => (input as HTMLInputElement).value);

describe("a map", () => {
  it("puts the caret into the key of a new row, which is stored once it has one", async () => {
    const { values } = aForm([labels]);
    await userEvent.click(screen.getByRole("button", { name: "Add label" }));
    expect(values()).toEqual({});
    await userEvent.keyboard("app{Tab}web");
    expect(values()).toEqual({ labels: { app: "web" } });
  });

  it("keeps a row whose key is being written anew, and says when a key is there twice", async () => {
    const { values } = aForm([labels], { parameters: { labels: { app: "web", tier: "front" } } });
    const [, second] = screen.getAllByRole("textbox", { name: "Key" });
    await userEvent.clear(second as HTMLElement);
    expect(values()).toEqual({ labels: { app: "web" } });
    await userEvent.type(second as HTMLElement, "app");
    expect(screen.getByText(/is listed twice/).textContent).toBe("Key app is listed twice; only the last one is used.");
    expect(values()).toEqual({ labels: { app: "front" } });
    expect(keys()).toEqual(["app", "app"]);
  });

  it("shows what undo, or another person, made of it", async () => {
    const { session, values } = aForm([labels], { parameters: { labels: { app: "web" } } });
    await userEvent.click(screen.getByRole("button", { name: "Remove app" }));
    expect(values()).toEqual({});
    act(() => void session.document.getState().undo());
    expect(keys()).toEqual(["app"]);
  });

  it("gives a value of several lines room of its own", () => {
    aForm([labels], { parameters: { labels: { motd: "hello\nworld" } } });
    expect(screen.getByRole("textbox", { name: "Value of motd" }).tagName).toBe("TEXTAREA");
  });
});
