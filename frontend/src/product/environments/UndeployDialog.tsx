import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment, Run } from "@/contract";
import { removalOf } from "@/model/removal";
import { plural } from "@/model/words";
import { ConfirmDialog, ErrorState, SkeletonRows } from "@/ui";
import { useUndeploy } from "../queries/environments";
import { useOwned } from "../queries/inventory";
import { DestroyChoice, ownedLine, volumesLine } from "./DestroyChoice";

/** Deletes what an environment has in its cluster, after a list of it. The environment itself stays. */
export function UndeployDialog({
  environment,
  onClose,
  onStarted,
}: {
  environment: Environment;
  onClose: () => void;
  onStarted: (run: Run) => void;
}) {
  const undeploy = useUndeploy(environment);
  const [data, setData] = useState(false);
  const [environments] = useState([environment]);
  const { owned, isPending, error } = useOwned(environments);
  const { removed, kept, leavingData, losesData } = removalOf(owned, { objects: true, data });
  const problem = undeploy.error ? asProblem(undeploy.error) : null;
  const nothing = !isPending && !error && owned.length === 0;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Undeploy from ${environment.name}`}
      description={`Deletes its objects in ${environment.cluster.name}/${environment.namespace}. The next run creates them again.`}
      confirmLabel={nothing ? "Undeploy" : `Undeploy and delete ${plural(removed.length, "object")}`}
      busy={undeploy.isPending || isPending}
      disabled={nothing || error !== null}
      onConfirm={() =>
        undeploy.mutate(
          { data },
          {
            onSuccess: (run) => {
              onClose();
              onStarted(run);
            },
          },
        )
      }
      typeToConfirm={losesData ? environment.name : undefined}
      removed={removed.map(ownedLine)}
      kept={[
        "The workflow with its versions, and this environment with its variables and secret values",
        ...kept.map(ownedLine),
        ...leavingData.map(volumesLine),
      ]}
      error={
        problem && (
          <ErrorState inline title="Not undeployed" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    >
      {isPending && <SkeletonRows rows={2} />}
      {nothing && <p className="text-13 text-muted">It has no objects in the cluster.</p>}
      {error && <ErrorState inline title="Its objects could not be read" reason={asProblem(error).besides([])} />}
      <DestroyChoice owned={owned} data={data} onData={setData} />
    </ConfirmDialog>
  );
}
