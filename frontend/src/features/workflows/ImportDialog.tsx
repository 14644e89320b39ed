import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import { PlaceFields, useFirstPlace, useTeamChoice } from "@/product";
import { Button, ErrorState, Field, FormDialog, Input, YamlEditor } from "@/ui";
import { useImportWorkflow } from "./queries";

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const run = useImportWorkflow();
  const chooser = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState("");
  const [name, setName] = useState("");
  const [unread, setUnread] = useState<string>();
  const [over, setOver] = useState(false);
  const team = useTeamChoice();
  const named = name || (/^name:\s*["']?([^"'\n]+)/m.exec(file)?.[1] ?? "");
  const { place, setPlace, suggested, environment } = useFirstPlace(named);
  const problem = run.error ? asProblem(run.error) : null;
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    if (chosen.size > MAX_FILE_BYTES) {
      setUnread(`${chosen.name} is larger than 4 MB.`);
      return;
    }
    setUnread(undefined);
    setFile(await chosen.text());
  };
  const submit = () => {
    if (run.isPending) return;
    if (!file.trim()) {
      setUnread("Choose a file or paste its text.");
      return;
    }
    setUnread(undefined);
    run.mutate(
      { file, team: team.team, environment, ...(name.trim() ? { name: name.trim() } : {}) },
      { onSuccess: (workflow) => void navigate(`/workflows/${workflow.id}`) },
    );
  };
  return (
    <FormDialog
      size="lg"
      title="Import workflow"
      description="A KubeOrch workflow file, as written by Export workflow. Importing does not start a run."
      onSubmit={submit}
      submit="Import"
      busy={run.isPending}
      onClose={onClose}
    >
      {problem && (
        <ErrorState
          inline
          title="The workflow was not imported"
          reason={
            problem.errors.length > 1 ? (
              <ul className="max-h-40 list-disc overflow-y-auto pl-4">
                {problem.errors.slice(0, 50).map((error, index) => (
                  <li key={index}>{error.field ? `${error.field}: ${error.detail}` : error.detail}</li>
                ))}
              </ul>
            ) : (
              problem.besides([])
            )
          }
          details={problem.describe()}
        />
      )}
      <div className="flex items-center gap-3">
        <Button icon={<FileUp size={14} aria-hidden />} onClick={() => chooser.current?.click()}>
          Choose a file
        </Button>
        <span className="text-12 text-muted">or drop it below, or paste its text</span>
        <input
          ref={chooser}
          type="file"
          accept=".yaml,.yml,.json,text/yaml"
          aria-label="Workflow file"
          className="hidden"
          onChange={(event) => void read(event.target.files?.[0])}
        />
      </div>
      <div
        className={over ? "rounded outline-2 outline-accent" : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDropCapture={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          void read(event.dataTransfer.files[0]);
        }}
      >
        <YamlEditor label="Workflow file" className="h-56" value={file} onChange={setFile} />
      </div>
      {unread && (
        <p role="alert" className="text-12 text-bad">
          {unread}
        </p>
      )}
      <Field label="Name" help="Leave empty to use the name in the file." error={problem?.of("name")}>
        <Input value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <PlaceFields place={place} suggested={suggested} onChange={setPlace} errors={{}} />
      {team.field}
    </FormDialog>
  );
}
