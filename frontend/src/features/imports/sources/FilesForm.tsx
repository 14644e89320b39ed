import { useRef, useState } from "react";
import { useSearchParams } from "react-router";
import {
  besideCompose,
  isCompose,
  isManifest,
  isWorkflowFile,
  tooMuch,
  usualComposeFiles,
  type ChosenFile,
} from "@/model/importFiles";
import { explain } from "@/product";
import { Button, ErrorState, Field, LinkButton, Textarea } from "@/ui";
import { useRememberFiles, useSentFiles } from "../queries";
import { DropArea } from "./DropArea";
import { FileRows } from "./FileRows";
import type { SourceFormProps } from "./form";
import { readFiles, type chosenFiles } from "./readFiles";
import { SubmitRow } from "./SubmitRow";

const sortedBy = (files: readonly ChosenFile[]): ChosenFile[] => files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

const textFile = (path: string, text: string): ChosenFile => ({
  path,
  text,
  base64: null,
  bytes: new TextEncoder().encode(text).length,
});

/** The chosen paths, and after them those of `more` that are Compose files. */
const orderedWith = (chosen: readonly string[], more: readonly ChosenFile[]): string[] => [
  ...new Set([...chosen, ...more.filter(isCompose).map(({ path }) => path)]),
];

/** Files and folders, and text that is pasted as a file. */
export function FilesForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const remember = useRememberFiles();
  const box = useRef<HTMLTextAreaElement>(null);
  const corrected = useSearchParams()[0].get("corrects");
  const before = useSentFiles(corrected);
  const [files, setFiles] = useState<readonly ChosenFile[]>(before?.files ?? []);
  const [chosen, setChosen] = useState<readonly string[] | null>(before?.chosen ?? null);
  const [folder, setFolder] = useState(before?.folder ?? "");
  const [pasted, setPasted] = useState(before?.pasted ?? "");
  const [pastedPath, setPastedPath] = useState(before?.pastedPath ?? null);
  const [unread, setUnread] = useState("");
  const pastedAs = pastedPath ?? (isManifest({ path: "x.yaml", text: pasted }) ? "manifests.yaml" : "compose.yaml");
  const all = pasted.trim()
    ? sortedBy([...files.filter(({ path }) => path !== pastedAs), textFile(pastedAs, pasted)])
    : files;
  const merged = chosen
    ? orderedWith(
        chosen,
        all.filter(({ path }) => path === pastedAs),
      )
    : usualComposeFiles(all);
  const hasObjects = all.some(isManifest);
  const type = merged.length > 0 || !hasObjects ? "compose" : "manifests";
  const leftOut = type === "compose" ? besideCompose(all) : [];
  const refused = tooMuch(all);
  const workflowFile = all.find(isWorkflowFile);
  const missing =
    all.length === 0
      ? "Choose files, or paste one."
      : merged.length > 0 || hasObjects
        ? ""
        : workflowFile
          ? "Import a workflow file from the list of workflows."
          : "None of the files has services of Compose or Kubernetes objects. Add compose.yaml, or manifests.";
  const add = (more: readonly ChosenFile[]): void => {
    const paths = new Set(more.map(({ path }) => path));
    setFiles((had) => sortedBy([...had.filter(({ path }) => !paths.has(path)), ...more]));
    setChosen(null);
  };
  const bring = async (found: ReturnType<typeof chosenFiles>): Promise<void> => {
    try {
      const read = await readFiles(found);
      setUnread("");
      setFolder((had) => had || (read.folder.split("/").at(-1) ?? ""));
      add(read.files);
    } catch (error) {
      setUnread(`A file could not be read: ${String(error)}`);
    }
  };
  const edit = (file: ChosenFile): void => {
    if (pasted.trim()) add([textFile(pastedAs, pasted)]);
    setFiles((had) => had.filter(({ path }) => path !== file.path));
    setPasted(file.text ?? "");
    setPastedPath(file.path);
    box.current?.focus();
  };
  const send = (): void =>
    onSubmit(
      {
        type,
        files: all.map((file) =>
          file.base64 === null ? { path: file.path, text: file.text ?? "" } : { path: file.path, base64: file.base64 },
        ),
        ...(type === "compose" ? { compose_files: merged } : {}),
      },
      { name: folder, onMade: (id) => remember(id, { files, chosen, folder, pasted, pastedPath }) },
    );
  return (
    <>
      <DropArea onFiles={(found) => void bring(found)} />
      {corrected && !before && (
        <p className="text-13 text-muted">Choose all files again: those of the other import are kept sealed.</p>
      )}
      <Field
        label={pastedPath ? `Text of ${pastedPath}` : "Or paste a file"}
        help={pasted.trim() ? `It is converted as ${pastedAs}. Add it to the files to paste another one.` : undefined}
      >
        <Textarea ref={box} mono rows={6} value={pasted} onChange={(event) => setPasted(event.target.value)} />
      </Field>
      {pasted.trim() && (
        <Button
          className="self-start"
          onClick={() => {
            add([textFile(pastedAs, pasted)]);
            setPasted("");
            setPastedPath(null);
          }}
        >
          Add as {pastedAs}
        </Button>
      )}
      {files.length > 0 && (
        <FileRows
          files={files}
          merged={merged}
          onEdit={edit}
          onMerge={(path, on) => setChosen(on ? [...merged, path] : merged.filter((one) => one !== path))}
          onRemove={(path) => {
            setFiles(files.filter((file) => file.path !== path));
            setChosen(null);
          }}
        />
      )}
      {workflowFile && (
        <p className="flex flex-wrap items-center gap-2 text-13">
          {workflowFile.path} is a KubeOrch workflow file.
          <LinkButton to="/workflows?import=1">Import a workflow file</LinkButton>
        </p>
      )}
      {leftOut.length > 0 && (
        <p role="status" className="text-13 text-warn">
          The Kubernetes objects in {leftOut.length === 1 ? leftOut[0]?.path : `${leftOut.length} files`} are not part
          of the Compose project. Import them by themselves.
        </p>
      )}
      {(unread || refused) && (
        <p role="alert" className="text-13 text-bad">
          {unread || refused}
        </p>
      )}
      {error && <ErrorState inline title="The files were not imported" {...explain(error)} />}
      <SubmitRow label="Convert" isBusy={isBusy} missing={refused ?? missing} onSubmit={send} />
    </>
  );
}
