import { Trash2 } from "lucide-react";
import { Link } from "react-router";
import type { ImportRow } from "@/contract";
import { fromWords, IMPORT_STATES, OUTCOMES } from "@/model/importWords";
import { cx, IconButton, RelativeTime, TONE_TEXT, useRowTabIndex, type Column } from "@/ui";

/** The columns of the history; `onDelete` is left out for who may delete none. */
export function columnsFor(
  mayDelete: (row: ImportRow) => boolean,
  onDelete: (row: ImportRow) => void,
): Column<ImportRow>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(120px, 2fr)",
      cell: (row) => (
        <Link
          to={`/imports/${row.id}`}
          tabIndex={-1}
          className="min-w-0 truncate rounded-sm font-medium hover:underline"
        >
          {row.name}
        </Link>
      ),
    },
    {
      id: "state",
      header: "State",
      width: "110px",
      cell: (row) => (
        <span className={TONE_TEXT[IMPORT_STATES[row.state].tone]}>
          <span aria-hidden>{IMPORT_STATES[row.state].mark} </span>
          {IMPORT_STATES[row.state].word}
        </span>
      ),
    },
    {
      id: "keys",
      header: "Keys",
      from: 700,
      width: "minmax(150px, 1.4fr)",
      cell: (row) => (
        <span className="tnum flex gap-2.5 text-12">
          {Object.entries(OUTCOMES).map(
            ([outcome, { mark, tone, word }]) =>
              (row.counts[outcome] ?? 0) > 0 && (
                <span key={outcome} title={word} className={cx("whitespace-nowrap", TONE_TEXT[tone])}>
                  <span aria-hidden>{mark} </span>
                  {row.counts[outcome]}
                  <span className="sr-only"> {word}</span>
                </span>
              ),
          )}
        </span>
      ),
    },
    {
      id: "from",
      header: "From",
      from: 860,
      width: "minmax(110px, 1.4fr)",
      cell: (row) => (
        <span title={fromWords(row)} className="min-w-0 truncate text-muted">
          {fromWords(row)}
        </span>
      ),
    },
    {
      id: "workflow",
      header: "Workflow",
      from: 620,
      width: "minmax(100px, 1.2fr)",
      cell: (row) =>
        row.workflow && (
          <Link to={`/workflows/${row.workflow.id}`} tabIndex={-1} className="min-w-0 truncate hover:underline">
            {row.workflow.name}
          </Link>
        ),
    },
    {
      id: "created",
      header: "Imported",
      width: "110px",
      cell: (row) => (
        <span className="text-muted">
          <RelativeTime at={row.created_at} />
        </span>
      ),
    },
    {
      id: "delete",
      header: "",
      width: "44px",
      cell: (row) => mayDelete(row) && <Delete name={row.name} onClick={() => onDelete(row)} />,
    },
  ];
}

function Delete({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <IconButton
      label={`Delete ${name}`}
      size="sm"
      tabIndex={useRowTabIndex()}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Trash2 size={14} aria-hidden />
    </IconButton>
  );
}
