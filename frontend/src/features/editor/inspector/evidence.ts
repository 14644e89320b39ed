/** What the Status tab makes of the facts and events that the watcher found. */
import type { Evidence, NodeStatus } from "@/contract";

export interface EventGroup {
  readonly event: Evidence;
  /** All objects with this very event. */
  readonly names: readonly string[];
}

/** Pods of one workload mostly fail in the same way: one entry for the same event, with the names of all. */
export function groupEvents(evidence: readonly Evidence[]): EventGroup[] {
  const groups = new Map<string, { event: Evidence; names: string[] }>();
  for (const event of evidence) {
    const key = JSON.stringify([event.ref.kind, event.reason, event.message]);
    const known = groups.get(key);
    if (known) known.names.push(event.ref.name);
    else groups.set(key, { event, names: [event.ref.name] });
  }
  return [...groups.values()];
}

/** The facts that can be read as text, with a label each: `ready_replicas` is "Ready replicas". */
export function readableFacts(facts: NodeStatus["facts"]): [label: string, value: string][] {
  return Object.entries(facts)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([name, value]) => [labelOf(name), String(value)]);
}

function labelOf(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
