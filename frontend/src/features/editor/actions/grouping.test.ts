import { describe, expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { groupSelection, groupedIn, selectGroups, ungroupSelection } from "./grouping";

describe("grouping what is selected", () => {
  it("gives it a frame of its own, and takes it away again, by two steps of undo", () => {
    const session = aSession({
      document: aGraph([aNode("web", "deployment"), aNode("api", "deployment"), aNode("svc", "service")]),
    });
    const groups = () => Object.values(session.document.getState().document.nodes).map((node) => node.group ?? "");
    session.view.getState().select(["web", "api"]);
    groupSelection(session);
    expect(groups()).toEqual(["Group 1", "Group 1", ""]);
    groupSelection(session);
    expect(groups()).toEqual(["Group 1", "Group 1", ""]);
    session.view.getState().select(["web"]);
    selectGroups(session);
    expect(session.view.getState().selectedNodes).toEqual(["web", "api"]);
    expect(groupedIn(session)).toEqual(["web", "api"]);
    ungroupSelection(session);
    expect(groups()).toEqual(["", "", ""]);
    session.document.getState().undo();
    expect(groups()).toEqual(["Group 1", "Group 1", ""]);
    session.document.getState().undo();
    expect(groups()).toEqual(["", "", ""]);
  });

  it("of one node of a group gives it another one", () => {
    const web = { ...aNode("web", "deployment"), group: "front" };
    const session = aSession({ document: aGraph([web, { ...aNode("api", "deployment"), group: "front" }]) });
    session.view.getState().select(["web"]);
    groupSelection(session);
    const { nodes } = session.document.getState().document;
    expect([nodes.web?.group, nodes.api?.group]).toEqual(["Group 1", "front"]);
  });
});
