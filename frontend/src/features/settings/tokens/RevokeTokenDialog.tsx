import { asProblem } from "@/api";
import type { ApiToken } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useDeleteToken } from "../queries";
import { nameOf } from "./scopes";

export function RevokeTokenDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const remove = useDeleteToken();
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke ${nameOf(token)}`}
      confirmLabel="Revoke token"
      busy={remove.isPending}
      onConfirm={() => remove.mutate(token.id, { onSuccess: onClose })}
      removed={["Access for every script that uses it, immediately"]}
      kept={["Everything the scripts have created"]}
      error={
        problem && <ErrorState inline title="Not revoked" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
