import { ChevronRight } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { kindLabel } from "@/model/catalog";
import type { Difference } from "@/model/compareSides";
import { CHANGES } from "@/model/markedGraph";
import { plural } from "@/model/words";
import { KindIcon, LeftFields } from "@/product";
import { Button, cx, SearchInput, SidePanel, TONE_TEXT } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import { DiffChoice, useDiffMode } from "../changes/DiffChoice";
import { useEditor, useView } from "../state/session";

const ROWS = 100;

interface DifferenceListProps {
  readonly differences: readonly Difference[];
  /** Without a filter. */
  readonly total: number;
}

/** Every difference of two sides, with its fields. */
export function DifferenceList({ differences, total }: DifferenceListProps) {
  const [query, setQuery] = useState("");
  const [most, setMost] = useState(ROWS);
  const [mode, chooseMode] = useDiffMode();
  const wanted = query.trim().toLowerCase();
  const found = differences.filter((one) =>
    [one.name, one.kind, ...[...one.fields, ...(one.stays?.yielded ?? [])].map(({ path }) => path)]
      .join("\n")
      .toLowerCase()
      .includes(wanted),
  );
  return (
    <SidePanel
      name="editor.plan"
      title="Differences"
      min={340}
      max={1100}
      initial={440}
      actions={<DiffChoice mode={mode} onChange={chooseMode} />}
    >
      <div className="sticky top-0 z-10 border-b border-line bg-surface px-4 py-2">
        <SearchInput label="Find an object or a field" value={query} onChange={setQuery} />
        {found.length < total && (
          <p role="status" className="mt-1 text-12 text-muted">
            {found.length} of {total} differences
          </p>
        )}
      </div>
      {total === 0 && <p className="px-4 py-3 text-13 text-muted">Both sides say the same. Positions do not count.</p>}
      <ul aria-label="Differences">
        {found.slice(0, most).map((one) => (
          <DifferenceRow key={one.key} difference={one} mode={mode} />
        ))}
      </ul>
      {found.length > most && (
        <div className="p-2 text-center">
          <Button size="sm" onClick={() => setMost(most + ROWS)}>
            Show {Math.min(ROWS, found.length - most)} more of {found.length - most}
          </Button>
        </div>
      )}
    </SidePanel>
  );
}

function DifferenceRow({ difference, mode }: { difference: Difference; mode: DiffMode }) {
  const { catalog, view } = useEditor();
  const { cardId, name, kind, change, fields, more, stays } = difference;
  const selected = useView((state) => cardId !== null && state.selectedNodes.includes(cardId));
  const [toggled, setToggled] = useState<boolean | null>(null);
  const row = useRef<HTMLLIElement>(null);
  const body = useId();
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const look = CHANGES[change];
  const open = toggled ?? (selected || change === "modified" || change === "left");
  const known = catalog.kindById.get(kind);
  return (
    <li ref={row} className={cx("border-b border-line", selected && "bg-accent-soft")}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => {
          setToggled(!open);
          if (cardId !== null && !selected) view.getState().select([cardId]);
        }}
        className="flex w-full min-w-0 items-center gap-2 px-4 py-2 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={cx("shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
        />
        <span className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[look.tone])} aria-hidden>
          {look.mark}
        </span>
        {cardId !== null && <KindIcon kind={known?.icon ?? kind} className="shrink-0 text-muted" />}
        <span className="flex min-w-0 flex-1 items-baseline gap-2">
          <span className="truncate font-mono text-12">{name}</span>
          <span className="min-w-0 shrink truncate text-11 text-muted">
            {cardId === null ? (catalog.relationById.get(kind)?.phrase ?? kind) : kindLabel(catalog, kind)}
          </span>
        </span>
        <span className={cx("shrink-0 text-12", TONE_TEXT[look.tone])}>{look.word}</span>
      </button>
      {open && (
        <div id={body} className="flex flex-col gap-2 px-4 pb-3 text-12 empty:hidden">
          {fields.map(({ path, from, to }) => (
            <FieldDiff key={path} path={path} before={from} after={to} mode={mode} />
          ))}
          {more > 0 && <p className="text-muted">and {plural(more, "more field")}</p>}
          {stays && <LeftFields object={stays} />}
          {fields.length === 0 && more === 0 && !stays && (
            <p className="text-muted">
              {change === "added" ? "Only the second side has it." : "Only the first side has it."}
            </p>
          )}
        </div>
      )}
    </li>
  );
}
