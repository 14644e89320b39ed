// @vitest-environment jsdom
import { act, render, screen, waitFor } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { describe, expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession, InSession } from "../testing/session";
import { useLinked, useRememberInUrl } from "./address";

function opened(address: string) {
  const session = aSession({ document: aGraph([aNode("web", "deployment"), aNode("api", "deployment")]) });
  function Page() {
    const { environment, node } = useLinked();
    return (
      <InSession session={session}>
        <Remember />
        <p>
          {environment} {node}
        </p>
      </InSession>
    );
  }
  const router = createMemoryRouter([{ path: "/workflows/w", element: <Page /> }], { initialEntries: [address] });
  render(<RouterProvider router={router} />);
  return {
    view: session.view,
    query: () => router.state.location.search,
    text: () => screen.getByRole("paragraph").textContent,
  };
}

function Remember() {
  useRememberInUrl();
  return null;
}

describe("the address of the editor", () => {
  it("names the one selected node and the environment, and keeps the rest", async () => {
    const { view, query } = opened("/workflows/w?tab=yaml");
    expect(query()).toBe("?tab=yaml");
    act(() => view.getState().select(["web"]));
    await waitFor(() => expect(query()).toBe("?tab=yaml&node=web"));
    act(() => view.setState({ environmentId: "prod" }));
    await waitFor(() => expect(query()).toBe("?tab=yaml&node=web&environment=prod"));
    act(() => view.getState().select(["web", "api"]));
    await waitFor(() => expect(query()).toBe("?tab=yaml&environment=prod"));
  });

  it("is read once, when the editor opens", async () => {
    const { view, query, text } = opened("/workflows/w?environment=prod&node=api");
    expect(text()).toBe("prod api");
    act(() => view.getState().select(["web"]));
    await waitFor(() => expect(query()).toContain("node=web"));
    expect(text()).toBe("prod api");
  });
});
