import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { PlanObject } from "@/contract";
import { EFFECTS, sayImpact } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { KindIcon } from "@/product";
import { cx, Tag, TONE_TEXT } from "@/ui";
import { Values } from "../changes/Change";
import { useEditor, useView } from "../state/session";

/** One object of a plan: what becomes of it and what that does; opened, the fields that change. */
export function PlanRow({ object }: { object: PlanObject }) {
  const { view } = useEditor();
  const selected = useView((state) => object.node_id !== null && state.selectedNodes.includes(object.node_id));
  const [open, setOpen] = useState(object.effect === "conflict");
  const look = EFFECTS[object.effect];
  const impact = sayImpact(object.impact);
  const shown = object.fields.filter((field) => field.band === "acts");
  const hidden = object.field_counts.acts - shown.length;
  return (
    <li className={cx("border-b border-line", selected && "bg-accent-soft")}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
          if (object.node_id !== null) view.getState().select([object.node_id]);
        }}
        className="flex w-full min-w-0 items-start gap-2 px-4 py-2 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={cx("mt-0.5 shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
        />
        <span className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[look.tone])} aria-hidden>
          {look.mark}
        </span>
        <KindIcon kind={object.ref.kind} className="mt-0.5 shrink-0 text-muted" />
        <span className="min-w-0 flex-1">
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="truncate font-mono text-12">{object.ref.name}</span>
            <span className="shrink-0 text-11 text-muted">{object.ref.kind}</span>
          </span>
          {(impact || object.impact?.reason) && (
            <span className="block text-12 text-muted">
              {[impact, object.impact?.reason].filter(Boolean).join(": ")}
            </span>
          )}
        </span>
        <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
      </button>
      {open && (
        <div className="flex flex-col gap-1.5 px-4 pb-3 pl-13 text-12">
          {object.error && <p className="text-bad">{sentence(object.error.detail)}</p>}
          {object.reason && <p className="text-muted">{sentence(object.reason)}</p>}
          {object.conflicts.map(({ path, manager }) => (
            <p key={`${path} ${manager}`} className="text-bad">
              {path ? <span className="font-mono">{path}</span> : "The object"} is managed by {manager}
            </p>
          ))}
          {shown.map((field) => (
            <p key={field.path} className="min-w-0 break-words">
              <span className="font-mono text-muted">{field.path}</span>
              <Values from={field.before} to={field.after} />
            </p>
          ))}
          {hidden > 0 && <p className="text-muted">and {plural(hidden, "more field")}</p>}
          {object.proof === "at_apply" && <Tag>decided when it is applied</Tag>}
        </div>
      )}
    </li>
  );
}
