/** The form of one node, as the inspector shows it, for tests. */
import { render } from "@testing-library/react";
import { indexCatalog, type Parameter } from "@/model/catalog";
import type { Parameters } from "@/model/records";
import { aGraph, aKind, aNode, aRelation } from "@/model/testing/samples";
import { NodeForm } from "../inspector/NodeForm";
import { useDocument, useKind } from "../state/session";
import { aSession, InSession } from "./session";

interface FormOptions {
  readonly parameters?: Parameters;
  readonly readOnly?: boolean;
}

/** A node `web` whose kind has these fields; `values()` are its parameters in the document. */
export function aForm(fields: Parameter[], { parameters = {}, readOnly = false }: FormOptions = {}) {
  Element.prototype.scrollIntoView = () => undefined;
  const catalog = indexCatalog({
    recipes: [],
    groups: [{ id: "workloads", label: "Workloads" }],
    kinds: [aKind("thing", "Thing", fields), aKind("other", "Other")],
    relations: [aRelation("routes", ["other"], ["thing"])],
  });
  const graph = aGraph([aNode("web", "thing", { parameters }), aNode("svc", "other")], [["svc", "web", "routes"]]);
  const session = aSession({ document: graph, catalog, readOnly });
  const jumps: string[] = [];
  render(
    <InSession session={session}>
      <Form onJump={(edgeId) => jumps.push(edgeId)} />
    </InSession>,
  );
  return { session, jumps, values: () => session.document.getState().document.nodes.web?.parameters };
}

function Form({ onJump }: { onJump: (edgeId: string) => void }) {
  const node = useDocument((state) => state.document.nodes.web);
  const kind = useKind(node?.kind);
  return node && kind && <NodeForm kind={kind} node={node} onJump={(link) => onJump(link.edgeId)} />;
}
