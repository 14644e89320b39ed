import { isManifest, type ChosenFile } from "@/model/importFiles";
import { useKeptForm } from "./useKeptForm";

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

/** The files that somebody is about to import. */
export const useChosenFiles = () => useKeptForm<ChosenFiles>("files", NO_FILES);

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
