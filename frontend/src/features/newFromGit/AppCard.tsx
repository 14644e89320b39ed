import { CircleHelp } from "lucide-react";
import type { DetectedApp, Detection } from "@/contract";
import { wrongIn, type AppDraft } from "@/model/newFromGit";
import { sentence } from "@/model/words";
import { useSourceNamed, VariableRows } from "@/product";
import { Checkbox, Field, Input, Tag } from "@/ui";
import { Builder } from "./Builder";
import { Reasons } from "./Reasons";

const KINDS = {
  dockerfile: "Dockerfile",
  written: "Dockerfile written for it",
  static: "Static files",
  image: "Ready image",
} as const satisfies Record<DetectedApp["kind"], string>;

export interface AppProps {
  readonly of: Detection;
  readonly app: DetectedApp;
  readonly draft: AppDraft;
  readonly onChange: (draft: AppDraft) => void;
  /** What the server refused of it, by field. */
  readonly errorOf: (field: string) => string | undefined;
}

/** One application that can be built: why, and how it will be, all of it to be changed. */
export function AppCard({ of, app, draft, onChange, errorOf }: AppProps) {
  const wrong = wrongIn(draft);
  const set = (changes: Partial<AppDraft>) => onChange({ ...draft, ...changes });
  const taken = useSourceNamed(of.team_id, draft.by === "image" ? "" : draft.name).data;
  const place = app.root || "the whole repository";
  return (
    <section aria-label={app.name} className="min-w-0 rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-3">
        <div className="min-w-0 flex-1 basis-60">
          <Checkbox
            checked={draft.isChosen}
            onChange={(isChosen) => set({ isChosen })}
            label={
              <span className="font-semibold break-words">
                {app.name} <span className="font-normal">{app.title}</span>
              </span>
            }
            help={<span className="break-all">{place}</span>}
          />
        </div>
        <Tag>{KINDS[app.kind]}</Tag>
      </header>
      {draft.isChosen && (
        <div className="flex flex-col gap-4 border-t border-line p-4">
          <Reasons app={app} />
          <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
            <Field
              label="Name"
              required
              help={
                taken ? (
                  <span className="text-warn">
                    Your team has a source called {taken.name}, which stays as it is: the new one gets a number behind
                    its name.
                  </span>
                ) : (
                  "Of the workload, its Service and its source."
                )
              }
              error={errorOf("name") ?? wrong.name}
            >
              <Input mono maxLength={63} value={draft.name} onChange={(event) => set({ name: event.target.value })} />
            </Field>
            {draft.by === "image" || !draft.plan ? (
              <Field
                label="Port"
                help={<Asked app={app} field="port" otherwise="Where it listens. If empty, it gets no Service." />}
                error={errorOf("port") ?? wrong.port}
              >
                <Input
                  mono
                  inputMode="numeric"
                  maxLength={5}
                  value={draft.port}
                  onChange={(event) => set({ port: event.target.value })}
                />
              </Field>
            ) : null}
          </div>
          {draft.by === "image" ? (
            <Field label="Image" required error={errorOf("ready_image") ?? wrong.image}>
              <Input mono value={draft.image} onChange={(event) => set({ image: event.target.value })} />
            </Field>
          ) : (
            <Builder of={of} app={app} draft={draft} onChange={onChange} errorOf={errorOf} />
          )}
          <VariableRows
            rows={draft.variables}
            onChange={(variables) => set({ variables })}
            errorAt={(at) =>
              errorOf(`variables.${at}.value`) ?? errorOf(`variables.${at}.key`) ?? errorOf(`variables.${at}`)
            }
            help="Those without a value are left out. A secret that it runs with is asked for at the first run."
          />
          {errorOf("variables") && (
            <p role="alert" className="text-12 text-bad">
              {errorOf("variables")}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

/** What no file tells about a field, marked, in place of its usual help. */
export function Asked({ app, field, otherwise }: { app: DetectedApp; field: string; otherwise?: string }) {
  const question = app.questions.find((one) => one.field === field);
  if (!question) return otherwise;
  return (
    <span className="text-warn">
      <CircleHelp size={12} className="mr-1 inline align-[-2px]" aria-hidden />
      {question.text} {sentence(question.why)}
    </span>
  );
}
