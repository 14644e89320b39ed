import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Diagnosis, Finding } from "@/contract";
import { plural } from "@/model/words";
import { Button, cx, EmptyState, HowLong, RelativeTime, Tag } from "@/ui";
import { ObjectLine } from "../ObjectLine";

interface FindingsProps<One extends Finding> {
  readonly diagnosis: Omit<Diagnosis, "findings"> & { readonly findings: readonly One[] };
  /** What is well when nothing was found: "the Service". */
  readonly of: string;
  /** Above each finding: what it is about, where that is not said by the page. */
  readonly subject?: (finding: One) => ReactNode;
  /** Below each: the change that mends it. */
  readonly fix?: (finding: One) => ReactNode;
  /** They are a page of their own. */
  readonly page?: boolean;
}

/** The causes that were found, errors first, and what could not be looked at. */
export function Findings<One extends Finding>({ diagnosis, of, subject, fix, page }: FindingsProps<One>) {
  const { findings, left_out, unread, cut_off } = diagnosis;
  return (
    <div className={cx("flex flex-col gap-3 p-4", page ? "max-w-5xl sm:p-5 2xl:max-w-480" : "max-w-4xl")}>
      {findings.length === 0 && (
        <EmptyState title="Nothing is wrong" icon={<CircleCheck size={20} className="text-ok" aria-hidden />}>
          No rule found a cause of trouble with {of}.
        </EmptyState>
      )}
      <ul aria-label="What is wrong" className={cx("grid items-start gap-3 empty:hidden", page && "2xl:grid-cols-2")}>
        {findings.map((finding) => (
          <li key={finding.id} className="rounded border border-line bg-surface">
            <FindingCard finding={finding} subject={subject?.(finding)} fix={fix?.(finding)} />
          </li>
        ))}
      </ul>
      {left_out > 0 && <p className="text-12 text-muted">{plural(left_out, "further cause")} not shown</p>}
      {(unread.length > 0 || cut_off.length > 0) && (
        <p className="text-12 break-words text-muted">
          {unread.map(({ kind, why }) => `${kind}: ${why}. `)}
          {cut_off.length > 0 && `Only a part was looked at of ${cut_off.join(", ")}.`}
        </p>
      )}
      <p className="text-12 text-muted">
        Looked at <RelativeTime at={diagnosis.looked_at} />
      </p>
    </div>
  );
}

function FindingCard({ finding, subject, fix }: { finding: Finding; subject: ReactNode; fix: ReactNode }) {
  const bad = finding.severity === "error";
  const Icon = bad ? CircleAlert : TriangleAlert;
  return (
    <article aria-label={finding.sentence} className="flex flex-col gap-2 px-4 py-3">
      {subject && <div className="text-12 text-muted">{subject}</div>}
      <h3 className="flex items-start gap-2 text-13 font-medium break-words">
        <Icon
          size={16}
          aria-label={bad ? "Error" : "Warning"}
          className={cx("mt-0.5 shrink-0", bad ? "text-bad" : "text-warn")}
        />
        <span className="min-w-0 wrap-anywhere">{finding.sentence}</span>
      </h3>
      <p className="pl-6 text-13 wrap-anywhere">{finding.cure}</p>
      {finding.details.length > 0 && (
        <ul className="list-disc pl-10 text-12 wrap-anywhere text-muted">
          {finding.details.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      {fix && <div className="pl-6">{fix}</div>}
      {finding.log && finding.log.lines.length > 0 && (
        <figure className="ml-6 min-w-0">
          <figcaption className="mb-1 text-12 text-muted">
            Last lines of {finding.log.container} {finding.log.previous && "before it was restarted "}in{" "}
            {finding.log.pod}
          </figcaption>
          <pre className="max-h-56 overflow-auto rounded border border-line bg-sunken px-3 py-2 font-mono text-12">
            {finding.log.lines.join("\n")}
          </pre>
        </figure>
      )}
      <Evidence finding={finding} />
    </article>
  );
}

/** Enough to believe it; all of it on demand. */
const SHOWN = 2;

function Evidence({ finding }: { finding: Finding }) {
  const [all, setAll] = useState(false);
  const rows = all ? finding.evidence : finding.evidence.slice(0, SHOWN);
  return (
    <footer className="flex flex-col gap-1.5 border-t border-line pt-2 pl-6 text-12">
      <p className="text-muted">{finding.since ? <HowLong from={finding.since} capital /> : "Onset unknown"}</p>
      <ul aria-label="Evidence" className="flex flex-col gap-1.5">
        {rows.map((row, index) => (
          <li key={index} className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <ObjectLine of={row.ref} />
              {row.event ? (
                <Tag tone="warn">{row.event}</Tag>
              ) : (
                <code className="font-mono text-11 break-all text-muted">{row.field}</code>
              )}
              {row.count > 1 && <span className="text-muted">{row.count} times</span>}
              {row.at && (
                <span className="text-muted">
                  <RelativeTime at={row.at} />
                </span>
              )}
            </span>
            <span className="block font-mono text-12 wrap-anywhere text-muted">{row.message}</span>
          </li>
        ))}
      </ul>
      {finding.evidence.length > SHOWN && (
        <Button size="sm" tone="ghost" className="self-start" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Less" : `All ${finding.evidence.length}`}
        </Button>
      )}
    </footer>
  );
}
