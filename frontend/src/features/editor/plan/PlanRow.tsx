import { ChevronRight } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { PlanObject } from "@/contract";
import { sayYielded } from "@/model/driftWords";
import { cardIdOf } from "@/model/markedGraph";
import { refKey, sayEffect, STANCES, stanceOf } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { KindIcon, LeftFields } from "@/product";
import { cx, Tag, TONE_TEXT } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import { useLensAddress } from "../state/lensAddress";
import { useEditor, useView } from "../state/session";

interface PlanRowProps {
  readonly object: PlanObject;
  readonly mode: DiffMode;
}

/** One object of a plan: what becomes of it and what that does; opened, its fields in three bands. */
export function PlanRow({ object, mode }: PlanRowProps) {
  const { view } = useEditor();
  const card = cardIdOf(object);
  const selected = useView((state) => state.selectedNodes.includes(card));
  const [toggled, setToggled] = useState<boolean | null>(null);
  const row = useRef<HTMLLIElement>(null);
  const body = useId();
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const stance = stanceOf(object);
  const look = STANCES[stance];
  const open = toggled ?? (selected || stance === "conflict" || stance === "refused");
  const said = sayEffect(object);
  return (
    <li ref={row} className={cx("border-b border-line", selected && "bg-accent-soft")}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => {
          setToggled(!open);
          if (!selected && view.getState().nodes.some((node) => node.id === card)) view.getState().select([card]);
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
            <span className="min-w-0 shrink truncate text-11 text-muted">{object.ref.kind}</span>
          </span>
          {object.yielded.length > 0 && <span className="block text-12 text-muted">{sayYielded(object.yielded)}</span>}
          {said && <span className="block text-12 wrap-anywhere text-muted">{said}</span>}
        </span>
        <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
      </button>
      {open && (
        <div id={body} className="flex flex-col gap-2 px-4 pb-3 text-12">
          <PlanDetail object={object} mode={mode} />
        </div>
      )}
    </li>
  );
}

function PlanDetail({ object, mode }: PlanRowProps) {
  const acts = object.fields.filter((field) => field.band === "acts");
  const kept = object.fields.filter((field) => field.band === "bookkeeping");
  const { field_counts: counts } = object;
  const stance = stanceOf(object);
  // The fields below say who manages them.
  const isOfFields = stance === "conflict" && object.conflicts.some(({ path }) => path !== "");
  const { openObject } = useLensAddress();
  return (
    <>
      {object.error && !isOfFields && <p className="text-bad">{sentence(object.error.detail)}</p>}
      {object.reason && stance !== "held" && !isOfFields && object.reason !== object.error?.detail && (
        <p className="text-muted">{sentence(object.reason)}</p>
      )}
      {object.proof === "at_apply" && (
        <p>
          <Tag>decided when it is applied</Tag>
        </p>
      )}
      {object.conflicts
        .filter(({ path }) => path !== "" && !acts.some((field) => field.path === path))
        .map(({ path, manager }) => (
          <p key={`${path} ${manager}`} className="text-bad">
            <span className="font-mono">{path}</span> is managed by {manager}
          </p>
        ))}
      {acts.map(({ path, before, after }) => {
        const managers = object.conflicts.filter((conflict) => conflict.path === path).map(({ manager }) => manager);
        return (
          <FieldDiff key={path} path={path} before={before} after={after} mode={mode}>
            {managers.length > 0 && <span className="text-bad">is managed by {managers.join(" and ")}</span>}
          </FieldDiff>
        );
      })}
      <Hidden count={counts.acts - acts.length} one="more field" />
      <LeftFields object={object} />
      {counts.bookkeeping > 0 && (
        <details>
          <summary className="w-fit cursor-pointer rounded text-muted hover:text-text">
            {plural(counts.bookkeeping, "field")} of bookkeeping
          </summary>
          <div className="mt-2 flex flex-col gap-2">
            {kept.map(({ path, before, after }) => (
              <FieldDiff key={path} path={path} before={before} after={after} mode={mode} />
            ))}
            <Hidden count={counts.bookkeeping - kept.length} one="more field" />
          </div>
        </details>
      )}
      <p className="flex flex-wrap gap-x-3 text-muted">
        {counts.untouched > 0 && <span>{plural(counts.untouched, "field")} untouched</span>}
        {stance !== "unchanged" && (
          <button
            type="button"
            className="rounded text-accent-text hover:underline"
            onClick={() => openObject(refKey(object.ref))}
          >
            Whole object as YAML
          </button>
        )}
      </p>
    </>
  );
}

function Hidden({ count, one }: { count: number; one: string }) {
  return count > 0 ? <p className="text-muted">and {plural(count, one)}</p> : null;
}
