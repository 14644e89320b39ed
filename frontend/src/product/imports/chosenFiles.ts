import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { isManifest, type ChosenFile } from "@/model/importFiles";
import { useSession } from "../queries/session";
import { keepFiles, readKept } from "./keptFiles";

/** The form of files that are to be imported. */
export interface ChosenFiles {
  readonly files: readonly ChosenFile[];
  /** Paths of the Compose files that are merged, in order; null for the usual ones. */
  readonly chosen: readonly string[] | null;
  /** The folder that they lie in, which names the import; "" for none. */
  readonly folder: string;
  readonly pasted: string;
  /** What the pasted text is called, where a file is being edited. */
  readonly pastedPath: string | null;
  /** The git repository that they are from; "" where nobody said. */
  readonly repository: string;
  /** Files of a folder that nothing uses. */
  readonly leftOut: number;
  /** The import that was made of it; null before it is sent. */
  readonly sentAs: string | null;
}

export const NO_FILES: ChosenFiles = {
  files: [],
  chosen: null,
  folder: "",
  pasted: "",
  pastedPath: null,
  repository: "",
  leftOut: 0,
  sentAs: null,
};
const KEY = ["imports", "chosen"] as const;

/**
 * The files that somebody is about to import, in the memory of this tab: the server never gives files back. They outlive
 * a reload, and are gone with the tab and at signing out.
 */
export function useChosenFiles(): [ChosenFiles, (change: (had: ChosenFiles) => ChosenFiles) => void] {
  const client = useQueryClient();
  const userId = useSession().data?.user?.id;
  const { data } = useQuery<ChosenFiles>({
    queryKey: KEY,
    queryFn: skipToken,
    gcTime: Infinity,
    staleTime: Infinity,
    initialData: () => readKept(userId) ?? undefined,
  });
  const change = useCallback(
    (next: (had: ChosenFiles) => ChosenFiles) => {
      client.setQueryDefaults(KEY, { gcTime: Infinity, staleTime: Infinity });
      const now = next(client.getQueryData<ChosenFiles>(KEY) ?? NO_FILES);
      client.setQueryData<ChosenFiles>(KEY, now);
      keepFiles(userId, now);
    },
    [client, userId],
  );
  return [data ?? NO_FILES, change];
}

/** What the pasted text is called. */
export const pastedAs = ({ pasted, pastedPath }: Pick<ChosenFiles, "pasted" | "pastedPath">): string =>
  pastedPath ?? (isManifest({ path: "x.yaml", text: pasted }) ? "manifests.yaml" : "compose.yaml");

export const textFile = (path: string, text: string): ChosenFile => ({
  path,
  text,
  base64: null,
  bytes: new TextEncoder().encode(text).length,
});

/** The files, and the pasted text as one more. */
export const allOf = (form: ChosenFiles): readonly ChosenFile[] =>
  form.pasted.trim() ? withFiles(form, [textFile(pastedAs(form), form.pasted)]).files : form.files;

/** Adds files to those that are chosen; one of the same path takes the place of the other. */
export function withFiles(had: ChosenFiles, more: readonly ChosenFile[]): ChosenFiles {
  const paths = new Set(more.map(({ path }) => path));
  const files = [...had.files.filter(({ path }) => !paths.has(path)), ...more];
  return { ...had, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), chosen: null };
}
