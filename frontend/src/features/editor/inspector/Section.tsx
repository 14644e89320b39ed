import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { FormSection, Link } from "@/model/form";
import { plural } from "@/model/words";
import { cx, readStored, Tag, writeStored } from "@/ui";
import { ParameterField } from "../form/ParameterField";

interface SectionProps {
  readonly section: FormSection;
  /** Whether it is open is remembered under this name. */
  readonly storage: string;
  readonly first: boolean;
  /** What is shown was searched for: open, and nothing held back. */
  readonly searched: boolean;
  /** It is the only section: no heading, always open. */
  readonly alone: boolean;
  /** The parameter that someone was led to; the section that has it opens. */
  readonly asked: string | null;
  readonly onJump?: (link: Link) => void;
}

/** Parameters that belong together, folded while none of them is set; rarely used ones only when asked for. */
export function Section({ section, storage, first, searched, alone, asked, onJump }: SectionProps) {
  const isAsked = (fields: FormSection["fields"]): boolean => fields.some((field) => field.parameter.name === asked);
  const filled = section.fields.some((field) => field.own !== undefined || field.links.length > 0);
  const [chosen, setChosen] = useState<boolean | null>(() => {
    const stored = readStored(storage);
    return stored === null ? null : stored === "open";
  });
  const open =
    searched ||
    isAsked([...section.fields, ...section.advanced]) ||
    section.errors > 0 ||
    (chosen ?? (first || filled));
  const [more, setMore] = useState(false);
  const advanced =
    searched ||
    more ||
    isAsked(section.advanced) ||
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
