import { ChevronRight } from "lucide-react";
import type { PlanObject } from "@/contract";
import { sayEffect, STANCES, stanceOf } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { cx, Tag, TONE_TEXT } from "@/ui";
import { KindIcon } from "../KindIcon";
import { Values } from "../Values";

/** One object of a plan: what becomes of it and what that does to pods; opened, the fields that change. */
export function PreviewRow({ object }: { object: PlanObject }) {
  const { ref, fields, field_counts: counts, conflicts, error, proof } = object;
  const stance = stanceOf(object);
  const look = STANCES[stance];
  const felt = sayEffect(object);
  const shown = fields.filter((field) => field.band === "acts");
  const hidden = counts.acts - shown.length;
  const line = (
    <>
      <span className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[look.tone])} aria-hidden>
        {look.mark}
      </span>
      <KindIcon kind={ref.kind} className="mt-0.5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 font-mono text-12 break-all">{ref.name}</span>
          <span className="shrink-0 text-11 text-muted">{ref.kind}</span>
        </span>
        {felt && <span className="block text-12 text-muted">{felt}</span>}
        {error && stance !== "conflict" && <span className="block text-12 text-bad">{sentence(error.detail)}</span>}
      </span>
      <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
    </>
  );
  if (shown.length === 0 && conflicts.length === 0)
    return <li className="flex items-start gap-2 border-b border-line py-1.5 pr-3 pl-8.5 last:border-b-0">{line}</li>;
  return (
    <li className="border-b border-line last:border-b-0">
      <details className="group/object" open={stance === "conflict"}>
        <summary className="flex list-none items-start gap-2 px-3 py-1.5 hover:bg-hover focus-visible:outline-offset-[-2px]">
          <ChevronRight
            size={14}
            aria-hidden
            className="mt-0.5 shrink-0 text-muted transition-transform duration-100 group-open/object:rotate-90"
          />
          {line}
        </summary>
        <div className="flex flex-col gap-1 pt-1 pr-3 pb-2 pl-13.5 text-12">
          {conflicts.map(({ path, manager }) => (
            <p key={`${path} ${manager}`} className="text-bad">
              {path ? <span className="font-mono break-all">{path}</span> : "The object"} is managed by {manager}
            </p>
          ))}
          {shown.map((field) => (
            <p key={field.path} className="min-w-0 break-words">
              <span className="font-mono break-all text-muted">{field.path}</span>
              <Values from={field.before} to={field.after} />
            </p>
          ))}
          {hidden > 0 && <p className="text-muted">and {plural(hidden, "more field")}</p>}
          {proof === "at_apply" && <Tag>decided when it is applied</Tag>}
        </div>
      </details>
    </li>
  );
}
