// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { markTabInBackground, useCrumbs, useTabMark } from "./crumbs";

it("the title of the tab is where the person is, behind the mark of what the page shows", () => {
  renderHook(() => useCrumbs({ label: "Workflows", to: "/workflows" }, { label: "shop" }));
  expect(document.title).toBe("shop · Workflows · KubeOrch");
  const { unmount } = renderHook(() => useTabMark("✕"));
  expect(document.title).toBe("✕ shop · Workflows · KubeOrch");
  unmount();
  expect(document.title).toBe("shop · Workflows · KubeOrch");
});

it("news mark a tab in the background until somebody looks", () => {
  renderHook(() => useCrumbs({ label: "Runs" }));
  markTabInBackground("✕");
  expect(document.title).toBe("Runs · KubeOrch");
  const look = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  markTabInBackground("✕");
  expect(document.title).toBe("✕ Runs · KubeOrch");
  look.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(document.title).toBe("Runs · KubeOrch");
});
