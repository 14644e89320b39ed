// @vitest-environment jsdom
import { act, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { Follow, followedTopics } from "../testing/live";
import { aSession, InSession } from "../testing/session";
import { StatusTab } from "./StatusTab";

it("does not say that a node is not in the cluster before anything was heard of it", () => {
  const live = followedTopics();
  const session = aSession({ document: aGraph([aNode("web", "deployment")]), view: { environmentId: "unheard" } });
  render(
    <InSession session={session}>
      <Follow topic="environment:unheard" />
      <StatusTab nodeId="web" status={undefined} />
    </InSession>,
  );
  expect(screen.getByText("Its status has not arrived yet")).toBeDefined();
  act(() => live.say("environment:unheard", {}));
  expect(screen.getByText("Not in the cluster")).toBeDefined();
  live.end();
});
