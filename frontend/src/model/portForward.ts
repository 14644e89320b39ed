interface Port {
  port?: number;
  containerPort?: number;
  protocol?: string;
}

interface Containers {
  containers?: readonly { ports?: readonly Port[] }[];
}

export interface Forwardable {
  kind?: string;
  metadata: { name?: string; namespace?: string };
  spec?: unknown;
}

/** As kubectl calls the kinds whose ports it forwards. Source: `kubectl port-forward --help`. */
const KINDS: Record<string, string> = {
  Pod: "pod",
  Service: "service",
  Deployment: "deployment",
  ReplicaSet: "replicaset",
  StatefulSet: "statefulset",
  DaemonSet: "daemonset",
};
const RESERVED = 1024;

export interface PortForward {
  readonly command: string;
  /** Where the port is then, on one's own machine. */
  readonly at: string;
}

/** The commands that bring each port of an object to the machine they are run on; none where kubectl forwards nothing. */
export function portForwards({ kind = "", metadata, spec }: Forwardable): PortForward[] {
  const called = KINDS[kind];
  if (called === undefined || !metadata.name || !metadata.namespace) return [];
  const ports = [...new Set(portsOf(kind, spec))];
  const where = `kubectl port-forward -n ${metadata.namespace} ${called}/${metadata.name}`;
  return ports.map((port) => {
    const own = port < RESERVED ? 8000 + port : port;
    return { command: `${where} ${own === port ? "" : `${own}:`}${port}`, at: `http://localhost:${own}` };
  });
}

function portsOf(kind: string, spec: unknown): number[] {
  const own = (spec ?? {}) as Containers & { ports?: readonly Port[]; template?: { spec?: Containers } };
  const pod = kind === "Pod" ? own : own.template?.spec;
  const rows = kind === "Service" ? own.ports : pod?.containers?.flatMap(({ ports }) => ports ?? []);
  return (rows ?? [])
    .filter(({ protocol = "TCP" }) => protocol === "TCP")
    .map(({ port, containerPort }) => port ?? containerPort ?? 0)
    .filter((port) => port > 0);
}
