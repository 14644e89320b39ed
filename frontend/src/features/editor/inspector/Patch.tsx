import { useMemo } from "react";
import { isPatch } from "@/model/checks";
import { setPatch } from "@/model/edits";
import type { NodeRecord } from "@/model/records";
import { YamlEditor } from "@/ui";
import { useDocument, useEditor, useFocusTarget } from "../state/session";
import { yamlMarks } from "./yamlMarks";

/** YAML written by hand, merged into the manifest. */
export function Patch({ node }: { node: NodeRecord }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const serverError = useDocument(
    (state) => state.problems.find((problem) => problem.node_ids.includes(node.id) && isPatch(problem.field))?.detail,
  );
  const field = useFocusTarget("field:patch");
  const marks = useMemo(() => yamlMarks(node.patch ?? ""), [node.patch]);
  return (
    <section ref={field} aria-label="Patch" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium">Patch</h3>
      <YamlEditor
        className="h-44"
        label="Patch"
        value={node.patch ?? ""}
        marks={marks}
        readOnly={readOnly}
        onChange={(text) => {
          const { document, apply } = session.document.getState();
          apply(setPatch(document, node.id, text));
        }}
      />
      {(marks[0]?.message ?? serverError) && (
        <p role="alert" className="text-12 text-bad">
          {marks[0] ? `Line ${marks[0].line}: ${marks[0].message}` : serverError}
        </p>
      )}
      <p className="text-12 text-muted">
        YAML that is merged into the manifest last, for fields that the form does not have.
      </p>
    </section>
  );
}
