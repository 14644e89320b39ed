import { UsersRound } from "lucide-react";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { asProblem } from "@/api";
import { belowField, ownersAt, type FieldOwner } from "@/model/owners";
import type { Path } from "@/model/paths";
import type { NodeRecord } from "@/model/records";
import { sentence } from "@/model/words";
import { useNodeOwners, useTakeBack, type LeftOfNode } from "@/product";
import { Button, readStored, writeStored } from "@/ui";
import { useNodeLive } from "../live";
import type { FormContextValue } from "../form/context";
import { useKind, useView } from "../state/session";

const STORED = "editor.owners";

export interface ShownOwners {
  /** Not given while they are not shown, or not known. */
  readonly ownersOf: ((path: Path) => readonly FieldOwner[]) | undefined;
  /** Shows and hides them; null where the node is not in the cluster. */
  readonly toggle: ReactNode;
}

/** Who owns the fields of a node in the chosen environment. The cluster is asked only while they are shown. */
export function useOwners(node: NodeRecord | undefined): ShownOwners {
  const environmentId = useView((state) => state.environmentId);
  const [id, name] = [node?.id ?? "", node?.name ?? ""];
  const isThere = useNodeLive(id) !== undefined;
  const kind = useKind(node?.kind);
  const [shown, setShown] = useState(() => readStored(STORED) === "shown");
  const owners = useNodeOwners(environmentId, id, shown && isThere);
  const results = owners.data?.results;
  const ownersOf = useCallback(
    (path: Path): readonly FieldOwner[] => {
      const apiPath = kind?.api_paths?.[path.join(".")];
      return apiPath === undefined || results === undefined ? [] : ownersAt(results, apiPath, name);
    },
    [kind, results, name],
  );
  const choose = (next: boolean): void => {
    writeStored(STORED, next ? "shown" : "hidden");
    setShown(next);
  };
  return {
    ownersOf: shown ? ownersOf : undefined,
    toggle: isThere && (
      <div className="flex flex-wrap items-center justify-end gap-2 px-4 pt-2">
        {shown && owners.isError && (
          <span className="min-w-0 flex-1 text-12 text-bad">
            The owners are not known: {sentence(asProblem(owners.error).detail)}
          </span>
        )}
        <Button
          size="sm"
          tone="ghost"
          aria-pressed={shown}
          busy={shown && owners.isFetching}
          icon={<UsersRound size={14} aria-hidden />}
          onClick={() => choose(!shown)}
        >
          {shown ? "Hide owners" : "Who owns these fields"}
        </Button>
      </div>
    ),
  };
}

/** What of a node's fields the chosen environment leaves to others, for its form. */
export function useLeftInForm(node: NodeRecord | undefined, left: readonly LeftOfNode[]): FormContextValue["leftOf"] {
  const environmentId = useView((state) => state.environmentId);
  const takeBack = useTakeBack(environmentId ?? "");
  const kind = useKind(node?.kind);
  const { mutate } = takeBack;
  const busy = takeBack.isPending ? takeBack.variables : null;
  const name = node?.name ?? "";
  return useMemo(() => {
    if (left.length === 0) return undefined;
    return {
      of: (path: Path) => {
        const apiPath = kind?.api_paths?.[path.join(".")];
        if (apiPath === undefined) return [];
        return left.flatMap((one) => {
          const key = belowField(one.row.path, apiPath, name);
          return key === null ? [] : [{ ...one, key }];
        });
      },
      takeBack: mutate,
      busy,
    };
  }, [left, kind, name, mutate, busy]);
}
