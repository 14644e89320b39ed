import type { Environment, Run } from "@/contract";
import { useUndeploy } from "../queries/environments";
import { RemovalDialog } from "./RemovalDialog";

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
  return (
    <RemovalDialog
      title={`Undeploy from ${environment.name}`}
      description={`Deletes its objects in ${environment.cluster.name}/${environment.namespace}. The next run creates them again.`}
      name={environment.name}
      environments={[environment]}
      objects="destroy"
      confirm="Undeploy"
      verb="Undeploy"
      refused="Not undeployed"
      keeps={["The workflow with its versions, and this environment with its variables and secret values"]}
      busy={undeploy.isPending}
      error={undeploy.error}
      onClose={onClose}
      onConfirm={({ volumes }) =>
        undeploy.mutate(
          { data: volumes === "delete" },
          {
            onSuccess: (run) => {
              onClose();
              onStarted(run);
            },
          },
        )
      }
    />
  );
}
