import type { Drain } from "@/contract";
import { sentence } from "@/model/words";
import { Button, ProgressBar, RelativeTime, Tag, type Tone } from "@/ui";

const WORDS: Readonly<Record<Drain["state"], readonly [string, Tone]>> = {
  running: ["Draining", "busy"],
  done: ["Drained", "ok"],
  failed: ["Not drained", "bad"],
  canceled: ["Drain canceled", "warn"],
};
const POD_WORDS = { waiting: "waits", blocked: "may not go", leaving: "is leaving", stays: "stays" };

/** How far the last drain of a node is, or how it ended, with the pods that are still there. */
export function DrainProgress({
  drain,
  onCancel,
  canceling,
}: {
  drain: Drain;
  onCancel?: () => void;
  canceling: boolean;
}) {
  const [word, tone] = WORDS[drain.state];
  const running = drain.state === "running";
  return (
    <section
      aria-label="Drain"
      className="flex flex-col gap-2 rounded border border-line bg-sunken px-3 py-2.5 text-12"
    >
      <p className="flex flex-wrap items-center justify-between gap-2">
        <span className="flex items-center gap-2">
          <Tag tone={tone}>{word}</Tag>
          {drain.total > 0 && (
            <span className="tabular-nums">
              {drain.gone} of {drain.total} pods left
            </span>
          )}
        </span>
        <span className="text-muted">
          {drain.by}, <RelativeTime at={drain.ended_at ?? drain.created_at} />
        </span>
      </p>
      {running && <ProgressBar value={drain.total > 0 ? drain.gone / drain.total : undefined} label="Pods that left" />}
      {drain.message && <p className="wrap-anywhere">{sentence(drain.message)}</p>}
      {drain.state !== "done" && drain.pods.length > 0 && (
        <ul aria-label="Pods still there" className="flex flex-col gap-1">
          {drain.pods.map((pod) => (
            <li key={`${pod.namespace}/${pod.name}`} className="min-w-0">
              <span className="font-mono break-all">
                {pod.namespace}/{pod.name}
              </span>{" "}
              <span className="text-muted">{POD_WORDS[pod.state]}</span>
              {pod.why && <span className="block wrap-anywhere text-muted">{sentence(pod.why)}</span>}
            </li>
          ))}
        </ul>
      )}
      {running && onCancel && (
        <Button size="sm" className="self-start" busy={canceling || drain.canceling} onClick={onCancel}>
          {drain.canceling ? "Canceling" : "Cancel the drain"}
        </Button>
      )}
    </section>
  );
}
