import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { compareImport } from "@/api";
import type { Import, Sameness } from "@/contract";
import { placeWord, SAMENESS, samenessWords, topicWord, type Compared } from "@/model/importWords";
import { plural, sentence } from "@/model/words";
import { explain, useWorkflow } from "@/product";
import {
  Button,
  Card,
  cx,
  Elapsed,
  ErrorState,
  Field,
  LinkButton,
  ProgressBar,
  Select,
  SkeletonRows,
  TONE_TEXT,
} from "@/ui";

/** Whether what runs has what the Compose files give it: asked in its containers, item by item. */
export function Compare({ found }: { found: Import }) {
  const workflow = useWorkflow(found.workflow?.id ?? "");
  const [chosen, setChosen] = useState("");
  const running = useRef<AbortController>(undefined);
  const asking = useMutation({
    mutationFn: (environment: string) => {
      const controller = new AbortController();
      running.current = controller;
      return compareImport(found.id, environment, controller.signal);
    },
  });
  if (workflow.error)
    return (
      <ErrorState
        inline
        title="The workflow could not be loaded"
        {...explain(workflow.error)}
        onRetry={() => void workflow.refetch()}
      />
    );
  if (!workflow.data) return <SkeletonRows className="pt-4" />;
  const { environments } = workflow.data;
  const environment = environments.find(({ id }) => id === chosen) ?? environments[0];
  if (!environment)
    return (
      <Card title="Nothing to compare with">
        <div className="flex flex-col items-start gap-3 text-13">
          <p>{workflow.data.name} has no environment yet. Add one and run it there.</p>
          <LinkButton to={`/workflows/${workflow.data.id}`}>Open {workflow.data.name}</LinkButton>
        </div>
      </Card>
    );
  const { data, isPending, submittedAt, error } = asking;
  const services = found.services.filter((one) => one.node_id !== null).length;
  return (
    <section aria-label="Compare" className="flex min-w-0 flex-col gap-4">
      <Card
        title="Compare what runs with the Compose files"
        description="Commands that change nothing (cat, sha256sum, sh) run in the containers: variables and files are compared by their digests, folders are tried for the right to write, names are asked at their ports. The order is read from the cluster."
      >
        <div className="flex flex-col items-start gap-3">
          {environments.length > 1 && (
            <Field label="Environment">
              <Select
                label="Environment"
                value={environment.id}
                onChange={(id) => setChosen(id)}
                options={environments.map(({ id, name }) => ({ value: id, label: name }))}
              />
            </Field>
          )}
          {isPending ? (
            <div role="status" className="flex w-full flex-col gap-2">
              <p className="flex items-center gap-2 text-13">
                <span className="min-w-0 flex-1">
                  Asking the containers of {plural(services, "service")}.{" "}
                  <Elapsed from={new Date(submittedAt).toISOString()} />
                </span>
                <Button
                  size="sm"
                  onClick={() => {
                    running.current?.abort();
                    asking.reset();
                  }}
                >
                  Cancel
                </Button>
              </p>
              <ProgressBar label="Compare" />
            </div>
          ) : (
            <Button tone={data ? "secondary" : "primary"} onClick={() => asking.mutate(environment.id)}>
              {data ? "Compare again" : `Compare ${environment.name}`}
            </Button>
          )}
        </div>
      </Card>
      {!isPending && error !== null && <ErrorState inline title="It could not be compared" {...explain(error)} />}
      {!isPending && data && <Result data={data} />}
    </section>
  );
}

function Result({ data }: { data: Sameness }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
  }, [data]);
  const bad = data.items.filter(({ verdict }) => verdict !== "kept");
  const kept = data.items.filter(({ verdict }) => verdict === "kept");
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <h2 ref={title} tabIndex={-1} className="text-13 font-semibold outline-none">
        {samenessWords(data)}
      </h2>
      {data.left_off > 0 && (
        <p className="text-12 text-warn">{plural(data.left_off, "more item")} were not compared.</p>
      )}
      {bad.length > 0 && <Rows label="Not as Compose gives it" items={bad} />}
      {kept.length > 0 && (
        <details open={kept.length <= 30}>
          <summary className="w-fit rounded text-12 text-muted hover:text-text">
            {plural(kept.length, "item")} {kept.length === 1 ? "is" : "are"} as Compose gives them
          </summary>
          <Rows label="As Compose gives it" items={kept} />
        </details>
      )}
    </div>
  );
}

function Rows({ label, items }: { label: string; items: readonly Compared[] }) {
  return (
    <ul
      aria-label={label}
      className="mt-1 rounded-card border border-line bg-surface [&>li]:border-b [&>li]:border-line [&>li:last-child]:border-b-0"
    >
      {items.map((one) => (
        <Row key={`${one.service} ${one.topic} ${one.subject}`} one={one} />
      ))}
    </ul>
  );
}

function Row({ one }: { one: Compared }) {
  const { mark, tone, word } = SAMENESS[one.verdict];
  return (
    <li className="flex gap-2 px-3 py-2 text-12">
      <span aria-hidden className={cx("w-3 shrink-0 text-center font-mono font-bold", TONE_TEXT[tone])}>
        {mark}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-1.5">
          <span className="font-mono font-medium break-all">{one.service}</span>
          <span className="text-muted">{topicWord(one)}</span>
          <span className="font-mono break-all">{one.subject}</span>
          <span className={one.verdict === "kept" ? "sr-only" : TONE_TEXT[tone]}>{word}</span>
          {one.place && <span className="ml-auto font-mono text-11 break-all text-muted">{placeWord(one.place)}</span>}
        </p>
        {one.reason && <p className="wrap-anywhere">{sentence(one.reason)}</p>}
      </div>
    </li>
  );
}
