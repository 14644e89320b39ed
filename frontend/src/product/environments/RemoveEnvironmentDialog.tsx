import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { removalOf } from "@/model/removal";
import { plural } from "@/model/words";
import { ConfirmDialog, ErrorState, SkeletonRows, toast } from "@/ui";
import { useDeleteEnvironment } from "../queries/environments";
import { useOwned } from "../queries/inventory";
import { DestroyChoice, ownedLine, volumesLine } from "./DestroyChoice";
import { ObjectsChoice, type ObjectsFate } from "./ObjectsChoice";

/** Removes an environment: a list of what goes and what stays, and a choice where it has objects in its cluster. */
export function RemoveEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const remove = useDeleteEnvironment();
  const [fate, setFate] = useState<ObjectsFate>("keep");
  const [data, setData] = useState(false);
  const [environments] = useState([environment]);
  const { owned, isPending, error } = useOwned(environments);
  const destroy = fate === "destroy" && owned.length > 0;
  const { removed, kept, leavingData, losesData } = removalOf(owned, { objects: destroy, data });
  const hasObjects = owned.length > 0 || error !== null;
  const problem = remove.error ? asProblem(remove.error) : null;
  const variables = Object.keys(environment.variables).length;
  const confirm = () =>
    remove.mutate(
      {
        id: environment.id,
        ...(hasObjects ? { objects: fate, volumes: destroy && data ? ("delete" as const) : ("keep" as const) } : {}),
      },
      {
        onSuccess: () => {
          onClose();
          if (destroy)
            toast({
              key: "removing",
              tone: "busy",
              title: `${environment.name}: objects are being deleted`,
              detail: "The environment is removed when they are gone. See progress on the Runs page.",
            });
        },
      },
    );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove environment ${environment.name}`}
      confirmLabel={destroy ? `Remove and delete ${plural(removed.length, "object")}` : "Remove environment"}
      busy={remove.isPending || isPending}
      onConfirm={confirm}
      typeToConfirm={losesData ? environment.name : undefined}
      removed={[
        `The environment, its ${plural(variables, "variable")} and stored secret values, and its live status`,
        ...removed.map(ownedLine),
      ]}
      kept={[
        "The workflow with its versions, run history and other environments",
        ...kept.map(ownedLine),
        ...leavingData.map(volumesLine),
        ...(!hasObjects && !isPending ? ["It has no objects in the cluster"] : []),
      ]}
      error={
        problem && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    >
      {isPending && <SkeletonRows rows={2} />}
      {error && (
        <ErrorState
          inline
          title="Its objects could not be read"
          reason={asProblem(error).besides([])}
          cure="With “Keep objects”, nothing in the cluster is touched."
        />
      )}
      {hasObjects && (
        <ObjectsChoice label={`Objects in ${environment.cluster.name}`} value={fate} onChange={setFate}>
          {destroy ? (
            <DestroyChoice owned={owned} data={data} onData={setData} />
          ) : (
            <p className="text-12 text-muted">They stay in the cluster, and no environment manages them any more.</p>
          )}
        </ObjectsChoice>
      )}
    </ConfirmDialog>
  );
}
