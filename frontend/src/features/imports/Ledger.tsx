import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { Import, Trial } from "@/contract";
import {
  ALL_OUTCOMES,
  becameWords,
  countsOf,
  groupsOf,
  keyWord,
  OUTCOMES,
  outcomeWord,
  placeWord,
  reasonOf,
  refusalsAt,
  rowsOf,
  type LedgerGroup,
  type LedgerRow,
  type Outcome,
} from "@/model/importWords";
import { plural, sentence } from "@/model/words";
import { CountChip, cx, TONE_TEXT, Tooltip } from "@/ui";

interface LedgerProps {
  readonly found: Import;
  /** Of the URL; "" for all. */
  readonly outcome: string;
  readonly onOutcome: (outcome: Outcome | null) => void;
  /** What a cluster refused when the import was checked there. */
  readonly trial: Trial | null;
}

/** Every key of every file and what became of it, by service. */
export function Ledger({ found, outcome, onOutcome, trial }: LedgerProps) {
  const shown = ALL_OUTCOMES.find((one) => one === outcome);
  const entries = shown ? found.ledger.filter((entry) => entry.outcome === shown) : found.ledger;
  const counts = countsOf(found);
  return (
    <section aria-label="Keys" className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap gap-1.5">
        {ALL_OUTCOMES.map((one) => (
          <CountChip
            key={one}
            look={{ ...OUTCOMES[one], word: outcomeWord(one, counts[one]) }}
            count={counts[one]}
            isChosen={shown === one}
            onToggle={() => onOutcome(shown === one ? null : one)}
          />
        ))}
      </div>
      {entries.length === 0 && <p className="text-13 text-muted">No key of this kind.</p>}
      <ul className="rounded-card border border-line bg-surface">
        {groupsOf(entries).map((group) => (
          <Group
            key={`${group.name} ${shown ?? ""}`}
            group={group}
            graph={found.graph}
            isOpen={shown !== undefined}
            trial={trial}
          />
        ))}
      </ul>
      {found.ledger_left_off > 0 && (
        <p className="text-12 text-muted">{plural(found.ledger_left_off, "further key")} counted and not listed.</p>
      )}
    </section>
  );
}

interface GroupProps {
  readonly group: LedgerGroup;
  readonly graph: Import["graph"];
  readonly isOpen: boolean;
  readonly trial: Trial | null;
}

function Group({ group, graph, isOpen, trial }: GroupProps) {
  const [open, setOpen] = useState(isOpen);
  const body = useId();
  const rows = rowsOf(group.entries);
  const grave = ALL_OUTCOMES.map((one) => [one, rows.filter(({ entry }) => entry.outcome === one).length] as const);
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => setOpen(!open)}
        className="flex min-h-10 w-full min-w-0 items-center gap-2 px-3 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <ChevronRight size={14} aria-hidden className={cx("shrink-0 text-muted", open && "rotate-90")} />
        <span className="min-w-0 flex-1 truncate font-mono text-12 font-medium">{group.name}</span>
        <span className="tnum flex shrink-0 gap-2 text-12">
          {grave.map(
            ([outcome, count]) =>
              count > 0 && (
                <span key={outcome} className={TONE_TEXT[OUTCOMES[outcome].tone]}>
                  <span aria-hidden>{OUTCOMES[outcome].mark} </span>
                  {count}
                  <span className="sr-only"> {OUTCOMES[outcome].word}</span>
                </span>
              ),
          )}
        </span>
      </button>
      {open && (
        <ul id={body} className="border-t border-line">
          {rows.map((row, index) => (
            <Row key={index} row={row} graph={graph} trial={trial} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface RowProps {
  readonly row: LedgerRow;
  readonly graph: Import["graph"];
  readonly trial: Trial | null;
}

function Row({ row: { entry, folded }, graph, trial }: RowProps) {
  const { mark, tone, word } = OUTCOMES[entry.outcome];
  const reason = reasonOf(entry);
  return (
    <li className="flex min-w-0 gap-2 px-3 py-1.5 pl-8 text-12">
      <span aria-hidden className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[tone])}>
        {mark}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono break-all">{keyWord(entry)}</span>
          {folded > 0 && <span className="text-muted">with {plural(folded, "key")} in it</span>}
          <span className={TONE_TEXT[tone]}>{word}</span>
          {entry.place && <span className="font-mono text-11 text-muted">{placeWord(entry.place)}</span>}
        </div>
        {entry.became.length > 0 && <p className="break-words text-muted">→ {becameWords(entry, graph).join(", ")}</p>}
        {trial &&
          refusalsAt(trial, entry.place).map((why) => (
            <p key={why} className="break-words text-bad">
              {trial.cluster.name} refuses it: {why}
            </p>
          ))}
        {reason.text && (
          <Tooltip text={reason.digest && <span className="font-mono break-all">{reason.digest}</span>}>
            <p className="w-fit break-words">{sentence(reason.text)}</p>
          </Tooltip>
        )}
      </div>
    </li>
  );
}
