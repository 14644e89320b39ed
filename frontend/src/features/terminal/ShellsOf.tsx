import { SquareTerminal } from "lucide-react";
import { useState } from "react";
import { asProblem, type ResourceAddress } from "@/api";
import { sentence } from "@/model/words";
import { explain, useContainers } from "@/product";
import { EmptyState, ErrorState, Select, SkeletonRows } from "@/ui";
import { Shells } from "./Shells";

const ICON = <SquareTerminal size={20} strokeWidth={1.5} aria-hidden />;

/** Shells in the containers of an object, in the pod that is chosen. */
export default function ShellsOf(address: ResourceAddress) {
  const query = useContainers(address);
  const [chosen, setChosen] = useState({ pod: "", container: "" });
  if (query.isPending) return <SkeletonRows rows={4} />;
  if (!query.data) {
    const problem = asProblem(query.error);
    return problem.code === "pod.simulated" ? (
      <EmptyState icon={ICON} title="No shells: this cluster is simulated">
        {sentence(problem.detail)}
      </EmptyState>
    ) : (
      <ErrorState
        title="The containers could not be looked at"
        {...explain(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const running = query.data.filter(({ state, type }) => state === "running" && type !== "ephemeral");
  const pods = [...new Set(running.map(({ pod }) => pod))];
  const pod = pods.includes(chosen.pod) ? chosen.pod : pods[0];
  if (pod === undefined)
    return (
      <EmptyState icon={ICON} title="No container is running">
        A shell needs a container that runs.
      </EmptyState>
    );
  const containers = running.filter((each) => each.pod === pod).map(({ container }) => container);
  const container = containers.includes(chosen.container) ? chosen.container : (containers[0] ?? "");
  return (
    <div className="flex h-full min-h-0 flex-col">
      {pods.length > 1 && (
        <div className="border-b border-line px-3 py-1">
          <Select
            label="Pod"
            compact
            value={pod}
            onChange={(next) => setChosen({ pod: next, container })}
            options={pods.map((name) => ({ value: name, label: name }))}
          />
        </div>
      )}
      <Shells
        key={pod}
        clusterId={address.clusterId}
        namespace={address.namespace}
        pod={pod}
        containers={containers}
        container={container}
        onContainer={(next) => setChosen({ pod, container: next })}
      />
    </div>
  );
}
