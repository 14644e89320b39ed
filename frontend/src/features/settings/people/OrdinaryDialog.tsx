import { asProblem } from "@/api";
import type { Account } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useChangeAccount } from "../queries";

/** An administrator gives up the own rights over the server. */
export function OrdinaryDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const change = useChangeAccount();
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Make your account an ordinary one"
      description="Only another administrator of this server can give the rights back."
      confirmLabel="Give up the rights"
      busy={change.isPending}
      onConfirm={() => change.mutate({ id: account.id, is_admin: false }, { onSuccess: onClose })}
      removed={["Your access to accounts, registration and all teams of this server"]}
      kept={["Your teams and your roles in them"]}
      error={
        problem && <ErrorState inline title="Not changed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
