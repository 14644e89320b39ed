// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { render } from "@testing-library/react";
import type { NodeProps } from "@xyflow/react";
import { expect, it } from "vitest";
import { indexCatalog } from "@/model/catalog";
import { aGraph, aKind, aNode } from "@/model/testing/samples";
import type { FlowNode } from "../state/flowElements";
import { aSession, InSession } from "../testing/session";
import { ResourceNode } from "./ResourceNode";

const groups = [...readFileSync("../k8s_templates/groups.yaml", "utf8").matchAll(/\{id: (\w+)/g)].map(([, id]) => id);
const css = readFileSync("src/features/editor/canvas/canvas.css", "utf8");
const tints = new Map(
  [...css.matchAll(/\.kind-mark\[data-group="(\w+)"\] \{\s*--tint: var\(--kind-(\w+)\)/g)].map(([, id, tint]) => [
    id,
    tint,
  ]),
);

it("every group of kinds has a tint of its own; what is custom has the common one", () => {
  expect(groups.length).toBeGreaterThan(5);
  expect(groups.filter((id) => !tints.has(id))).toEqual(["custom"]);
  expect(new Set(tints.values()).size).toBe(tints.size);
});

it("a card says the group of its kind, by which it is tinted", () => {
  const kind = { ...aKind("service", "Service"), group: "network" };
  const catalog = indexCatalog({ groups: [], kinds: [kind], relations: [], recipes: [] });
  const session = aSession({ catalog, document: aGraph([aNode("n", "service")]) });
  const { container } = render(
    <InSession session={session}>
      <ResourceNode {...({ id: "n", selected: false } as NodeProps<FlowNode>)} />
    </InSession>,
  );
  expect(container.querySelector(".kind-mark")?.getAttribute("data-group")).toBe("network");
});
