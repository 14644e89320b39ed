import { useIsMutating } from "@tanstack/react-query";
import { useId, useState } from "react";
import { asProblem } from "@/api";
import type { Detection } from "@/contract";
import { draftOf, missingIn, type AppDraft } from "@/model/newFromGit";
import { sentence } from "@/model/words";
import { Button, EmptyState, ErrorState, LinkButton, Segmented, useUrlState } from "@/ui";
import { AppCard } from "./AppCard";
import { Create } from "./Create";
import { Importable } from "./Importable";
import { useMakeFromGit, writingKey } from "./queries";

const STEPS = [
  { value: "apps", label: "Applications" },
  { value: "create", label: "Create" },
] as const;

/** The second and the third step: what is built and how, then a name and where it is reached. */
export function Apps({ of }: { of: Detection }) {
  const [url, setUrl] = useUrlState(["step"]);
  const [drafts, setDrafts] = useState<readonly AppDraft[]>(() => of.proposals.map(draftOf));
  const make = useMakeFromGit(of.id);
  const isWriting = useIsMutating({ mutationKey: writingKey }) > 0;
  const why = useId();
  const problem = make.error ? asProblem(make.error) : null;
  const missing = missingIn(drafts);
  const step = url.step === "create" && !missing ? "create" : "apps";
  const chosen = drafts.filter((one) => one.isChosen);
  const change = (changed: AppDraft) =>
    setDrafts((known) => known.map((one) => (one.id === changed.id ? changed : one)));
  if (of.proposals.length === 0)
    return (
      <div className="flex flex-col gap-4 px-5 pb-10">
        <EmptyState
          title="Nothing that can be built was found"
          action={<LinkButton to={`/from-git?corrects=${of.id}`}>Look elsewhere</LinkButton>}
        >
          Add a Dockerfile to the repository, or a kubeorch.yaml that names the language.
        </EmptyState>
        <Importable of={of} />
      </div>
    );
  return (
    <div className="flex max-w-220 flex-col gap-4 px-5 pb-10">
      <div>
        <Segmented
          label="Step"
          value={step}
          onChange={(next) => setUrl({ step: next === "apps" ? null : next })}
          options={STEPS.filter(({ value }) => value === "apps" || !missing)}
        />
      </div>
      {step === "apps" ? (
        <>
          {problem && problem.errors.some(({ field }) => field?.startsWith("apps.")) && (
            <ErrorState inline title="The workflow was not made" reason="Correct what is marked below." />
          )}
          {of.warnings.map((one) => (
            <p key={`${one.path} ${one.line} ${one.text}`} className="text-12 break-words text-warn">
              {sentence(one.text)} {one.path && <span className="font-mono">{one.path}</span>}
            </p>
          ))}
          <ul aria-label="Applications" className="flex flex-col gap-3">
            {of.proposals.map((app) => {
              const draft = drafts.find((one) => one.id === app.id);
              if (!draft) return null;
              const place = chosen.indexOf(draft);
              return (
                <li key={app.id}>
                  <AppCard
                    of={of}
                    app={app}
                    draft={draft}
                    onChange={change}
                    errorOf={(field) => (place < 0 ? undefined : problem?.of(`apps.${place}.${field}`))}
                  />
                </li>
              );
            })}
          </ul>
          <Importable of={of} />
          <div className="flex flex-wrap items-center justify-end gap-2">
            {missing && (
              <span id={why} className="min-w-0 flex-1 text-right text-12 text-muted">
                {missing}
              </span>
            )}
            <LinkButton to={`/from-git?corrects=${of.id}`} tone="ghost">
              Back
            </LinkButton>
            <Button
              tone="primary"
              busy={isWriting}
              disabled={missing !== ""}
              aria-describedby={missing ? why : undefined}
              onClick={() => setUrl({ step: "create" })}
            >
              Next: name and exposure
            </Button>
          </div>
        </>
      ) : (
        <Create
          of={of}
          drafts={chosen}
          onChange={change}
          make={make}
          problem={problem}
          onBack={() => setUrl({ step: null })}
        />
      )}
    </div>
  );
}
