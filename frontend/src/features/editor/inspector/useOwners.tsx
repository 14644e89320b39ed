import { useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useCallback, useState, type ReactNode } from "react";
import { asProblem, fetchOwners } from "@/api";
import type { OwnedField } from "@/contract";
import { ownersAt } from "@/model/owners";
import type { Path } from "@/model/paths";
import type { NodeRecord } from "@/model/records";
import { sentence } from "@/model/words";
import { Button, readStored, writeStored } from "@/ui";
import { useNodeLive } from "../live";
import { useKind, useView } from "../state/session";

const STORED = "editor.owners";

export interface ShownOwners {
  /** Not given while they are not shown, or not known. */
  readonly ownersOf: ((path: Path) => readonly OwnedField[]) | undefined;
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
  const owners = useQuery({
    queryKey: ["owners", environmentId, id],
    queryFn: ({ signal }) => fetchOwners(environmentId ?? "", id, signal),
    enabled: shown && isThere && environmentId !== null,
    staleTime: 15_000,
    retry: false,
  });
  const results = owners.data?.results;
  const ownersOf = useCallback(
    (path: Path): readonly OwnedField[] => {
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
