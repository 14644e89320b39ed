import { useState } from "react";
import { asProblem, type DrainOptions } from "@/api";
import type { ClusterNodeDetail } from "@/contract";
import { plural, sentence } from "@/model/words";
import { Checkbox, ConfirmDialog, ErrorState } from "@/ui";

interface DrainDialogProps {
  readonly node: ClusterNodeDetail;
  /** How many other nodes take new pods; null where that is not known. */
  readonly others: number | null;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onConfirm: (options: DrainOptions) => void;
}

/** What a drain makes of each pod, before it does; pods that lose something are asked about. */
export function DrainDialog({ node, others, busy, error, onClose, onConfirm }: DrainDialogProps) {
  const [data, setData] = useState(false);
  const [unmanaged, setUnmanaged] = useState(false);
  const of = (fate: ClusterNodeDetail["running"][number]["on_drain"]) =>
    node.running.filter(({ on_drain }) => on_drain === fate);
  const [goes, stays, both] = [of("goes"), of("stays"), of("asks_both")];
  const [onlyData, onlyAlone] = [of("asks_data"), of("asks_unmanaged")];
  const [withData, alone] = [
    [...onlyData, ...both],
    [...onlyAlone, ...both],
  ];
  const leaving =
    goes.length +
    (data ? onlyData.length : 0) +
    (unmanaged ? onlyAlone.length : 0) +
    (data && unmanaged ? both.length : 0);
  const held = node.running.length - leaving - stays.length;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Drain ${node.name}?`}
      description="The node is cordoned, and its pods leave one after the other, as disruption budgets allow."
      removed={[
        others === 0
          ? `${plural(leaving, "pod")} that no other node takes over: they wait until one takes new pods`
          : `${plural(leaving, "pod")} that other nodes take over, if they have room`,
      ]}
      kept={[
        ...(stays.length > 0 ? [`${plural(stays.length, "pod")} of DaemonSets and of the node itself`] : []),
        ...(held > 0 ? [`${plural(held, "pod")} that you have not allowed to go: the drain will not finish`] : []),
      ]}
      confirmLabel="Drain"
      busy={busy}
      onConfirm={() => onConfirm({ delete_data: data, delete_unmanaged: unmanaged })}
      error={
        error ? (
          <ErrorState inline title="The drain was not started" reason={sentence(asProblem(error).detail)} />
        ) : null
      }
    >
      {withData.length > 0 && (
        <Checkbox
          checked={data}
          onChange={setData}
          label={`${plural(withData.length, "pod")} with an emptyDir may go`}
          help={`The data in it is lost: ${names(withData)}`}
        />
      )}
      {alone.length > 0 && (
        <Checkbox
          checked={unmanaged}
          onChange={setUnmanaged}
          label={`${plural(alone.length, "pod")} without a controller may go`}
          help={`Nothing makes them again: ${names(alone)}`}
        />
      )}
    </ConfirmDialog>
  );
}

const names = (pods: ClusterNodeDetail["running"]) =>
  pods
    .slice(0, 3)
    .map(({ name }) => name)
    .join(", ") + (pods.length > 3 ? " …" : "");
