import { useEffect, useRef } from "react";
import { Link } from "react-router";
import type { Import, ImportDecision, Trial } from "@/contract";
import { decisionAt, entryAt, keyPath, placeWord, sharedReason, VERDICTS, verdictCounts } from "@/model/importWords";
import { plural, sentence } from "@/model/words";
import { allOf, explain, KindIcon, PlaceFields, useChosenFiles, type FirstPlace } from "@/product";
import { Button, cx, Elapsed, ErrorState, Form, ProgressBar, TONE_TEXT } from "@/ui";
import { insideOf } from "./inside";
import type { Checking } from "./useTrial";

interface CheckProps {
  readonly found: Import;
  readonly first: FirstPlace;
  readonly checking: Checking;
  readonly onDecide: (decision: ImportDecision) => void;
}

/** Every object tried on the cluster that was chosen, before there is a workflow. */
export function Check({ found, first, checking, onDecide }: CheckProps) {
  const { place, setPlace, suggested, environment } = first;
  const { trial, began } = checking;
  return (
    <section aria-label="Check on cluster" className="flex min-w-0 flex-col gap-4">
      <Form
        className="flex flex-col gap-4"
        onSubmit={() => {
          if (environment && !began) checking.start({ cluster: environment.cluster, namespace: environment.namespace });
        }}
      >
        <PlaceFields
          place={place}
          suggested={suggested}
          onChange={setPlace}
          errors={{}}
          inside={insideOf(found, first)}
        />
        {!began && (
          <Button type="submit" className="self-start" disabled={!environment}>
            {trial ? "Check again" : "Check on cluster"}
          </Button>
        )}
      </Form>
      {began && (
        <div role="status" className="flex flex-col gap-2">
          <p className="flex items-center gap-2 text-13">
            <span className="min-w-0 flex-1">
              Trying {plural(found.node_count, "object")}, without changing anything. <Elapsed from={began} />
            </span>
            <Button size="sm" onClick={checking.cancel}>
              Cancel
            </Button>
          </p>
          <ProgressBar label="Check on cluster" />
        </div>
      )}
      {!began && checking.error !== null && (
        <ErrorState inline title="The import could not be checked" {...explain(checking.error)} />
      )}
      {!began && checking.error === null && trial && (
        <Result trial={trial} isOld={checking.isOld} found={found} onDecide={onDecide} />
      )}
    </section>
  );
}

interface ResultProps extends Pick<CheckProps, "found" | "onDecide"> {
  readonly trial: Trial;
  readonly isOld: boolean;
}

function Result({ trial, isOld, found, onDecide }: ResultProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
  }, [trial]);
  const counts = verdictCounts(trial);
  const bad = trial.objects.filter(({ verdict }) => verdict === "refused" || verdict === "conflict");
  const rest = trial.objects.filter((one) => !bad.includes(one));
  const shared = sharedReason(rest);
  const adopted = trial.objects.filter(({ verdict }) => verdict === "adopt");
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <h2 ref={title} tabIndex={-1} className="text-13 font-semibold outline-none">
        {bad.length > 0
          ? `${trial.cluster.name} refuses ${plural(bad.length, "object")}`
          : trial.missing.some(({ ref }) => ref.kind !== "Namespace")
            ? `${trial.cluster.name} takes all objects, and lacks some of what they need`
            : adopted.length > 0
              ? `${plural(adopted.length, "object")} of ${trial.namespace} can be taken over`
              : `${trial.cluster.name} takes all objects`}
      </h2>
      {isOld && (
        <p role="status" className="text-12 text-warn">
          The answers have changed since. Check again.
        </p>
      )}
      <p className="flex flex-wrap gap-x-3 gap-y-1 text-12">
        {counts.map(({ verdict, count }) => (
          <span key={verdict} className={TONE_TEXT[VERDICTS[verdict].tone]}>
            <span aria-hidden className="font-mono font-bold">
              {VERDICTS[verdict].mark}{" "}
            </span>
            {count} {VERDICTS[verdict].word}
          </span>
        ))}
      </p>
      {shared && <p className="text-12 break-words text-muted">{sentence(shared)}</p>}
      {adopted.length > 0 && (
        <p className="text-12 text-muted">
          They are the very objects that were read. Once the workflow is made, its step “Take over” shows whose fields
          change hands.
        </p>
      )}
      {bad.length > 0 && (
        <Rows label="Refused">
          {bad.map((one) => (
            <ObjectRow key={`${one.ref.kind} ${one.ref.namespace} ${one.ref.name}`} one={one}>
              <p className="break-words">{sentence(one.reason)}</p>
              <AtPlace found={found} place={one.place} onDecide={onDecide} />
            </ObjectRow>
          ))}
        </Rows>
      )}
      {trial.missing.length > 0 && <h3 className="text-12 font-semibold">Not there yet</h3>}
      {trial.missing.length > 0 && (
        <Rows label="Not there yet">
          {trial.missing.map(({ ref, reason, place }) => (
            <li key={`${ref.kind} ${ref.name}`} className="flex gap-2 px-3 py-2 text-12">
              <span aria-hidden className="w-3 shrink-0 text-center font-mono font-bold text-warn">
                ○
              </span>
              <div className="min-w-0 flex-1">
                <p>
                  {ref.kind} {ref.name && <span className="font-mono break-all">{ref.name}</span>}
                </p>
                <p className="break-words text-muted">{sentence(reason)}</p>
                <AtPlace found={found} place={place} onDecide={onDecide} />
              </div>
            </li>
          ))}
        </Rows>
      )}
      {rest.length > 0 && (
        <details open={bad.length === 0 && rest.length <= 12}>
          <summary className="w-fit rounded text-12 text-muted hover:text-text">
            {plural(rest.length, "object")} that {trial.cluster.name} takes
          </summary>
          <Rows label="Taken">
            {rest.map((one) => (
              <ObjectRow key={`${one.ref.kind} ${one.ref.namespace} ${one.ref.name}`} one={one}>
                {one.reason && one.reason !== shared && (
                  <p className="break-words text-muted">{sentence(one.reason)}</p>
                )}
              </ObjectRow>
            ))}
          </Rows>
        </details>
      )}
    </div>
  );
}

function Rows({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <ul
      aria-label={label}
      className="mt-1 rounded-card border border-line bg-surface [&>li]:border-b [&>li]:border-line [&>li:last-child]:border-b-0"
    >
      {children}
    </ul>
  );
}

function ObjectRow({ one, children }: { one: Trial["objects"][number]; children: React.ReactNode }) {
  const { mark, tone, word } = VERDICTS[one.verdict];
  return (
    <li className="flex gap-2 px-3 py-2 text-12">
      <span aria-hidden className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[tone])}>
        {mark}
      </span>
      <KindIcon kind={one.ref.kind} className="mt-0.5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono break-all">{one.ref.name}</span>
          <span className="text-11 text-muted">{one.ref.kind}</span>
          <span className={TONE_TEXT[tone]}>{word}</span>
        </p>
        {children}
      </div>
    </li>
  );
}

interface AtPlaceProps extends Pick<CheckProps, "found" | "onDecide"> {
  readonly place: Trial["objects"][number]["place"];
}

/** The key of the files that says it, and the question that changes it. */
function AtPlace({ found, place, onDecide }: AtPlaceProps) {
  const [form] = useChosenFiles();
  if (!place) return null;
  const entry = entryAt(found.ledger, place);
  const decision = decisionAt(found.decisions, place);
  const isOurs = form.sentAs === found.id && allOf(form).some(({ path, text }) => path === place.path && text !== null);
  return (
    <p className="flex flex-wrap items-baseline gap-x-2">
      <span className="font-mono text-11 break-all text-muted">
        {placeWord(place)}
        {entry && ` · ${keyPath(entry)}`}
      </span>
      {decision && (
        <button type="button" className="rounded text-accent-text hover:underline" onClick={() => onDecide(decision)}>
          Decide it
        </button>
      )}
      {isOurs && (
        <Link
          className="rounded text-accent-text hover:underline"
          to={`/imports/new?corrects=${found.id}&edit=${encodeURIComponent(place.path)}&line=${place.line}`}
        >
          Edit {place.path}
        </Link>
      )}
    </p>
  );
}
