import { useMemo } from "react";
import type { Kind } from "@/model/catalog";
import { setParameter, type RecordRef } from "@/model/edits";
import { errorsOf, nodeForm, type FormSection, type Link } from "@/model/form";
import type { NodeRecord } from "@/model/records";
import type { FormContextValue } from "../form/context";
import { Form } from "../form/Form";
import { useDocument, useEditor, useView } from "../state/session";
import { Section } from "./Section";

/** The form of one node, made from the catalog. */
export function NodeForm({ kind, node, onJump }: { kind: Kind; node: NodeRecord; onJump: (link: Link) => void }) {
  const { catalog } = useEditor();
  const document_ = useDocument((state) => state.document);
  const problems = useDocument((state) => state.problems);
  const sections = useMemo(
    () => nodeForm(kind, node, document_, catalog, problems),
    [kind, node, document_, catalog, problems],
  );
  const form = useFormOf("node", node.id);
  const general = problems.filter((problem) => problem.node_ids.includes(node.id) && problem.field === null);
  return (
    <Form value={form}>
      <FormBody name={kind.id} sections={sections} onJump={onJump} notes={general.map((problem) => problem.detail)} />
    </Form>
  );
}

/** The form context that writes to one record's parameters. */
export function useFormOf(type: RecordRef["type"], id: string): FormContextValue {
  const session = useEditor();
  const problems = useDocument((state) => state.problems);
  const readOnly = useDocument((state) => state.readOnly);
  return useMemo(
    () => ({
      readOnly,
      errors: errorsOf(type === "node" ? "nodes" : "edges", id, problems),
      set: (path, value) => {
        const { document, apply } = session.document.getState();
        apply(setParameter(document, { type, id }, path, value));
      },
      seal: () => session.document.getState().seal(),
    }),
    [session, type, id, problems, readOnly],
  );
}

interface FormBodyProps {
  readonly name: string;
  readonly sections: readonly FormSection[];
  readonly notes?: readonly string[];
  readonly onJump?: (link: Link) => void;
}

export function FormBody({ name, sections, notes = [], onJump }: FormBodyProps) {
  const asked = useView((state) => /^parameters\.([^.]+)/.exec(state.focusField?.path ?? "")?.[1] ?? null);
  return (
    <div className="flex flex-col pb-6">
      {notes.length > 0 && (
        <ul
          role="alert"
          className="mx-4 mt-4 flex flex-col gap-1 rounded border border-bad/30 bg-bad-soft px-3 py-2 text-13"
        >
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {sections.map((section, index) => (
        <Section
          key={section.id}
          storage={`editor.section.${name}.${section.id}`}
          section={section}
          first={index === 0}
          alone={sections.length === 1}
          asked={asked}
          onJump={onJump}
        />
      ))}
    </div>
  );
}
