import { useState } from "react";
import { useNavigate } from "react-router";
import { isManifest, isWorkflowFile, tooMuch, usualComposeFiles, type ChosenFile } from "@/model/importFiles";
import { explain, useTeamChoice } from "@/product";
import { Button, ErrorState, Field, LinkButton, PageHeader, Textarea, useCrumbs } from "@/ui";
import { DropArea } from "./DropArea";
import { FileRows } from "./FileRows";
import { useCreateImport } from "./queries";
import type { chosenFiles } from "./readFiles";
import { readFiles } from "./readFiles";

const sortedBy = (files: readonly ChosenFile[]): ChosenFile[] => files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

/** The first step of an import: which files. */
export default function NewImportPage() {
  useCrumbs({ label: "Imports", to: "/imports" }, { label: "New import" });
  const navigate = useNavigate();
  const team = useTeamChoice();
  const create = useCreateImport();
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [folder, setFolder] = useState("");
  const [pasted, setPasted] = useState("");
  const [unread, setUnread] = useState("");
  const merged = chosen ?? usualComposeFiles(files);
  const hasObjects = files.some(isManifest);
  const type = merged.length > 0 || !hasObjects ? "compose" : "manifests";
  const refused = tooMuch(files);
  const pastedAs = isManifest({ path: "x.yaml", text: pasted }) ? "manifests.yaml" : "compose.yaml";
  const workflowFile = files.find(isWorkflowFile);
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
  const send = (all: readonly ChosenFile[], order: readonly string[]): void =>
    create.mutate(
      {
        name: folder,
        team: team.team,
        source: {
          type,
          files: all.map((file) =>
            file.base64 === null
              ? { path: file.path, text: file.text ?? "" }
              : { path: file.path, base64: file.base64 },
          ),
          ...(type === "compose" ? { compose_files: [...order] } : {}),
        },
      },
      { onSuccess: ({ id }) => void navigate(`/imports/${id}`) },
    );
  const failure = create.error && explain(create.error);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader
        title="Import"
        subtitle="A Compose project, or Kubernetes manifests. You see what becomes of every key before a workflow is made. Nothing runs."
      />
      <div className="mx-auto flex max-w-200 flex-col gap-4 px-5 pb-10">
        <DropArea onFiles={(found) => void bring(found)} />
        <Field label="Or paste a file">
          <Textarea mono rows={6} value={pasted} onChange={(event) => setPasted(event.target.value)} />
        </Field>
        {pasted.trim() && (
          <Button
            className="self-start"
            onClick={() => {
              const bytes = new TextEncoder().encode(pasted).length;
              add([{ path: pastedAs, text: pasted, base64: null, bytes }]);
              setPasted("");
            }}
          >
            Add as {pastedAs}
          </Button>
        )}
        {files.length > 0 && (
          <FileRows
            files={files}
            merged={merged}
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
        {(unread || refused || (files.length > 0 && merged.length === 0 && !hasObjects && !workflowFile)) && (
          <p role="alert" className="text-13 text-bad">
            {unread ||
              refused ||
              "None of the files has services of Compose or Kubernetes objects. Add compose.yaml, or manifests."}
          </p>
        )}
        {failure && <ErrorState inline title="The files were not imported" {...failure} />}
        {team.field}
        <div className="flex justify-end gap-2">
          <LinkButton to="/imports" tone="ghost">
            Cancel
          </LinkButton>
          <Button
            tone="primary"
            busy={create.isPending}
            disabled={(merged.length === 0 && !hasObjects) || refused !== null}
            onClick={() => send(files, merged)}
          >
            Convert
          </Button>
        </div>
      </div>
    </div>
  );
}
