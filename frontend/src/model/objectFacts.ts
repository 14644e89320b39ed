/** What an object of a Kubernetes kind is, in the words that `kubectl describe` says first. Read from its manifest, of
 * which nothing is trusted to have its shape. */
import { sayCron } from "./cronWords";
import { count, row, rows, text, texts, type Manifest, type Row } from "./manifestReading";
import { plural } from "./words";

/** One line. `at` is a moment (RFC 3339) in the place of a text; `lines` are one below the other. */
export type ObjectFact =
  | { readonly term: string; readonly text: string; readonly mono?: boolean }
  | { readonly term: string; readonly lines: readonly string[] }
  | { readonly term: string; readonly at: string };

const pairs = (value: unknown): string[] => Object.entries(row(value)).map(([key, one]) => `${key}=${text(one)}`);

const say = (term: string, value: unknown, mono = false): ObjectFact[] =>
  text(value) === "" ? [] : [{ term, text: text(value), mono }];
const sayLines = (term: string, lines: readonly string[]): ObjectFact[] =>
  lines.length === 0 ? [] : [{ term, lines }];
const sayAt = (term: string, value: unknown): ObjectFact[] => (text(value) === "" ? [] : [{ term, at: text(value) }]);

type Reader = (spec: Row, status: Row, object: Row) => ObjectFact[];

/** What matters of the object, by its kind; nothing of kinds that are not known here. */
export function objectFacts(object: Manifest): ObjectFact[] {
  const [group] = object.apiVersion?.includes("/") ? object.apiVersion.split("/") : [""];
  const reader = READERS[group ? `${object.kind ?? ""}.${group}` : (object.kind ?? "")];
  return reader ? reader(row(object.spec), row(object.status), object as unknown as Row) : [];
}

const selectorOf = (spec: Row): string[] => {
  const selector = row(spec.selector);
  const rules = rows(selector.matchExpressions).map((one) =>
    `${text(one.key)} ${text(one.operator)} ${texts(one.values).join(", ")}`.trim(),
  );
  return "matchLabels" in selector || "matchExpressions" in selector
    ? [...pairs(selector.matchLabels), ...rules]
    : pairs(selector);
};

const replicas: Reader = (spec, status) => {
  const wanted = "replicas" in spec ? count(spec.replicas) : 1;
  const parts = [
    `${wanted} wanted`,
    `${count(status.updatedReplicas)} updated`,
    `${count(status.readyReplicas)} ready`,
  ];
  return [{ term: "Replicas", text: parts.join(" · ") }];
};

const strategy: Reader = (spec) => {
  const found = row(spec.strategy ?? spec.updateStrategy);
  const rolling = row(found.rollingUpdate);
  const details = [
    text(rolling.maxSurge) && `at most ${text(rolling.maxSurge)} more`,
    text(rolling.maxUnavailable) && `${text(rolling.maxUnavailable)} missing`,
    count(rolling.partition) > 0 && `from pod ${count(rolling.partition)} on`,
  ].filter(Boolean);
  const name = text(found.type);
  return say("Update", details.length > 0 ? `${name}: ${details.join(", ")}` : name);
};

const workload: Reader = (spec, status, object) => [
  ...replicas(spec, status, object),
  ...strategy(spec, status, object),
  ...say("Service", spec.serviceName, true),
  ...sayLines("Selects pods", selectorOf(spec)),
];

const daemonSet: Reader = (spec, status, object) => [
  {
    term: "Pods",
    text: [
      `${count(status.desiredNumberScheduled)} wanted`,
      `${count(status.updatedNumberScheduled)} updated`,
      `${count(status.numberReady)} ready`,
    ].join(" · "),
  },
  ...strategy(spec, status, object),
  ...sayLines("Selects pods", selectorOf(spec)),
];

const job: Reader = (spec, status) => [
  {
    term: "Pods",
    text: [
      `${count(status.succeeded)} of ${"completions" in spec ? count(spec.completions) : 1} succeeded`,
      `${count(status.active)} active`,
      `${count(status.failed)} failed`,
    ].join(" · "),
  },
  ...say("Tries again", "backoffLimit" in spec ? `up to ${plural(count(spec.backoffLimit), "time")}` : ""),
  ...sayAt("Started", status.startTime),
  ...sayAt("Ended", status.completionTime),
];

const cronJob: Reader = (spec, status) => {
  const schedule = text(spec.schedule);
  const words = sayCron(schedule);
  return [
    ...say("Schedule", words ? `${schedule} · ${words}` : schedule),
    ...say("Time zone", spec.timeZone),
    ...(spec.suspend === true ? say("Suspended", "yes") : []),
    ...say("Running now", plural(Array.isArray(status.active) ? status.active.length : 0, "job")),
    ...sayAt("Last scheduled", status.lastScheduleTime),
    ...sayAt("Last success", status.lastSuccessfulTime),
    ...say(
      "While one runs",
      { Allow: "the next one starts", Forbid: "no other one starts", Replace: "the next one replaces it" }[
        text(spec.concurrencyPolicy)
      ],
    ),
  ];
};

const pod: Reader = (spec, status) => [
  ...say("Phase", status.phase),
  ...say("Why", [text(status.reason), text(status.message)].filter(Boolean).join(": ")),
  { term: "Node", text: text(spec.nodeName) || "none yet", mono: text(spec.nodeName) !== "" },
  ...say("Address", status.podIP, true),
  ...say("Service account", spec.serviceAccountName, true),
  ...say("Quality of service", status.qosClass),
  ...sayAt("Started", status.startTime),
];

const addressesOf = (status: Row): string[] =>
  rows(row(status.loadBalancer).ingress)
    .map((one) => text(one.hostname) || text(one.ip))
    .filter(Boolean);

const service: Reader = (spec, status) => [
  ...say("Type", spec.type),
  ...say("Leads to", spec.externalName, true),
  ...say(
    "Cluster address",
    spec.clusterIP === "None" ? "none: a name for its pods" : spec.clusterIP,
    spec.clusterIP !== "None",
  ),
  ...sayLines("External address", [...addressesOf(status), ...texts(spec.externalIPs)]),
  ...sayLines(
    "Ports",
    rows(spec.ports).map((one) => {
      const to = text(one.targetPort) || text(one.port);
      const name = text(one.name);
      const node = text(one.nodePort);
      return `${text(one.port)}/${text(one.protocol) || "TCP"}${name && ` ${name}`} → ${to}${node && `, on each node ${node}`}`;
    }),
  ),
  ...sayLines("Selects pods", selectorOf(spec)),
];

function backendOf(value: unknown): string {
  const found = row(row(value).service);
  const port = row(found.port);
  return text(found.name) ? `Service ${text(found.name)}:${text(port.number) || text(port.name)}` : "another resource";
}

const ingress: Reader = (spec, status) => [
  ...say("Class", spec.ingressClassName ?? "none named"),
  ...sayLines("Address", addressesOf(status)),
  ...sayLines("Routes", [
    ...rows(spec.rules).flatMap((rule) =>
      rows(row(rule.http).paths).map(
        (path) => `${text(rule.host) || "any host"}${text(path.path) || "/"} → ${backendOf(path.backend)}`,
      ),
    ),
    ...("defaultBackend" in spec ? [`everything else → ${backendOf(spec.defaultBackend)}`] : []),
  ]),
  ...sayLines(
    "TLS",
    rows(spec.tls).map((one) => {
      const hosts = texts(one.hosts).join(", ") || "all hosts";
      return `${hosts}: ${text(one.secretName) ? `Secret ${text(one.secretName)}` : "the controller's own certificate"}`;
    }),
  ),
];

const claim: Reader = (spec, status) => [
  ...say("State", status.phase),
  ...say("Asks for", row(row(spec.resources).requests).storage),
  ...say("Has", row(status.capacity).storage),
  ...say(
    "Class",
    spec.storageClassName === "" ? "none" : (spec.storageClassName ?? "none named"),
    text(spec.storageClassName) !== "",
  ),
  ...sayLines("Access", texts(spec.accessModes)),
  ...say("Volume", spec.volumeName, true),
];

const volume: Reader = (spec, status) => {
  const owner = row(spec.claimRef);
  return [
    ...say("State", status.phase),
    ...say("Size", row(spec.capacity).storage),
    ...say("Class", spec.storageClassName, true),
    ...sayLines("Access", texts(spec.accessModes)),
    ...say("Claim", text(owner.name) && `${text(owner.namespace)}/${text(owner.name)}`, true),
    ...say(
      "When the claim goes",
      { Delete: "the data is deleted", Retain: "the data stays" }[text(spec.persistentVolumeReclaimPolicy)] ??
        spec.persistentVolumeReclaimPolicy,
    ),
  ];
};

const scaler: Reader = (spec, status) => {
  const target = row(spec.scaleTargetRef);
  return [
    ...say("Scales", `${text(target.kind)} ${text(target.name)}`.trim(), true),
    ...say(
      "Bounds",
      `${"minReplicas" in spec ? count(spec.minReplicas) : 1} to ${plural(count(spec.maxReplicas), "replica")}`,
    ),
    ...say("Now", `${count(status.currentReplicas)}, wants ${count(status.desiredReplicas)}`),
    ...sayAt("Last scaled", status.lastScaleTime),
  ];
};

const budget: Reader = (spec, status) => [
  ...say("Keeps", text(spec.minAvailable) && `at least ${text(spec.minAvailable)} available`),
  ...say("Lets go", text(spec.maxUnavailable) && `at most ${text(spec.maxUnavailable)} at once`),
  ...say(
    "Healthy pods",
    `${count(status.currentHealthy)} of ${count(status.expectedPods)}, ${count(status.desiredHealthy)} needed`,
  ),
  ...say("May go now", plural(count(status.disruptionsAllowed), "pod")),
  ...sayLines("Selects pods", selectorOf(spec)),
];

const policy: Reader = (spec) => [
  ...sayLines(
    "For pods",
    selectorOf({ selector: spec.podSelector }).length > 0
      ? selectorOf({ selector: spec.podSelector })
      : ["all of the namespace"],
  ),
  ...sayLines("Restricts", texts(spec.policyTypes)),
];

const READERS: Readonly<Record<string, Reader>> = {
  Pod: pod,
  Service: service,
  PersistentVolumeClaim: claim,
  PersistentVolume: volume,
  ReplicationController: workload,
  "Deployment.apps": workload,
  "StatefulSet.apps": workload,
  "ReplicaSet.apps": (spec, status) => [
    { term: "Replicas", text: `${count(spec.replicas)} wanted · ${count(status.readyReplicas)} ready` },
    ...sayLines("Selects pods", selectorOf(spec)),
  ],
  "DaemonSet.apps": daemonSet,
  "Job.batch": job,
  "CronJob.batch": cronJob,
  "Ingress.networking.k8s.io": ingress,
  "NetworkPolicy.networking.k8s.io": policy,
  "HorizontalPodAutoscaler.autoscaling": scaler,
  "PodDisruptionBudget.policy": budget,
  Secret: (_spec, _status, object) => say("Type", object.type, true),
};
