import { useEffect, useRef, useState, type ComponentType } from "react";
import { useParams } from "react-router";
import { asProblem } from "@/api";
import type { Import, ImportMerge } from "@/contract";
import { plural } from "@/model/words";
import { explain, useFirstPlace, useSession } from "@/product";
import { covers, roleIn } from "@/model/roles";
import { Button, ErrorState, LinkButton, PageHeader, Segmented, SkeletonRows, useCrumbs, useUrlState } from "@/ui";
import { Builds } from "./Builds";
import { Check } from "./Check";
import { Compare } from "./Compare";
import { Create } from "./Create";
import { Decisions } from "./Decisions";
import { Ledger } from "./Ledger";
import { Refused } from "./Refused";
import { Merge } from "./Merge";
import { useImport, useMerge } from "./queries";
import { ChartValues } from "./sources/ChartValues";
import { GitChoice } from "./sources/GitChoice";
import { GitFetch } from "./sources/GitFetch";
import { NamespaceFound } from "./sources/NamespaceFound";
import { NamespaceTakeOver } from "./sources/NamespaceTakeOver";
import { useAnswers } from "./useAnswers";
import { useTrial } from "./useTrial";
import { Variables } from "./Variables";

const SUBTITLES = {
  fetching: "It is being fetched",
  choosing: "Choose what is imported",
  refused: "Nothing was imported",
  canceled: "It was canceled",
} as const;
const STEPS = ["review", "values", "variables", "decisions", "check", "create", "takeover", "compare"] as const;
const TITLES = {
  review: "Review",
  values: "Values",
  variables: "Variables",
  decisions: "Decisions",
  check: "Check on cluster",
  create: "Create",
  takeover: "Take over",
  compare: "Compare",
} as const;
type Step = (typeof STEPS)[number];

const TARGETS = [
  { value: "new", label: "New workflow" },
  { value: "merge", label: "Existing workflow" },
] as const;

export interface PreviewProps {
  readonly graph: Pick<NonNullable<Import["graph"]>, "nodes" | "edges">;
  /** What it is compared with. */
  readonly before?: ImportMerge["before"];
}

export interface ImportPageProps {
  /** The canvas, which belongs to the editor. */
  readonly Preview: ComponentType<PreviewProps>;
}

/** One import: what became of the files, what is to be decided, and the workflow that is made of it. */
export function ImportPage({ Preview }: ImportPageProps) {
  const { importId = "" } = useParams();
  const query = useImport(importId);
  useCrumbs({ label: "Imports", to: "/imports" }, { label: query.data?.name ?? "Import" });
  if (query.data) return <Loaded key={importId} found={query.data} Preview={Preview} />;
  if (!query.error) return <SkeletonRows className="pt-16" />;
  const isGone = asProblem(query.error).status === 404;
  return (
    <ErrorState
      page
      title={isGone ? "This import does not exist" : "The import could not be loaded"}
      {...(isGone ? { reason: "It was deleted, or it is older than 30 days." } : explain(query.error))}
      onRetry={isGone ? undefined : () => void query.refetch()}
      action={<LinkButton to="/imports">All imports</LinkButton>}
    />
  );
}

function Loaded({ found, Preview }: { found: Import } & ImportPageProps) {
  const [url, setUrl] = useUrlState(["step", "outcome", "decision", "into"]);
  const user = useSession().data?.user;
  const mayEdit = covers(roleIn(user, found.team.id), "editor");
  const mayAnswer = mayEdit && !found.workflow;
  const answers = useAnswers(found.id, () => setUrl({ step: "decisions" }));
  const title = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    // Whoever comes from the form that was sent is led to what became of it.
    if (!document.activeElement || document.activeElement === document.body) title.current?.focus();
  }, []);
  const [name, setName] = useState(found.name);
  const first = useFirstPlace(name, found.source.namespace ?? undefined);
  const checking = useTrial(found);
  const isChart = found.source.chart !== null;
  const mayTakeOver = mayEdit && found.workflow !== null && found.source.namespace !== null;
  const isOffered = {
    takeover: mayTakeOver,
    compare:
      found.workflow !== null && found.compose_files.length > 0 && covers(roleIn(user, found.team.id), "operator"),
    values: isChart && mayEdit,
    check: mayAnswer,
    create: mayAnswer,
  };
  const steps = STEPS.filter((one) => !(one in isOffered) || isOffered[one as keyof typeof isOffered]);
  const step: Step = steps.find((one) => one === url.step) ?? "review";
  const next = steps[steps.indexOf(step) + 1];
  // The same files again: what was made of them the last time is what they are merged into, where nobody says otherwise.
  const before = useImport(mayAnswer ? (found.drawn_before ?? "") : "");
  const earlier = before.data?.workflow;
  const into = url.into || (earlier?.id ?? "");
  const [asked, setTarget] = useState<"new" | "merge" | null>(null);
  const target = asked ?? (into ? "merge" : "new");
  // Nothing turns over under the pointer once that is known.
  const isOpen = asked === null && !url.into && before.isLoading;
  const [keep, setKeep] = useState<readonly string[]>([]);
  const merges = target === "merge";
  const merge = useMerge(found.id, step === "create" && merges ? into : "", keep);
  const merged = step === "create" && merges && into ? merge.data : undefined;
  const isChoosing = found.state === "choosing" || (url.step === "choose" && mayAnswer && found.found.length > 0);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <PageHeader
        title={
          <span ref={title} tabIndex={-1} className="outline-none">
            {found.name}
          </span>
        }
        subtitle={
          found.state === "ready" && !isChoosing
            ? `${found.services.length > 0 ? `${plural(found.services.filter((one) => one.node_id !== null).length, "service")}, ` : ""}${plural(found.node_count, "node")}${found.workflow ? "" : `, ${plural(found.decisions.length, "decision")}`}`
            : SUBTITLES[isChoosing || found.state === "ready" ? "choosing" : found.state]
        }
        actions={
          found.workflow ? (
            <>
              {mayTakeOver && step !== "takeover" && (
                <Button tone="primary" onClick={() => setUrl({ step: "takeover" })}>
                  Next: take over
                </Button>
              )}
              <LinkButton
                tone={mayTakeOver && step !== "takeover" ? undefined : "primary"}
                to={`/workflows/${found.workflow.id}`}
              >
                Open {found.workflow.name}
              </LinkButton>
            </>
          ) : (
            <>
              {found.choice && mayAnswer && !isChoosing && (
                <Button onClick={() => setUrl({ step: "choose" })}>Choose again</Button>
              )}
              {found.state === "ready" && !isChoosing && next && (
                <Button tone="primary" onClick={() => setUrl({ step: next })}>
                  Next: {TITLES[next].toLowerCase()}
                </Button>
              )}
            </>
          )
        }
      />
      {isChoosing ? (
        <GitChoice found={found} mayEdit={mayAnswer} onChosen={() => setUrl({ step: null })} />
      ) : found.state === "fetching" || (found.state === "canceled" && !isChart) ? (
        <GitFetch found={found} mayEdit={mayEdit} />
      ) : found.problem || found.state === "canceled" ? (
        <Refused found={found} mayEdit={mayEdit} into={url.into} />
      ) : (
        <div className="flex flex-col gap-4 px-5 pb-8">
          <div>
            <Segmented
              label="Step"
              from={520}
              className="w-44"
              value={step}
              onChange={(one) => setUrl({ step: one })}
              options={steps.map((one) => ({ value: one, label: TITLES[one] }))}
            />
          </div>
          <div className="grid items-start gap-5 lg:grid-cols-[minmax(420px,2fr)_3fr]">
            <div className="flex min-w-0 flex-col gap-4">
              {step === "takeover" && <NamespaceTakeOver found={found} />}
              {step === "compare" && <Compare found={found} />}
              {step === "review" && found.source.namespace && <NamespaceFound facts={found.source.namespace} />}
              {step === "review" && (
                <Builds
                  found={found}
                  onDecide={mayAnswer ? (decision) => setUrl({ step: "decisions", decision }) : undefined}
                />
              )}
              {step === "review" && (
                <Ledger
                  found={found}
                  outcome={url.outcome}
                  onOutcome={(outcome) => setUrl({ outcome })}
                  trial={checking.isOld ? null : checking.trial}
                />
              )}
              {step === "values" && <ChartValues found={found} mayChange={mayAnswer} />}
              {step === "variables" && <Variables rows={found.variables} graph={found.graph} />}
              {step === "decisions" && (
                <div className="flex flex-col gap-4">
                  <Decisions found={found} answers={answers} mayAnswer={mayAnswer} wanted={url.decision} />
                  <Builds found={found} />
                </div>
              )}
              {step === "check" && (
                <Check
                  found={found}
                  first={first}
                  checking={checking}
                  onDecide={({ id }) => setUrl({ step: "decisions", decision: id })}
                />
              )}
              {step === "create" && isOpen && <SkeletonRows />}
              {step === "create" && !isOpen && (
                <div className="flex min-w-0 flex-col gap-4">
                  <div>
                    <Segmented
                      label="Make of it"
                      value={merges ? "merge" : "new"}
                      onChange={(target) => setTarget(target)}
                      options={TARGETS}
                    />
                    {merges && earlier && earlier.id === into && (
                      <p className="mt-2 text-12 text-muted">{earlier.name} was made of the same files before.</p>
                    )}
                  </div>
                  {merges ? (
                    <Merge
                      found={found}
                      into={into}
                      onInto={(workflowId) => {
                        setKeep([]);
                        setUrl({ into: workflowId });
                      }}
                      merge={merge}
                      keep={keep}
                      onKeep={setKeep}
                    />
                  ) : (
                    <Create found={found} name={name} onName={setName} first={first} />
                  )}
                </div>
              )}
            </div>
            {found.graph && (
              <section
                aria-label="Preview"
                className="top-4 h-100 min-w-0 overflow-hidden rounded-card border border-line lg:sticky lg:h-[calc(100vh-190px)]"
              >
                <Preview {...(merged ? { graph: merged.graph, before: merged.before } : { graph: found.graph })} />
              </section>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
