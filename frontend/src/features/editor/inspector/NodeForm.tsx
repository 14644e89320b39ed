import { ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Kind } from "@/model/catalog";
import { setParameter, type RecordRef } from "@/model/edits";
import { errorsOf, nodeForm, type FormSection, type Link } from "@/model/form";
import type { NodeRecord } from "@/model/records";
import { cx, readStored, Tag, writeStored } from "@/ui";
import { FormProvider, type FormContextValue } from "../form/context";
import { ParameterField } from "../form/ParameterField";
import { useDocument, useEditor, useView } from "../state/session";
import { plural } from "../words";

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
    <FormProvider value={form}>
      <FormBody name={kind.id} sections={sections} onJump={onJump} notes={general.map((problem) => problem.detail)} />
    </FormProvider>
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
  const body = useRef<HTMLDivElement>(null);
  const focus = useView((state) => state.focusField);
  useEffect(() => {
    if (!focus) return;
    // The field itself, else the nearest one around it (a folded row of a list).
    const steps = focus.path.replace(/^parameters\./, "").split(".");
    for (let length = steps.length; length > 0; length -= 1) {
      const field = body.current
        ?.closest("[data-inspector]")
        ?.querySelector<HTMLElement>(`[data-field="${CSS.escape(steps.slice(0, length).join("."))}"]`);
      if (!field) continue;
      field.scrollIntoView({ block: "center" });
      field.querySelector<HTMLElement>("input, textarea, button, [role=combobox]")?.focus();
      return;
    }
  }, [focus]);
  return (
    <div ref={body} className="flex flex-col pb-6">
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
          focus={focus?.path ?? null}
          onJump={onJump}
        />
      ))}
    </div>
  );
}

interface SectionProps {
  readonly section: FormSection;
  readonly storage: string;
  readonly first: boolean;
  readonly alone: boolean;
  readonly focus: string | null;
  readonly onJump?: (link: Link) => void;
}

function Section({ section, storage, first, alone, focus, onJump }: SectionProps) {
  const asked = (fields: FormSection["fields"]): boolean => {
    const head = focus?.replace(/^parameters\./, "").split(".")[0];
    return head !== undefined && fields.some((field) => field.parameter.name === head);
  };
  const filled = section.fields.some((field) => field.own !== undefined || field.links.length > 0);
  const [chosen, setChosen] = useState<boolean | null>(() => {
    const stored = readStored(storage);
    return stored === null ? null : stored === "open";
  });
  const open = asked([...section.fields, ...section.advanced]) || section.errors > 0 || (chosen ?? (first || filled));
  const [more, setMore] = useState(false);
  const advanced =
    more ||
    asked(section.advanced) ||
    section.advanced.some((field) => field.errors.length > 0 || field.own !== undefined);
  const toggle = (): void => {
    setChosen(!open);
    writeStored(storage, open ? "closed" : "open");
  };
  const field = (entry: FormSection["fields"][number]) => (
    <ParameterField
      key={entry.parameter.name}
      parameter={entry.parameter}
      path={entry.path}
      value={entry.own}
      links={entry.links}
      onJump={onJump}
    />
  );
  return (
    <section className="border-b border-line last:border-b-0">
      {!alone && (
        <h3>
          <button
            type="button"
            aria-expanded={open}
            onClick={toggle}
            className="flex h-9 w-full items-center gap-1.5 px-3 text-left text-12 font-semibold hover:bg-hover"
          >
            <ChevronRight
              size={14}
              aria-hidden
              className={cx("text-muted transition-transform duration-100", open && "rotate-90")}
            />
            <span className="flex-1">{section.label}</span>
            {section.errors > 0 && <Tag tone="bad">{plural(section.errors, "problem")}</Tag>}
          </button>
        </h3>
      )}
      {(open || alone) && (
        <div className={cx("flex flex-col gap-4 px-4 pb-4", alone && "pt-4")}>
          {section.fields.map(field)}
          {advanced && section.advanced.map(field)}
          {section.advanced.length > 0 && !advanced && (
            <button
              type="button"
              className="self-start rounded text-12 text-muted hover:text-text hover:underline"
              onClick={() => setMore(true)}
            >
              Show {section.advanced.length} more
            </button>
          )}
        </div>
      )}
    </section>
  );
}
