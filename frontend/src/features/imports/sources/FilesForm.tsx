import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import {
  besideCompose,
  buildsImages,
  chartIn,
  isCompose,
  isManifest,
  isWorkflowFile,
  kustomizationsIn,
  projectName,
  tooMuch,
  usualComposeFiles,
  type ChosenFile,
} from "@/model/importFiles";
import { plural } from "@/model/words";
import {
  allOf,
  explain,
  NO_FILES,
  pastedAs,
  readFiles,
  textFile,
  useChosenFiles,
  withFiles,
  type FoundFile,
} from "@/product";
import { Button, ErrorState, Field, Input, LinkButton, Textarea } from "@/ui";
import { useImport } from "../queries";
import { RefusedFiles } from "../RefusedFiles";
import { DropArea } from "./DropArea";
import { FileRows } from "./FileRows";
import type { SourceFormProps } from "./form";
import { SubmitRow } from "./SubmitRow";

/** The chosen paths, and after them those of `more` that are Compose files. */
const orderedWith = (chosen: readonly string[], more: readonly ChosenFile[]): string[] => [
  ...new Set([...chosen, ...more.filter(isCompose).map(({ path }) => path)]),
];

function selectLine(box: HTMLTextAreaElement | null, line: number): void {
  if (!box) return;
  const before = box.value
    .split("\n")
    .slice(0, line - 1)
    .join("\n");
  const start = before.length + (line > 1 ? 1 : 0);
  const end = box.value.indexOf("\n", start);
  box.focus();
  box.setSelectionRange(start, end < 0 ? box.value.length : end);
}

/** Files and folders, and text that is pasted as a file. */
export function FilesForm({ isBusy, error, onSubmit }: SourceFormProps) {
  const [query] = useSearchParams();
  const corrected = query.get("corrects");
  const before = useImport(corrected ?? "").data;
  const [form, change] = useChosenFiles();
  // What was sent before is at an end, unless just that is to be corrected.
  const [ended] = useState(form.sentAs !== corrected ? form.sentAs : null);
  const isOver = ended !== null && form.sentAs === ended;
  useEffect(() => {
    if (isOver) change(() => NO_FILES);
  }, [isOver, change]);
  const { files, chosen, folder, pasted, pastedPath, repository, leftOut: unused } = isOver ? NO_FILES : form;
  // Until something is changed, the reason for the refusal is about what is shown.
  const isAsSent = corrected !== null && form.sentAs === corrected;
  const set = (changes: Partial<typeof form>): void => change((had) => ({ ...had, ...changes }));
  const box = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLDivElement>(null);
  /** The line of the text to be shown once the text is there. */
  const wantedLine = useRef<number | null>(null);
  const [unread, setUnread] = useState("");
  const [said, say] = useState("");
  const pastedName = pastedAs({ pasted, pastedPath });
  const all = isOver ? [] : allOf(form);
  const merged = chosen
    ? orderedWith(
        chosen,
        all.filter(({ path }) => path === pastedName),
      )
    : usualComposeFiles(all);
  const hasObjects = all.some(isManifest);
  const type = merged.length > 0 || !hasObjects ? "compose" : "manifests";
  const leftOut = type === "compose" ? besideCompose(all) : [];
  const builds = all.some((file) => merged.includes(file.path) && buildsImages(file));
  const refused = tooMuch(all);
  const workflowFile = all.find(isWorkflowFile);
  const missing =
    all.length === 0
      ? "Choose files, or paste one."
      : merged.length > 0 || hasObjects
        ? ""
        : workflowFile
          ? "Import a workflow file from the list of workflows."
          : chartIn(all) || kustomizationsIn(all).length > 0
            ? "A chart or a kustomization is imported under “Helm or kustomize”."
            : "None of the files has services of Compose or Kubernetes objects. Add compose.yaml, or manifests.";
  /** Where somebody has added something, they are led to it. */
  const showList = (text: string): void => say(text);
  useEffect(() => {
    if (said) list.current?.focus();
  }, [said, files.length]);
  const bring = async (found: readonly FoundFile[]): Promise<void> => {
    try {
      const read = await readFiles(found);
      setUnread("");
      change((had) => ({
        ...withFiles(had, read.files),
        folder: had.folder || read.folder,
        leftOut: had.leftOut + read.leftOut,
      }));
      showList(`${plural(read.files.length, "file")} added.`);
    } catch (failure) {
      setUnread(`A file could not be read: ${String(failure)}`);
    }
  };
  const edit = (file: ChosenFile, line = 1): void => {
    if (pasted.trim() && file.path === pastedName) return selectLine(box.current, line);
    change((had) => {
      const kept = had.pasted.trim() ? withFiles(had, [textFile(pastedName, had.pasted)]) : had;
      return {
        ...kept,
        chosen: had.chosen,
        files: kept.files.filter(({ path }) => path !== file.path),
        pasted: file.text ?? "",
        pastedPath: file.path,
      };
    });
    wantedLine.current = line;
  };
  useEffect(() => {
    if (wantedLine.current === null) return;
    selectLine(box.current, wantedLine.current);
    wantedLine.current = null;
  }, [pasted]);
  const asked = isAsSent ? all.find(({ path, text }) => path === query.get("edit") && text !== null) : undefined;
  const wasAsked = useRef(false);
  useEffect(() => {
    if (!asked || wasAsked.current) return;
    wasAsked.current = true;
    edit(asked, Number(query.get("line")) || 1);
  });
  const send = (): void =>
    onSubmit(
      {
        type,
        files: all.map((file) =>
          file.base64 === null ? { path: file.path, text: file.text ?? "" } : { path: file.path, base64: file.base64 },
        ),
        ...(type === "compose" ? { compose_files: merged } : {}),
        ...(builds && repository.trim() ? { repository: repository.trim() } : {}),
      },
      { name: projectName(all, merged) || folder, onMade: (sentAs) => set({ sentAs }) },
    );
  return (
    <>
      {before && (
        <RefusedFiles
          found={before}
          mend={(file) => (
            <Button className="self-start" onClick={() => edit(file, before.problem?.line ?? 1)}>
              Edit {file.path}
            </Button>
          )}
        />
      )}
      <DropArea onFiles={(found) => void bring(found)} />
      {corrected && !isAsSent && files.length === 0 && !pasted && (
        <p className="text-13 text-muted">Choose all files again: those of the other import are kept sealed.</p>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
      <div ref={list} tabIndex={-1} className="flex flex-col gap-2 rounded-card empty:hidden">
        {files.length > 0 && (
          <FileRows
            files={files}
            merged={merged}
            onEdit={edit}
            onMerge={(path, on) => set({ chosen: on ? [...merged, path] : merged.filter((one) => one !== path) })}
            onRemove={(path) => set({ files: files.filter((file) => file.path !== path), chosen: null })}
            onClear={() => change(() => NO_FILES)}
          />
        )}
        {unused > 0 && (
          <p className="text-12 text-muted">
            {plural(unused, "file")} of the folder left out, since nothing of the project names{" "}
            {unused === 1 ? "it" : "them"}.
          </p>
        )}
      </div>
      <Field
        label={pastedPath ? `Text of ${pastedPath}` : "Or paste a file"}
        help={pasted.trim() ? `It is converted as ${pastedName}. Add it to the files to paste another one.` : undefined}
      >
        <Textarea ref={box} mono rows={6} value={pasted} onChange={(event) => set({ pasted: event.target.value })} />
      </Field>
      {pasted.trim() && (
        <Button
          className="self-start"
          onClick={() => {
            change((had) => ({
              ...withFiles(had, [textFile(pastedName, pasted)]),
              chosen: had.chosen,
              pasted: "",
              pastedPath: null,
            }));
            showList(`${pastedName} added.`);
          }}
        >
          Add as {pastedName}
        </Button>
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
      {builds && (
        <Field
          label="Git repository of the files"
          help="Services with build: are built of it. Without one you name an image for each; “Git” above fetches files and repository together."
          error={error?.of("source.repository")}
        >
          <Input
            mono
            value={repository}
            maxLength={1000}
            placeholder="https://host/team/repository"
            onChange={(event) => set({ repository: event.target.value })}
          />
        </Field>
      )}
      {(unread || refused) && (
        <p role="alert" className="text-13 text-bad">
          {unread || refused}
        </p>
      )}
      {error && !error.of("source.repository") && (
        <ErrorState inline title="The files were not imported" {...explain(error)} />
      )}
      <SubmitRow label="Convert" isBusy={isBusy} missing={refused ?? missing} onSubmit={send} />
    </>
  );
}
