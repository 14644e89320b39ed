import { useEffect, useRef } from "react";
import { asProblem } from "@/api";
import type { DetectedPlan } from "@/contract";
import { wrongIn } from "@/model/newFromGit";
import { Button, Field, Input } from "@/ui";
import { Asked, type AppProps } from "./AppCard";
import { useWriteDockerfile } from "./queries";

type TextOf = "version" | "install" | "build" | "start" | "output";
const FIELDS: readonly { name: TextOf; label: string; help: string }[] = [
  { name: "version", label: "Version", help: "Of the language, as 22 or 3.13." },
  { name: "install", label: "Install command", help: "If empty, what is usual for the package manager." },
  { name: "build", label: "Build command", help: "If empty, nothing is built." },
  { name: "start", label: "Start command", help: "What the container runs." },
  { name: "output", label: "Output folder", help: "Finished files, which are then served." },
];

/** What a Dockerfile of ours is written from. It is written again once a field that was changed is left. */
export function PlanFields({ of, app, draft, plan, onChange, errorOf }: AppProps & { plan: DetectedPlan }) {
  const write = useWriteDockerfile(of.id);
  const problem = write.error ? asProblem(write.error) : null;
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
  });
  const written = useRef(JSON.stringify(plan));
  const rewrite = (anyway = false) => {
    const asked = JSON.stringify(plan);
    if (!anyway && (draft.isTextEdited || asked === written.current)) {
      write.reset(); // what was refused is not asked for any more
      return;
    }
    write.mutate(plan, {
      onSuccess: ({ text }) => {
        // What was typed into the Dockerfile meanwhile stays.
        if (!anyway && latest.current.isTextEdited) return;
        written.current = asked;
        onChange({ ...latest.current, text, isTextEdited: false });
      },
    });
  };
  const set = (changes: Partial<DetectedPlan>) => onChange({ ...draft, plan: { ...plan, ...changes } });
  const setPort = (text: string) => {
    const port = Number(text);
    const isPort = /^[0-9]{1,5}$/.test(text.trim()) && port >= 1 && port <= 65535;
    onChange({ ...draft, port: text, plan: isPort ? { ...plan, port } : plan });
  };
  // A site of finished files is not started, and what is not built has no output.
  const isServed = plan.output !== "" && plan.language !== "java";
  const shown = FIELDS.filter(
    ({ name }) =>
      plan.language !== "static" && (name !== "output" || plan.output !== "") && (name !== "start" || !isServed),
  );
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Port"
          help={<Asked app={app} field="port" otherwise="Where it listens. If empty, it gets no Service." />}
          error={errorOf("port") ?? problem?.of("plan.port") ?? wrongIn(draft).port}
        >
          <Input
            mono
            inputMode="numeric"
            maxLength={5}
            value={draft.port}
            onChange={(event) => setPort(event.target.value)}
            onBlur={() => rewrite()}
          />
        </Field>
        {shown.map(({ name, label, help }) => (
          <Field
            key={name}
            label={label}
            help={<Asked app={app} field={name} otherwise={help} />}
            error={problem?.of(`plan.${name}`)}
          >
            <Input
              mono
              value={plan[name]}
              onChange={(event) => set({ [name]: event.target.value })}
              onBlur={() => rewrite()}
            />
          </Field>
        ))}
      </div>
      {draft.isTextEdited && (
        <p className="flex flex-wrap items-center gap-2 text-12 text-muted">
          You have edited the Dockerfile, so these fields do not change it any more.
          <Button size="sm" busy={write.isPending} onClick={() => rewrite(true)}>
            Write it again
          </Button>
        </p>
      )}
    </>
  );
}
