import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { Import, ImportMerge } from "@/contract";
import { compareGraphs, type Difference } from "@/model/compareSides";
import { CHANGES } from "@/model/markedGraph";
import { documentFromLists, type GraphLists } from "@/model/records";
import { plural } from "@/model/words";
import { explain, KindIcon, useWorkflows, Values, valueText } from "@/product";
import { Button, Card, cx, ErrorState, Field, Form, Segmented, Select, SkeletonRows, TONE_TEXT } from "@/ui";
import { useApply, useMergedSecrets, type useMerge } from "./queries";

const FIELDS_SHOWN = 8;
const NOWHERE = "";
/** In place of the ids of conflicts: the workflow stays as it is in all of them. */
const KEEP_ALL = "*";

interface MergeProps {
  readonly found: Import;
  /** The id of the workflow; "" before one is chosen. */
  readonly into: string;
  readonly onInto: (workflowId: string) => void;
  readonly merge: ReturnType<typeof useMerge>;
  /** Ids of conflicts in which the workflow stays as it is. */
  readonly keep: readonly string[];
  readonly onKeep: (keep: readonly string[]) => void;
}

/** The last step, into a workflow that is there: what comes, goes and changes, and what both sides have changed. */
export function Merge({ found, into, onInto, merge, keep, onKeep }: MergeProps) {
  const navigate = useNavigate();
  const workflows = useWorkflows({ team: found.team.id });
  const known = workflows.data?.pages.flatMap(({ results }) => results) ?? [];
  const target = known.find(({ id }) => id === into);
  const environments = target?.environments ?? [];
  const [place, setPlace] = useState<string | null>(null);
  const secretsOf = place ?? environments[0]?.id ?? NOWHERE;
  const secrets = useMergedSecrets(found.id, into, found.secrets.length > 0 ? secretsOf : NOWHERE);
  const [replaced, setReplaced] = useState<readonly string[]>([]);
  const apply = useApply(found.id, ({ id }) => void navigate(`/workflows/${id}`));
  const problem = apply.error && asProblem(apply.error);
  const options = known.map(({ id, name }) => ({ value: id, label: name }));
  if (into && !target && merge.data) options.push({ value: into, label: merge.data.workflow.name });
  const shown = merge.data;
  return (
    <Form
      className="flex min-w-0 flex-col gap-4"
      onSubmit={() => {
        if (!shown || apply.isPending || merge.isPlaceholderData) return;
        apply.mutate(
          {
            workflow: into,
            rev: shown.rev,
            keep,
            build: true,
            ...(secretsOf && found.secrets.length > 0
              ? {
                  secrets_of: secretsOf,
                  replace_secrets: replaced.filter((id) => secrets.data?.some((one) => one.id === id)),
                }
              : {}),
          },
          { onError: () => void merge.refetch() },
        );
      }}
    >
      {problem && (
        <ErrorState
          inline
          title="The import was not merged"
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <Field label="Workflow" required>
        <Select value={into || undefined} onChange={onInto} options={options} placeholder="Choose a workflow" />
      </Field>
      {into && merge.error && (
        <ErrorState
          inline
          title="The merge could not be shown"
          {...explain(merge.error)}
          onRetry={() => void merge.refetch()}
        />
      )}
      {into && !merge.error && !shown && <SkeletonRows rows={4} />}
      {shown && <Shown merge={shown} keep={keep} onKeep={onKeep} />}
      {shown && found.secrets.length > 0 && environments.length > 0 && (
        <Field
          label={`${plural(found.secrets.length, "secret value")} of the files`}
          help="They are sealed for one environment, outside the workflow. What is stored there stays unless you say otherwise; in others a run asks for them."
        >
          <Select
            value={secretsOf}
            onChange={setPlace}
            options={[
              ...environments.map(({ id, name }) => ({ value: id, label: `Keep for ${name}` })),
              { value: NOWHERE, label: "Ask at the next run" },
            ]}
          />
        </Field>
      )}
      {shown && secretsOf && secrets.data && secrets.data.length > 0 && (
        <ul aria-label="Secret values" className="flex flex-col gap-2 text-12">
          {secrets.data.map(({ id, name, key, change }) => (
            <li key={id} className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-mono break-all">
                {name} · {key}
              </span>
              {change === "new" ? (
                <span className="text-muted">is not there yet, and is stored</span>
              ) : (
                <>
                  <span className="text-warn">differs from what is stored</span>
                  <Segmented
                    label={`${name} ${key}`}
                    value={replaced.includes(id) ? "files" : "stored"}
                    onChange={(side) =>
                      setReplaced(side === "files" ? [...replaced, id] : replaced.filter((one) => one !== id))
                    }
                    options={[
                      { value: "stored", label: "Keep the stored one" },
                      { value: "files", label: "Take the new one" },
                    ]}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {shown && (
        <Button type="submit" tone="primary" className="self-end" busy={apply.isPending}>
          Merge into {shown.workflow.name}
        </Button>
      )}
    </Form>
  );
}

interface ShownProps extends Pick<MergeProps, "keep" | "onKeep"> {
  readonly merge: ImportMerge;
}

function Shown({ merge, keep, onKeep }: ShownProps) {
  // The document leaves open what parameters hold.
  const [before, after] = [merge.before, merge.graph].map((one) => documentFromLists(one as unknown as GraphLists));
  const differences = before && after ? compareGraphs(before, after).differences : [];
  const count = (change: Difference["change"]): number => differences.filter((one) => one.change === change).length;
  const said = (["added", "removed", "modified"] as const).flatMap((change) =>
    count(change) > 0 ? [`${count(change)} ${CHANGES[change].word}`] : [],
  );
  return (
    <>
      <p role="status" className="text-13">
        {differences.length === 0 ? "The workflow is as the files say already." : `${said.join(", ")}.`}{" "}
        <span className="text-muted">
          {merge.base
            ? "Positions stay, and so does what was changed in the workflow alone since the last import."
            : "Nodes are matched by kind and name; what only the workflow has stays."}
        </span>
      </p>
      {merge.conflicts.length > 0 && (
        <Card
          title={`${plural(merge.conflict_count, "field")} changed on both sides`}
          description="The files win unless you keep what the workflow has."
          actions={
            <Button size="sm" onClick={() => onKeep(keep.includes(KEEP_ALL) ? [] : [KEEP_ALL])}>
              {keep.includes(KEEP_ALL) ? "Take all of the files" : "Keep all of the workflow"}
            </Button>
          }
        >
          <ul className="flex flex-col gap-3">
            {merge.conflicts.map((one) => (
              <li key={one.id} className="flex min-w-0 flex-col gap-1 text-12">
                <span className="break-words">
                  <span className="font-mono font-medium">{one.name}</span> ·{" "}
                  <span className="font-mono text-muted">{one.path.replace(/^parameters\./, "")}</span>
                </span>
                <Segmented
                  label={`${one.name} ${one.path}`}
                  value={keep.includes(KEEP_ALL) || keep.includes(one.id) ? "yours" : "files"}
                  onChange={(side) =>
                    onKeep(
                      side === "yours"
                        ? [...keep, one.id]
                        : (keep.includes(KEEP_ALL) ? merge.conflicts.map(({ id }) => id) : keep).filter(
                            (id) => id !== one.id,
                          ),
                    )
                  }
                  options={[
                    { value: "files", label: <>Files: {sideText(one.path, one.files)}</> },
                    { value: "yours", label: <>Workflow: {sideText(one.path, one.yours)}</> },
                  ]}
                />
              </li>
            ))}
          </ul>
          {merge.conflict_count > merge.conflicts.length && (
            <p className="mt-3 text-12 text-warn">
              {merge.conflict_count - merge.conflicts.length} more are not listed: keep all of the workflow, or import
              the files in parts.
            </p>
          )}
        </Card>
      )}
      {differences.length > 0 && (
        <ul aria-label="Differences" className="rounded-card border border-line bg-surface">
          {differences.map((one) => (
            <DifferenceRow key={one.key} one={one} />
          ))}
        </ul>
      )}
    </>
  );
}

const sideText = (path: string, value: unknown): string =>
  path === "removed" ? (value === null ? "not there" : "there") : valueText(value).slice(0, 60);

function DifferenceRow({ one: { name, kind, change, fields, cardId } }: { one: Difference }) {
  const { mark, tone, word } = CHANGES[change];
  return (
    <li className="flex gap-2 border-b border-line px-3 py-2 text-12 last:border-b-0">
      <span aria-hidden className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[tone])}>
        {mark}
      </span>
      {cardId !== null && <KindIcon kind={kind} className="mt-0.5 shrink-0 text-muted" />}
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono break-all">{name}</span>
          <span className="text-11 text-muted">{kind.replaceAll("_", " ")}</span>
          <span className={TONE_TEXT[tone]}>{word}</span>
        </p>
        {fields.slice(0, FIELDS_SHOWN).map(({ path, from, to }) => (
          <p key={path} className="break-words">
            <span className="font-mono break-all text-muted">{path}</span>
            <Values from={from} to={to} />
          </p>
        ))}
        {fields.length > FIELDS_SHOWN && (
          <p className="text-muted">and {plural(fields.length - FIELDS_SHOWN, "more field")}</p>
        )}
      </div>
    </li>
  );
}
