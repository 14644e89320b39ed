import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { cancelDetection, fetchDetection, startDetection } from "@/api";
import type { Detection } from "@/contract";
import { useIsLive, useLiveTopic, useTopic } from "@/realtime";
import { CUT_OFF_POLL_MS } from "../queries/keys";

const detectionKey = (detectionId: string) => ["detections", detectionId] as const;
const isOpen = ({ ended_at }: Pick<Detection, "ended_at">): boolean => ended_at === null;

/** As it was when it was asked for. Polled only while the socket is not connected; none for "". */
export function useDetection(detectionId: string) {
  const isLive = useIsLive();
  return useQuery({
    queryKey: detectionKey(detectionId),
    queryFn: ({ signal }) => fetchDetection(detectionId, signal),
    refetchInterval: ({ state }) => (!isLive && state.data && isOpen(state.data) ? CUT_OFF_POLL_MS : false),
    // What was found is edited in a form: it is not read again under the person's hands.
    refetchOnWindowFocus: ({ state }) => state.data === undefined || isOpen(state.data),
    enabled: detectionId !== "",
  });
}

/** The same, kept current by its live topic. */
export function useFollowedDetection(detectionId: string) {
  const topic = detectionId === "" ? null : `detection:${detectionId}`;
  useTopic(topic);
  const told = useLiveTopic(topic, ({ values }) => values.get("detection") as Detection | undefined);
  const query = useDetection(detectionId);
  const { data: asked, refetch } = query;
  const hasEnded = Boolean(told && asked && isOpen(asked) && !isOpen(told));
  useEffect(() => {
    // What is told has nothing of what was found.
    if (hasEnded) void refetch();
  }, [hasEnded, refetch]);
  const isNewer = told && asked && isOpen(asked) && isOpen(told) && told.rev > asked.rev;
  return { ...query, data: isNewer ? { ...asked, ...told } : asked };
}

/** What comes back takes the place of what is shown. */
function useKept<Given>(mutationFn: (given: Given) => Promise<Detection>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (row) => client.setQueryData(detectionKey(row.id), row),
  });
}

export const useStartDetection = () => useKept(startDetection);
export const useCancelDetection = () => useKept(cancelDetection);
