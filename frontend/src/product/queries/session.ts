import { useMutation, useQuery } from "@tanstack/react-query";
import { fetchSession, signOut } from "@/api";
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

export const useSignOut = () => useMutation({ mutationFn: signOut, onSettled: forgetKeptFiles });
