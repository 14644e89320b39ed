// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Plan } from "@/contract";
import { Lacking } from "./Lacking";

type Row = Plan["lacking"][number];

const row = (name: string, code: Row["code"], detail: string): Row => ({
  ref: { api_version: "apps/v1", kind: "Deployment", namespace: "shop", name },
  node_id: name,
  code,
  detail,
});

it("says what waits and what may not start, together where the reason is the same", () => {
  const refused = "the namespace enforces the level restricted";
  render(
    <Lacking
      plan={{
        lacking: [
          row("web", "pod.refused", refused),
          row("api", "pod.refused", refused),
          row("db", "class.no_default", "no StorageClass is the default"),
        ],
      }}
    />,
  );
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "Deployment web, Deployment api may not start. The namespace enforces the level restricted.",
    "Deployment db is created and waits. No StorageClass is the default.",
  ]);
});

it("leaves room for the plan where there are many reasons", () => {
  const many = Array.from({ length: 8 }, (_, n) => row(`web-${n}`, "image.removed", `image ${n} was removed`));
  render(<Lacking plan={{ lacking: many }} />);
  expect(screen.getAllByRole("listitem")).toHaveLength(6);
  expect(screen.getByText("And 3 more reasons.")).toBeDefined();
});

it("shows nothing where nothing lacks", () => {
  const { container } = render(<Lacking plan={{ lacking: [] }} />);
  expect(container.innerHTML).toBe("");
});
