import { Cpu } from "lucide-react";
import type { BuildEngine } from "@/contract";
import { ExpiryTag, isNear } from "@/product";
import { Tag, type LocalColumn } from "@/ui";

export const nameOfEngine = ({ service, name }: BuildEngine): string => (service ? name : "Beside KubeOrch");

/** Its address, or its cluster and namespace; "" for the one beside KubeOrch. */
export function placeOfEngine({ service }: BuildEngine): string {
  const cluster = service?.cluster;
  return cluster ? `${cluster.name || "a removed cluster"} / ${cluster.namespace}` : (service?.address ?? "");
}

export function EngineState({ engine }: { engine: BuildEngine }) {
  if (engine.ready) return <Tag tone="ok">ready</Tag>;
  if (engine.coming) return <Tag tone="busy">being prepared</Tag>;
  if (!engine.service && engine.running + engine.waiting === 0) return <Tag>not started</Tag>;
  return <Tag tone="bad">does not work</Tag>;
}

/** What matters most of the two: that it does not work, then that its client certificate ends soon. */
function WorstTag({ engine }: { engine: BuildEngine }) {
  const { service, ready } = engine;
  return ready && service && isNear(service) ? <ExpiryTag of={service} /> : <EngineState engine={engine} />;
}

export const ENGINE_COLUMNS: readonly LocalColumn<BuildEngine>[] = [
  {
    id: "name",
    by: nameOfEngine,
    header: "Name",
    width: "minmax(150px, 1.2fr)",
    cell: (engine) => (
      <span className="flex min-w-0 items-center gap-2">
        <Cpu size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-medium" title={nameOfEngine(engine)}>
          {nameOfEngine(engine)}
        </span>
        {engine.is_default && <Tag className="shrink-0">default</Tag>}
      </span>
    ),
  },
  {
    id: "state",
    by: ({ ready, coming }) => (ready ? 0 : coming ? 1 : 2),
    header: "State",
    width: "140px",
    cell: (engine) => <WorstTag engine={engine} />,
  },
  {
    id: "address",
    by: placeOfEngine,
    header: "Place",
    from: 700,
    width: "minmax(160px, 1.5fr)",
    cell: (engine) => (
      <span className="truncate font-mono text-12 text-muted" title={placeOfEngine(engine)}>
        {placeOfEngine(engine) || "–"}
      </span>
    ),
  },
  {
    id: "builds",
    by: ({ running }) => running,
    header: "Builds",
    from: 480,
    width: "150px",
    cell: ({ running, slots, waiting }) => (
      <span className="truncate text-muted">
        {running} of {slots}
        {waiting > 0 && `, ${waiting} waiting`}
      </span>
    ),
  },
  {
    id: "team",
    by: ({ service }) => service?.team?.name ?? "",
    header: "Team",
    from: 900,
    width: "minmax(120px, 1fr)",
    cell: ({ service }) => <span className="truncate text-muted">{service?.team?.name ?? "every team"}</span>,
  },
];
