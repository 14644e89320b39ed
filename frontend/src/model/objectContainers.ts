/** What runs in a pod and how it is, and what controllers say of an object. */
import { count, row, rows, text, type Manifest, type Row } from "./manifestReading";

export interface ContainerFact {
  readonly name: string;
  readonly image: string;
  readonly init: boolean;
  /** "8080/TCP http" */
  readonly ports: readonly string[];
  /** "100m CPU, 128Mi" */
  readonly requests: string;
  readonly limits: string;
  /** Of a pod: "running", "waiting: CrashLoopBackOff", "ended: Completed (exit code 0)"; "" where nobody told. */
  readonly state: string;
  readonly bad: boolean;
  /** Since when it is in that state, where that is told. */
  readonly since: string;
  readonly restarts: number;
  /** How it ended the last time before. */
  readonly lastEnd: string;
}

export interface ConditionFact {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
}

/** The containers of a pod, with how they are, or those of the pods that a workload makes. */
export function objectContainers(object: Manifest): ContainerFact[] {
  const spec = row(object.spec);
  const template = row(spec.template ?? row(row(spec.jobTemplate).spec).template);
  const inside = object.kind === "Pod" ? spec : row(template.spec);
  const status = object.kind === "Pod" ? row(object.status) : {};
  const told = new Map(
    [...rows(status.initContainerStatuses), ...rows(status.containerStatuses)].map((one) => [text(one.name), one]),
  );
  const read = (init: boolean) => (one: Row) => containerOf(one, told.get(text(one.name)), init);
  return [...rows(inside.initContainers).map(read(true)), ...rows(inside.containers).map(read(false))];
}

function containerOf(one: Row, told: Row | undefined, init: boolean): ContainerFact {
  const resources = row(one.resources);
  const state = row(told?.state);
  const [waiting, running, ended] = [row(state.waiting), row(state.running), row(state.terminated)];
  const last = row(row(told?.lastState).terminated);
  return {
    name: text(one.name),
    image: text(one.image),
    init,
    ports: rows(one.ports).map((port) =>
      `${text(port.containerPort)}/${text(port.protocol) || "TCP"} ${text(port.name)}`.trim(),
    ),
    requests: amounts(resources.requests),
    limits: amounts(resources.limits),
    state:
      "waiting" in state
        ? [`waiting`, text(waiting.reason)].filter(Boolean).join(": ")
        : "running" in state
          ? told?.ready === false && !init
            ? "running, not ready"
            : "running"
          : "terminated" in state
            ? `ended: ${sayEnd(ended)}`
            : "",
    bad:
      ("waiting" in state && !HARMLESS.has(text(waiting.reason))) ||
      ("terminated" in state && count(ended.exitCode) !== 0),
    since: text(running.startedAt) || text(ended.finishedAt),
    restarts: count(told?.restartCount),
    lastEnd: Object.keys(last).length > 0 ? sayEnd(last) : "",
  };
}

const HARMLESS: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);

const sayEnd = (ended: Row): string => `${text(ended.reason) || "unknown"} (exit code ${count(ended.exitCode)})`;

function amounts(value: unknown): string {
  const { cpu, memory, ...others } = row(value);
  return [
    text(cpu) && `${text(cpu)} CPU`,
    text(memory),
    ...Object.entries(others).map(([name, one]) => `${text(one)} ${name}`),
  ]
    .filter(Boolean)
    .join(", ");
}

/** What its controllers say of it, the newest change first. */
export function objectConditions(object: Manifest): ConditionFact[] {
  return rows(row(object.status).conditions)
    .filter((one) => text(one.type) !== "")
    .map((one) => ({
      type: text(one.type),
      status: text(one.status),
      reason: text(one.reason),
      message: text(one.message),
      since: text(one.lastTransitionTime),
    }))
    .toSorted((a, b) => b.since.localeCompare(a.since));
}
