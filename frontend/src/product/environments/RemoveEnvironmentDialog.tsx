import type { Environment } from "@/contract";
import { plural } from "@/model/words";
import { toast } from "@/ui";
import { useDeleteEnvironment } from "../queries/environments";
import { RemovalDialog } from "./RemovalDialog";

/** Removes an environment: a list of what goes and what stays, and a choice where it has objects in its cluster. */
export function RemoveEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const remove = useDeleteEnvironment();
  const count = Object.keys(environment.variables).length;
  const variables = count === 0 ? "" : `its ${plural(count, "variable")}, `;
  return (
    <RemovalDialog
      title={`Remove environment ${environment.name}`}
      name={environment.name}
      environments={[environment]}
      objects="choose"
      label={`Objects in ${environment.cluster.name}`}
      ifKept="They stay in the cluster, and no environment manages them any more."
      confirm="Remove environment"
      verb="Remove"
      refused="Not removed"
      removes={[`The environment, ${variables}stored secret values, schedules and webhooks`]}
      keeps={["The workflow with its versions, run history and other environments"]}
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={(choice, deletes) =>
        remove.mutate(
          { id: environment.id, ...choice },
          {
            onSuccess: () => {
              onClose();
              if (deletes)
                toast({
                  key: "removing",
                  tone: "busy",
                  title: `${environment.name}: objects are being deleted`,
                  detail: "The environment is removed when they are gone. See progress on the Runs page.",
                });
            },
          },
        )
      }
    />
  );
}
