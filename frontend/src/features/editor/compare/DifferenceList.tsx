import { useState } from "react";
import { kindLabel } from "@/model/catalog";
import type { Difference } from "@/model/compareSides";
import { CHANGES } from "@/model/markedGraph";
import { plural } from "@/model/words";
import { LeftFields } from "@/product";
import { Button, SearchInput, SidePanel } from "@/ui";
import { FieldDiff, type DiffMode } from "../changes/FieldDiff";
import { DiffChoice, useDiffMode } from "../changes/DiffChoice";
import { ObjectRow } from "../lens/ObjectRow";
import { useEditor } from "../state/session";

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
  const { catalog } = useEditor();
  const { cardId, name, kind, change, fields, more, stays } = difference;
  return (
    <ObjectRow
      cardId={cardId}
      icon={cardId === null ? null : (catalog.kindById.get(kind)?.icon ?? kind)}
      name={name}
      kind={cardId === null ? (catalog.relationById.get(kind)?.phrase ?? kind) : kindLabel(catalog, kind)}
      look={CHANGES[change]}
      isOpen={change === "modified" || change === "left"}
    >
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
    </ObjectRow>
  );
}
