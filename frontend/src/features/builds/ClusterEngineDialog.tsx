import { useState, type ReactNode } from "react";
import { asProblem } from "@/api";
import type { BuildEngine, ClusterPlace } from "@/contract";
import { covers } from "@/model/roles";
import { firstCluster, NameField, StatusGlyph, TestedDialog, useClusters, useSession, useTrial } from "@/product";
import { Checkbox, Field, Input, LinkButton, Segmented, Select } from "@/ui";
import { EngineSteps } from "./EngineSteps";
import { useSaveEngine, useTryClusterEngine } from "./queries";

const SHOWN = ["name", "cluster", "namespace", "mode", "memory_mib", "disk_mib", "pull_secret", "slots", "instance"];
const GIB = 1024;
const MODES = [
  { value: "rootless", label: "Without root" },
  { value: "privileged", label: "Privileged" },
] as const;
const MODE_WORDS = {
  rootless: "Nodes must allow user namespaces. Seccomp and AppArmor are off for the pod.",
  privileged: "For nodes without user namespaces. Whoever may build has root on the node: only where all are trusted.",
};

/** Has images built in a cluster, or changes what a build may use there. */
export function ClusterEngineDialog({
  engine,
  way,
  onClose,
  onSaved,
}: {
  engine?: BuildEngine;
  /** Chooses another kind of engine. */
  way?: ReactNode;
  onClose: () => void;
  onSaved: (engine: BuildEngine) => void;
}) {
  const user = useSession().data?.user;
  const { clusters } = useClusters();
  const mine = (clusters ?? []).filter(
    ({ is_sandbox, team }) =>
      !is_sandbox && covers(user?.teams.find(({ id }) => id === team?.id)?.role ?? "viewer", "admin"),
  );
  const stored = engine?.service?.cluster;
  const [name, setName] = useState(engine?.name ?? "");
  const [chosen, setChosen] = useState("");
  const [namespace, setNamespace] = useState(stored?.namespace ?? "kubeorch-builds");
  const [mode, setMode] = useState<"rootless" | "privileged">(stored?.mode ?? "rootless");
  const [memory, setMemory] = useState(String((stored?.memory_mib ?? 4 * GIB) / GIB));
  const [disk, setDisk] = useState(String((stored?.disk_mib ?? 20 * GIB) / GIB));
  const [pullSecret, setPullSecret] = useState(stored?.pull_secret ?? "");
  const [slots, setSlots] = useState(String(engine?.slots ?? 2));
  const [isDefault, setIsDefault] = useState(engine?.is_default ?? true);
  const [isForAll, setIsForAll] = useState(false);
  const save = useSaveEngine();
  const test = useTryClusterEngine();
  const cluster = mine.find(({ id }) => id === (chosen || firstCluster(mine)));
  const called = name.trim() || cluster?.name || "";
  const bounds = {
    memory_mib: Math.round(Number(memory) * GIB),
    disk_mib: Math.round(Number(disk) * GIB),
    pull_secret: pullSecret.trim(),
  };
  const place: ClusterPlace = {
    cluster: cluster?.id ?? "",
    namespace: namespace.trim(),
    mode,
    instance: isForAll,
    ...bounds,
  };
  const numbers = [memory, disk, slots].every((one) => Number(one) > 0);
  const isReady = called !== "" && numbers && (stored ? true : cluster !== undefined && place.namespace !== "");
  const error = save.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const busy = save.isPending || test.isPending;
  const { report, run } = useTrial(test, place);
  const trial = async () => {
    save.reset();
    if (busy || !cluster) return false;
    return run(place);
  };
  const submit = async () => {
    if (!isReady || busy) return;
    const common = { name: called, slots: Number(slots), is_default: isDefault };
    if (engine?.service)
      save.mutate(
        { id: engine.service.id, changes: { ...common, ...bounds, rev: engine.service.rev } },
        { onSuccess: onSaved },
      );
    else if (await trial()) save.mutate({ placed: { ...place, ...common } }, { onSuccess: onSaved });
  };
  return (
    <TestedDialog
      title={engine ? `Edit ${engine.name}` : "Add an engine"}
      description="Each build gets a pod of its own with BuildKit, which goes when the build has ended. Secrets and passwords pass through the connection to the pod; none is stored in the cluster."
      onClose={onClose}
      onSubmit={() => void submit()}
      submit={engine ? "Save" : "Add engine"}
      saving={save.isPending}
      testing={test.isPending}
      onTest={engine ? undefined : () => void trial()}
      isReady={isReady}
      problem={problem}
      shown={SHOWN}
      refused={engine ? "Not saved" : "Not added"}
    >
      {way}
      {!engine && clusters && mine.length === 0 ? (
        <Field label="Cluster" help="Of clusters that your team owns, and whose nodes run containers.">
          <LinkButton to="/clusters?connect=1" className="self-start">
            Connect a cluster
          </LinkButton>
        </Field>
      ) : (
        !engine && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Cluster" required error={problem?.of("cluster")}>
              <Select
                value={cluster?.id ?? ""}
                onChange={setChosen}
                options={mine.map((each) => ({
                  value: each.id,
                  label: each.name,
                  icon: <StatusGlyph status={each.state} word={false} size={12} />,
                }))}
              />
            </Field>
            <Field
              label="Namespace"
              required
              help="It is made if it is missing, with the privileged level of Pod Security. Keep it for builds."
              error={problem?.of("namespace")}
            >
              <Input mono maxLength={63} value={namespace} onChange={(event) => setNamespace(event.target.value)} />
            </Field>
          </div>
        )
      )}
      {!engine && (
        <Field label="BuildKit runs" help={MODE_WORDS[mode]} error={problem?.of("mode")}>
          <Segmented label="BuildKit runs" value={mode} onChange={setMode} options={MODES} />
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Memory of a build, GiB" error={problem?.of("memory_mib")}>
          <Input
            type="number"
            min={0.5}
            max={256}
            step="any"
            value={memory}
            onChange={(event) => setMemory(event.target.value)}
          />
        </Field>
        <Field label="Disk of a build, GiB" error={problem?.of("disk_mib")}>
          <Input
            type="number"
            min={1}
            max={1024}
            step="any"
            value={disk}
            onChange={(event) => setDisk(event.target.value)}
          />
        </Field>
        <NameField value={name} onChange={setName} placeholder={called || "cluster"} error={problem?.of("name")} />
        <Field label="Builds at once" error={problem?.of("slots")}>
          <Input type="number" min={1} max={32} value={slots} onChange={(event) => setSlots(event.target.value)} />
        </Field>
      </div>
      <Field
        label="Pull secret"
        help="Name of a Secret in that namespace, where the registry of BuildKit's own image asks for a login. If empty, nodes pull it without one."
        error={problem?.of("pull_secret")}
      >
        <Input mono maxLength={253} value={pullSecret} onChange={(event) => setPullSecret(event.target.value)} />
      </Field>
      <Checkbox
        checked={isDefault}
        onChange={setIsDefault}
        label="Build with it by default"
        help="Sources that name no engine are built by it."
      />
      {!engine && user?.is_admin && (
        <Checkbox
          checked={isForAll}
          onChange={setIsForAll}
          label="For every team"
          help="Else for the cluster's team. Operators of the cluster's team can enter the pods that build for other teams, through terminals, and see what those builds use."
        />
      )}
      {test.isPending && (
        <p role="status" className="text-12 text-muted">
          A pod with BuildKit is started in the cluster; the first time its image has to come.
        </p>
      )}
      {report && <EngineSteps report={report} />}
    </TestedDialog>
  );
}
