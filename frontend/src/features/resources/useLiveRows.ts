import { useQueryClient, type InfiniteData, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { resourceChangesUrl, type ResourceFilters } from "@/api";
import type { ResourcePage, ResourceRow } from "@/contract";
import { withChanges } from "@/model/liveRows";
import { followEvents, type StreamState } from "@/realtime";

const RELOAD_MS = 2_000;

/** Keeps the loaded rows as the cluster has them by now; whether it does, or why not. */
export function useLiveRows(
  clusterId: string,
  filters: ResourceFilters,
  queryKey: QueryKey,
  version: string | null | undefined,
): StreamState {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  const list = JSON.stringify([clusterId, filters]);
  const key = JSON.stringify(queryKey);
  const isKnown = Boolean(version);
  useEffect(() => {
    if (!isKnown) return;
    const own = JSON.parse(key) as QueryKey;
    const [id, wanted] = JSON.parse(list) as [string, ResourceFilters];
    const known = client.getQueryData<InfiniteData<ResourcePage>>(own)?.pages[0]?.version ?? "";
    let timer: number | undefined;
    const reload = () => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: own });
      }, RELOAD_MS * Math.random());
    };
    let hasBegun = false;
    const stop = followEvents(
      resourceChangesUrl(id, wanted, known),
      ({ name, data }) => {
        if (name === "reload") return reload();
        if (name !== "changed") return;
        const { rows, gone } = data as { rows: ResourceRow[]; gone: string[] };
        client.setQueryData<InfiniteData<ResourcePage>>(
          own,
          (found) => found && { ...found, pages: withChanges(found.pages, rows, gone) },
        );
      },
      (next) => {
        if (next === "open" && hasBegun) reload(); // what changed while nothing was connected
        if (next === "open") hasBegun = true;
        setState(next);
      },
    );
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [client, key, list, isKnown]);
  return state;
}
