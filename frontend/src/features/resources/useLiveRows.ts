import { hashKey, useQueryClient, type InfiniteData, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { resourceChangesUrl, type ResourceFilters } from "@/api";
import type { ResourcePage, ResourceRow } from "@/contract";
import { withChanges } from "@/model/liveRows";
import { ToldChanges } from "@/model/toldChanges";
import { followEvents, type StreamState } from "@/realtime";

const RELOAD_MS = 2_000;
const RECHECK_LEAST_S = 3;
/** Longer than anybody waits for one list, and less than the most that a timer takes. */
const RECHECK_MOST_S = 86_400;

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
    let recheck: number | undefined;
    const told = new ToldChanges<ResourceRow>();
    const apply = (rows: readonly ResourceRow[], gone: readonly string[]) => {
      client.setQueryData<InfiniteData<ResourcePage>>(
        own,
        (found) => found && { ...found, pages: withChanges(found.pages, rows, gone) },
      );
    };
    const reload = () => {
      told.forget();
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: own });
      }, RELOAD_MS * Math.random());
    };
    const recheckLater = () => {
      window.clearTimeout(recheck);
      const pages = client.getQueryData<InfiniteData<ResourcePage>>(own)?.pages ?? [];
      const soonest = Math.min(...pages.map((page) => page.recheck_s ?? Infinity));
      if (soonest < RECHECK_MOST_S) recheck = window.setTimeout(reload, Math.max(soonest, RECHECK_LEAST_S) * 1_000);
    };
    recheckLater();
    let isWhole = false;
    const hash = hashKey(own);
    const unsubscribe = client.getQueryCache().subscribe((event) => {
      if (event.type !== "updated" || event.query.queryHash !== hash) return;
      if (event.action.type === "fetch") {
        isWhole = !event.action.meta?.fetchMore;
        if (isWhole) told.wholeBegins();
      } else if (event.action.type === "success" && !event.action.manual) {
        if (isWhole) told.wholeArrived();
        recheckLater();
        const { rows, gone } = told.all();
        if (rows.length + gone.length > 0) apply(rows, gone);
      }
    });
    let hasBegun = false;
    const stop = followEvents(
      resourceChangesUrl(id, wanted, known),
      ({ name, data }) => {
        if (name === "reload") return reload();
        if (name === "interrupted") return setState(data as { code: string; detail: string });
        if (name === "resumed") return setState("open");
        if (name !== "changed") return;
        const { rows, gone } = data as { rows: ResourceRow[]; gone: string[] };
        if (!told.tell(rows, gone)) reload();
        apply(rows, gone);
      },
      (next) => {
        if (next === "open" && hasBegun) reload(); // what changed while nothing was connected
        if (next === "open") hasBegun = true;
        setState(next);
      },
    );
    return () => {
      window.clearTimeout(timer);
      window.clearTimeout(recheck);
      unsubscribe();
      stop();
    };
  }, [client, key, list, isKnown]);
  return state;
}
