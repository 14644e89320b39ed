import { asProblem } from "@/api";
import type { Role } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useSetRole } from "../queries";

/** Somebody gives up rights in a team, which only others can give back. */
export function LowerRoleDialog({
  teamId,
  teamName,
  userId,
  role,
  onClose,
}: {
  teamId: string;
  teamName: string;
  userId: string;
  role: Role;
  onClose: () => void;
}) {
  const change = useSetRole(teamId);
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Become ${role} of ${teamName}`}
      description="You lower your own role. Only another administrator can raise it again."
      confirmLabel={`Become ${role}`}
      busy={change.isPending}
      onConfirm={() => change.mutate({ userId, role }, { onSuccess: onClose })}
      error={
        problem && (
          <ErrorState
            inline
            title="The role was not changed"
            reason={problem.besides([])}
            details={problem.describe()}
          />
        )
      }
    />
  );
}
