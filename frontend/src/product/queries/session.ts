import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { fetchSession, signOut } from "@/api";
import type { Session } from "@/contract";
import { forgetKeptFiles } from "../imports/keptFiles";
import { sessionKey } from "./keys";

/** Who is signed in, and who may register. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => fetchSession(signal),
    staleTime: 60_000,
  });
}

export const useSignOut = () =>
  useMutation({
    mutationFn: signOut,
    onSettled: () => {
      forgetKeptFiles();
      tellOtherTabs();
    },
  });

/** Files that this tab keeps are forgotten once whoever chose them is not signed in, and when they are old. */
export function useForgottenFiles(session: Session | undefined): void {
  const isKnown = session !== undefined;
  const userId = session?.user?.id;
  useEffect(() => {
    if (isKnown) forgetKeptFiles(userId);
  }, [isKnown, userId]);
  useEffect(() => {
    return onSignedOutElsewhere(() => forgetKeptFiles());
  }, []);
}

const CHANNEL = "kubeorch.signed-out";

/** Calls back when the person signs out in another tab. Gives what ends that. */
export function onSignedOutElsewhere(listener: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", listener);
  return () => channel.close();
}

function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}
