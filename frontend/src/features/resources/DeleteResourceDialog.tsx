import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, type ResourceAddress } from "@/api";
import type { Belonging, Gone, Related } from "@/contract";
import { objectsOf, sentence } from "@/model/words";
import { explain } from "@/product";
import { Checkbox, ConfirmDialog, ErrorState, SkeletonRows, toast } from "@/ui";
import { BelongsTo } from "./BelongsTo";
import { useActOnResource, useRelations } from "./queries";

/** Beyond this the rest is only counted. */
const SHOWN = 12;
/** Deleting one of these deletes data with it. */
const HOLDS_DATA = new Set(["Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"]);

/** Asks with everything that goes along; what is deleted is the very object that was seen. */
export function DeleteResourceDialog({
  address,
  uid,
  belonging,
  onClose,
}: {
  address: ResourceAddress;
  uid: string;
  belonging: Belonging | null;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const relations = useRelations(address, { everything: true });
  const act = useActOnResource(address);
  const [orphans, setOrphans] = useState(false);
  const word = address.kind.split(".")[0] ?? address.kind;
  const dependants = relations.data ? flat(relations.data.dependants) : [];
  const goesAlong = dependants.map(({ kind, name }) => `${kind.split(".")[0]} ${name}`);
  const shown = goesAlong.slice(0, SHOWN);
  if (goesAlong.length > SHOWN) shown.push(`and ${goesAlong.length - SHOWN} more`);
  const along = relations.data ? relations.data.going.map((one) => inWords(one, address)) : [];
  const problem = act.error && asProblem(act.error);
  return (
    <ConfirmDialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={`Delete ${word} ${address.name}?`}
      confirmLabel={`Delete ${word}`}
      busy={act.isPending}
      disabled={relations.isPending}
      removed={[`${word} ${address.name}`, ...along, ...(orphans ? [] : shown)]}
      kept={orphans ? shown : []}
      typeToConfirm={HOLDS_DATA.has(word) ? address.name : undefined}
      error={problem && sentence(problem.detail)}
      onConfirm={() =>
        act.mutate(
          { action: "delete", uid, propagation: orphans ? "Orphan" : "Background" },
          {
            onSuccess: () => {
              toast({ tone: "ok", title: "Deletion was asked for", detail: `${word} ${address.name}` });
              onClose();
              void navigate(`/clusters/${address.clusterId}/resources?kind=${address.kind}`);
            },
          },
        )
      }
    >
      {relations.isPending && <SkeletonRows rows={2} />}
      {relations.error && (
        <ErrorState inline title="What depends on it could not be read" {...explain(relations.error)} />
      )}
      {word === "Namespace" && <p className="text-13">Everything in the namespace is deleted with it.</p>}
      {word === "CustomResourceDefinition" && (
        <p className="text-13">All objects of the kind, in every namespace, are deleted with it.</p>
      )}
      {relations.data && relations.data.not_looked.length > 0 && (
        <p className="text-12 text-muted">
          Not looked through, so more may go: {relations.data.not_looked.join(", ")}.
        </p>
      )}
      {dependants.length > 0 && (
        <Checkbox checked={orphans} onChange={setOrphans} label="Keep what depends on it, without an owner" />
      )}
      {belonging && <BelongsTo belonging={belonging} drifts={belonging.owned} />}
    </ConfirmDialog>
  );
}

const flat = (roots: readonly Related[]): Related[] => roots.flatMap((one) => [one, ...flat(one.children)]);

/** `7 Databases in shop (a, b, c, d, e and 2 more)`; where a Namespace is deleted, all of it is in there. */
function inWords({ kind, namespace, count, names }: Gone, deleted: ResourceAddress): string {
  const where = namespace && deleted.kind !== "Namespace" ? ` in ${namespace}` : "";
  const rest = count > names.length && names.length > 0 ? ` and ${count - names.length} more` : "";
  const called = names.length > 0 ? ` (${names.join(", ")}${rest})` : namespace ? "" : " elsewhere";
  return `${objectsOf(count, kind.split(".")[0] ?? kind)}${where}${called}`;
}
