import { Link } from "react-router";
import type { PushCall } from "@/contract";
import { pushHost, shortRef } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { RelativeTime } from "@/ui";

const WORDS = {
  build: { word: "Accepted", tone: "text-ok" },
  ignored: { word: "Nothing to build", tone: "text-muted" },
  refused: { word: "Refused", tone: "text-warn" },
} as const;

/** What came of the last calls, the newest first. What they say of themselves is text of others. */
export function PushCalls({ calls }: { calls: readonly PushCall[] }) {
  if (calls.length === 0) return <p className="text-12 text-muted">Nobody has called yet.</p>;
  return (
    <ul aria-label="Last calls" className="flex flex-col rounded border border-line">
      {calls.map((call, at) => (
        <li key={`${call.at}:${at}`} className="border-b border-line px-3 py-2 text-12 last:border-b-0">
          <p className="wrap-anywhere">
            <span className={`font-medium ${WORDS[call.outcome].tone}`}>{WORDS[call.outcome].word}</span>{" "}
            <RelativeTime at={call.at} className="text-muted" />
            {call.count > 1 && <span className="text-muted"> · {call.count} times</span>}: {sentence(call.reason)}{" "}
            {call.build && (
              <Link
                to={`/builds/${call.build.id}`}
                className="rounded-sm whitespace-nowrap text-accent-text hover:underline"
              >
                See build #{call.build.number}
              </Link>
            )}
          </p>
          {(call.push.by || call.push.ref) && (
            <p className="wrap-anywhere text-muted">
              {pushHost(call.push)} says:{" "}
              {[call.push.by, shortRef(call.push.ref), call.push.commit.slice(0, 7)].filter(Boolean).join(" · ")}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
