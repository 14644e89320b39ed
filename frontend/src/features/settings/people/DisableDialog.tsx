import { asProblem } from "@/api";
import type { Account } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useChangeAccount } from "../queries";

export function DisableDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const change = useChangeAccount();
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Disable ${account.name || account.email}`}
      description="The account cannot sign in until an administrator enables it again."
      confirmLabel="Disable account"
      busy={change.isPending}
      onConfirm={() => change.mutate({ id: account.id, disabled: true }, { onSuccess: onClose })}
      removed={["All its sessions, access tokens and open invites, immediately"]}
      kept={["The account with its teams and roles", "Workflows, and runs that it has started"]}
      error={
        problem && <ErrorState inline title="Not disabled" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
