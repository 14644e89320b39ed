import { useState } from "react";
import { rename } from "@/model/edits";
import { nameProblem } from "@/model/names";
import type { NodeRecord } from "@/model/records";
import { Input } from "@/ui";
import { useDocument, useEditor, useFocusTarget, useKind } from "../state/session";

/** The node's name, edited in place; a name that Kubernetes would refuse gets its reason at once. */
export function NodeName({ node }: { node: NodeRecord }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const twin = useDocument(
    (state) =>
      state.problems.find((problem) => problem.code === "graph.duplicate_name" && problem.node_ids.includes(node.id))
        ?.detail,
  );
  const field = useFocusTarget("field:name");
  const inspector = useFocusTarget("inspector");
  const [touched, setTouched] = useState(false);
  const problem = nameProblem(node.name, useKind(node.kind)) ?? twin;
  return (
    <div ref={field}>
      <Input
        ref={inspector}
        mono
        compact
        aria-label="Name"
        aria-invalid={problem ? true : undefined}
        value={node.name}
        title={node.name}
        readOnly={readOnly}
        className={
          touched ? undefined : "border-transparent! bg-transparent! px-1! font-medium hover:border-line-strong!"
        }
        maxLength={253}
        onFocus={() => setTouched(true)}
        onBlur={() => {
          setTouched(false);
          session.document.getState().seal();
        }}
        onChange={(event) => {
          const { document, apply } = session.document.getState();
          apply(rename(document, node.id, event.target.value));
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          // The first Escape leaves the name, the next one the inspector.
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
      {problem && (
        <p role="alert" className="px-1 pt-1 text-12 text-bad">
          {problem}
        </p>
      )}
    </div>
  );
}
