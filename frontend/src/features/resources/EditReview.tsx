import { useEffect, useState } from "react";
import { asProblem, type ResourceAddress } from "@/api";
import type { Edited, EditClash } from "@/contract";
import { sentence } from "@/model/words";
import { Values, valueText } from "@/product";
import { Button, Dialog, ErrorState, Segmented, SkeletonRows, Tag } from "@/ui";
import { BelongsTo } from "./BelongsTo";
import { useEditResource } from "./queries";

type Keep = "mine" | "theirs";

/** What an edit would change, as the API server says; with the fields that somebody else has changed as well. */
export function EditReview({
  address,
  base,
  yaml,
  onClose,
  onWritten,
}: {
  address: ResourceAddress;
  base: string;
  yaml: string;
  onClose: () => void;
  onWritten: () => void;
}) {
  const { mutateAsync, isPending, error } = useEditResource(address);
  const [tried, setTried] = useState<Edited | null>(null);
  const [asked, setAsked] = useState<readonly EditClash[]>([]);
  const [kept, setKept] = useState<Readonly<Record<string, Keep>>>({});
  const send = async (dryRun: boolean) => {
    const decisions = Object.entries(kept).map(([path, keep]) => ({ path, keep }));
    const edited = await mutateAsync({ base, yaml, decisions, dry_run: dryRun });
    if (edited.written) return onWritten();
    setTried(edited);
    setAsked((before) => [
      ...before.filter((one) => !edited.clashes.some(({ path }) => path === one.path)),
      ...edited.clashes,
    ]);
  };
  const attempt = (dryRun: boolean) =>
    void send(dryRun).catch((failure: unknown) => {
      // Somebody was quicker between the trial and the writing: the trial is made anew, and asks.
      if (!dryRun && asProblem(failure).code === "edit.clashes") attempt(true);
    });
  useEffect(() => {
    attempt(true);
  }, [kept]); // eslint-disable-line react-hooks/exhaustive-deps
  const problem = error && asProblem(error);
  const open = asked.filter(({ path }) => kept[path] === undefined);
  const drifted = tried?.fields.filter(({ applied }) => applied) ?? [];
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(next) => !next && onClose()}
      title="Review changes"
      description="What the API server would store, tried and not written yet."
      footer={
        <>
          <Button tone="ghost" onClick={onClose}>
            Back to the YAML
          </Button>
          <Button
            tone="primary"
            busy={isPending}
            disabled={!tried || open.length > 0 || tried.fields.length === 0 || Boolean(problem)}
            onClick={() => attempt(false)}
          >
            Apply
          </Button>
        </>
      }
    >
      {problem && problem.code !== "edit.clashes" && (
        <ErrorState
          inline
          title="The edit was refused"
          reason={sentence(problem.detail)}
          details={problem.describe()}
        />
      )}
      {tried?.moved && (
        <p className="text-13 text-muted">
          The object has changed since you opened it. Your edit is made on it as it is now, and keeps the other changes.
        </p>
      )}
      {asked.map((clash) => (
        <Question
          key={clash.path}
          clash={clash}
          keep={kept[clash.path]}
          onKeep={(keep) => setKept((before) => ({ ...before, [clash.path]: keep }))}
        />
      ))}
      {tried?.belongs_to && <BelongsTo belonging={tried.belongs_to} drifts={drifted.length > 0} />}
      {!tried && !problem && <SkeletonRows rows={4} />}
      {tried && tried.fields.length === 0 && open.length === 0 && (
        <p className="text-13 text-muted">Nothing would change.</p>
      )}
      {tried && tried.fields.length > 0 && (
        <ul aria-label="Fields that change" className="flex flex-col divide-y divide-line">
          {tried.fields.map((field) => (
            <li key={field.path} className="flex flex-col gap-0.5 py-2 text-12">
              <span className="flex flex-wrap items-center gap-2">
                <span className="font-mono break-all text-muted">{field.path}</span>
                {field.managers.length > 0 && <Tag>by {field.managers.join(", ")}</Tag>}
              </span>
              <Values from={field.before} to={field.after} />
            </li>
          ))}
        </ul>
      )}
      {tried && tried.fields.length > 0 && (
        <p className="text-12 text-muted">
          The fields that change are managed by <span className="font-mono">kubeorch-edit</span> from then on.
        </p>
      )}
    </Dialog>
  );
}

function Question({ clash, keep, onKeep }: { clash: EditClash; keep: Keep | undefined; onKeep: (keep: Keep) => void }) {
  return (
    <div className="flex flex-col gap-2 rounded border border-line p-3 text-13">
      <p>
        Somebody else has changed <span className="font-mono text-12">{clash.path}</span> as well. Which value counts?
      </p>
      <Segmented
        label={`Value of ${clash.path}`}
        value={keep ?? ""}
        onChange={(next) => onKeep(next as Keep)}
        options={[
          { value: "mine", label: `Yours: ${valueText(clash.mine)}` },
          { value: "theirs", label: `Theirs: ${valueText(clash.theirs)}` },
        ]}
      />
    </div>
  );
}
