import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Checkbox, ConfirmDialog } from "@/ui";
import { useForgetSecret, type SecretsOf } from "./queries";

interface RemoveSecretDialogProps {
  readonly of: SecretsOf;
  readonly nodeId: string;
  /** The key whose value goes. */
  readonly name: string;
  /** Whether a run has applied a value of it; null while that is not known. */
  readonly inCluster: boolean | null;
  readonly onClose: () => void;
}

/** Asks before a stored value is deleted, and whether it may be put back. */
export function RemoveSecretDialog({ of, nodeId, name, inCluster, onClose }: RemoveSecretDialogProps) {
  const forget = useForgetSecret(of);
  const [forGood, setForGood] = useState(false);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete the stored value of ${name}?`}
      removed={[
        inCluster === false
          ? "The encrypted value on this server. The next run asks for it again."
          : "The encrypted value on this server. A run asks for it again if the cluster does not have it.",
        ...(forGood ? ["The value before it, which could be put back"] : []),
      ]}
      kept={[
        ...(inCluster === false
          ? []
          : [inCluster ? "The value in the cluster" : "A value in the cluster, if it has one"]),
        ...(forGood ? [] : ["A way back: it can be put back for a week"]),
      ]}
      confirmLabel="Delete value"
      busy={forget.isPending}
      error={forget.error ? sentence(asProblem(forget.error).detail) : undefined}
      onConfirm={() => forget.mutate({ node_id: nodeId, key: name, forGood }, { onSuccess: onClose })}
    >
      <Checkbox checked={forGood} onChange={setForGood} label="Delete for good" help="Nothing can be put back then." />
    </ConfirmDialog>
  );
}
