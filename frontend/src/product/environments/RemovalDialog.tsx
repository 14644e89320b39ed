import { useState, type ReactNode } from "react";
import { asProblem, type ObjectChoice } from "@/api";
import type { Environment } from "@/contract";
import { removalOf } from "@/model/removal";
import { plural } from "@/model/words";
import { ConfirmDialog, ErrorState, SkeletonRows } from "@/ui";
import { useOwned } from "../queries/inventory";
import { DestroyChoice } from "./DestroyChoice";
import { ObjectsChoice, type ObjectsFate } from "./ObjectsChoice";
import { keptLine, namespaceLine, ownedLine, volumesLine } from "./ownedLines";

interface RemovalDialogProps {
  title: ReactNode;
  description?: ReactNode;
  /** Whose objects go or stay. */
  environments: readonly Environment[];
  /** `choose` asks whether objects go; `destroy` is about nothing else. */
  objects: "choose" | "destroy";
  /** "Objects in prod-eu", beside the choice. */
  label?: string;
  /** What becomes of objects that stay. */
  ifKept?: ReactNode;
  /** The verb on the button, "Remove environment"; and as it is put before "and delete 3 objects". */
  confirm: string;
  verb: string;
  /** "Not removed": above the reason of a refusal. */
  refused: string;
  tone?: "danger" | "primary";
  /** Typed where data is lost. */
  name: string;
  /** What else goes and stays. */
  removes?: readonly ReactNode[];
  keeps: readonly ReactNode[];
  busy: boolean;
  error: unknown;
  /** `choice` is empty where there is nothing to choose. */
  onConfirm: (choice: ObjectChoice, deletes: boolean) => void;
  onClose: () => void;
}

/** Removes what has objects in clusters: reads them first, asks what becomes of them, and lists what goes and stays. */
export function RemovalDialog(props: RemovalDialogProps) {
  const { title, objects, confirm, verb, name, busy, onClose } = props;
  const [fate, setFate] = useState<ObjectsFate>(objects === "destroy" ? "destroy" : "keep");
  const [data, setData] = useState(false);
  // Objects that go meanwhile must not change the list under the question.
  const [environments] = useState(props.environments);
  const { owned, namespaces, isPending, error, refetch } = useOwned(environments);
  const isUnknown = error !== null;
  const deletes = fate === "destroy" && owned.length > 0 && !isUnknown;
  const { removed, kept, leavingData, losesData } = removalOf(owned, { objects: deletes, data });
  const problem = props.error ? asProblem(props.error) : null;
  const isEmpty = !isPending && !isUnknown && owned.length === 0;
  const choice: ObjectChoice =
    owned.length > 0 || isUnknown
      ? { objects: deletes ? "destroy" : "keep", volumes: deletes && data ? "delete" : "keep" }
      : {};
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={props.description}
      tone={deletes ? "danger" : (props.tone ?? "danger")}
      confirmLabel={deletes ? withObjects(verb, confirm, removed.length) : confirm}
      busy={busy || isPending}
      disabled={objects === "destroy" && (isEmpty || isUnknown)}
      onConfirm={() => props.onConfirm(choice, deletes)}
      typeToConfirm={losesData ? name : undefined}
      removed={[...(props.removes ?? []), ...removed.map(ownedLine)]}
      kept={[
        ...props.keeps,
        ...kept.map(deletes ? keptLine : ownedLine),
        ...leavingData.map(volumesLine),
        ...namespaces.map(namespaceLine),
      ]}
      error={
        problem && <ErrorState inline title={props.refused} reason={problem.besides([])} details={problem.describe()} />
      }
    >
      {isPending && <SkeletonRows rows={2} />}
      {isEmpty && <p className="text-13 text-muted">It has no objects in a cluster.</p>}
      {isUnknown && (
        <ErrorState
          inline
          title="Its objects could not be read"
          reason={asProblem(error).besides([])}
          cure={objects === "choose" ? "Objects in clusters are kept, whichever they are." : undefined}
          onRetry={refetch}
        />
      )}
      {objects === "choose" && owned.length > 0 && !isUnknown && (
        <ObjectsChoice label={props.label ?? "Objects"} value={fate} onChange={setFate}>
          {!deletes && props.ifKept && <p className="text-12 text-muted">{props.ifKept}</p>}
        </ObjectsChoice>
      )}
      {deletes && <GivenBack count={owned.filter((item) => item.is_given_back).length} />}
      {deletes && <DestroyChoice owned={owned} data={data} onData={setData} />}
    </ConfirmDialog>
  );
}

/** What others had made before it was taken over. */
function GivenBack({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <p className="text-13 text-muted">
      {plural(count, "object was", "objects were")} there before being taken over. KubeOrch gives them back: its labels
      go, and nothing else of them changes.
    </p>
  );
}

/** "Undeploy and delete 3 objects", "Delete workflow and 3 objects". */
function withObjects(verb: string, confirm: string, count: number): string {
  if (count === 0) return confirm;
  const objects = plural(count, "object");
  return verb === "Delete" ? `${confirm} and ${objects}` : `${verb} and delete ${objects}`;
}
