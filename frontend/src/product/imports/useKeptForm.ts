import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useSession } from "../queries/session";
import { keepFiles, readKept, type KeptForm } from "./keptFiles";

interface Held<T> {
  readonly form: T;
  /** Who chose it. */
  readonly userId: string | undefined;
  /** It outlives a reload. */
  readonly isKept: boolean;
}

/**
 * A form with files, in the memory of this tab: the server never gives files back. It outlives a reload for some hours,
 * and is gone with the tab and at signing out. Where it is too large to outlive one, the browser asks before it is lost.
 * Where the session has ended it stays in memory alone, until the same person signs in again.
 */
export function useKeptForm<T extends object>(name: KeptForm, none: T): [T, (change: (had: T) => T) => void] {
  const client = useQueryClient();
  const userId = useSession().data?.user?.id;
  const { data } = useQuery<Held<T>>({
    queryKey: keyOf(name),
    queryFn: skipToken,
    gcTime: Infinity,
    staleTime: Infinity,
    initialData: () => {
      const kept = readKept<T>(name, userId);
      return kept ? { form: { ...none, ...kept }, userId, isKept: true } : undefined;
    },
  });
  const change = useCallback(
    (next: (had: T) => T) => {
      const key = keyOf(name);
      client.setQueryDefaults(key, { gcTime: Infinity, staleTime: Infinity });
      const form = next(client.getQueryData<Held<T>>(key)?.form ?? none);
      client.setQueryData<Held<T>>(key, { form, userId, isKept: keepFiles(name, userId, form) });
    },
    [client, userId, name, none],
  );
  useEffect(() => {
    const held = client.getQueryData<Held<T>>(keyOf(name));
    if (userId && held?.isKept && held.userId === userId) keepFiles(name, userId, held.form);
  }, [client, userId, name]);
  useAskedBeforeLost(data !== undefined && !data.isKept);
  return [data?.form ?? none, change];
}

const keyOf = (name: KeptForm) => ["imports", "form", name] as const;

function useAskedBeforeLost(isLost: boolean): void {
  useEffect(() => {
    if (!isLost) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isLost]);
}
