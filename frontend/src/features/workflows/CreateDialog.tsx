import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import { covers } from "@/model/roles";
import { useClusters, useSession } from "@/product";
import { Button, ErrorState, Field, FormDialog, Input, Select, Textarea, YamlEditor } from "@/ui";
import { firstCluster, labelFrom, PlaceFields, type Place } from "./PlaceFields";
import { useCreateWorkflow, useImportWorkflow } from "./queries";

function useTeamChoice() {
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "editor"));
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const field = teams.length > 1 && (
    <Field label="Team" help="Its members see the workflow.">
      <Select value={team} onChange={setTeam} options={teams.map((each) => ({ value: each.id, label: each.name }))} />
    </Field>
  );
  return { team: team || undefined, field };
}

/** The place as the API takes it; undefined when there is no cluster to run in. */
function useEnvironment(name: string) {
  const { clusters } = useClusters();
  const [chosen, setChosen] = useState<Partial<Place>>({});
  const suggested = labelFrom(name);
  const place: Place = { cluster: chosen.cluster || firstCluster(clusters), namespace: chosen.namespace ?? "" };
  const label = clusters?.find((each) => each.id === place.cluster)?.name ?? "";
  const environment = place.cluster
    ? {
        name: labelFrom(label) || "main",
        cluster: place.cluster,
        namespace: place.namespace.trim() || suggested || "default",
      }
    : undefined;
  return { place, setPlace: setChosen, suggested, environment };
}

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateWorkflow();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState("");
  const [missing, setMissing] = useState<string>();
  const team = useTeamChoice();
  const { place, setPlace, suggested, environment } = useEnvironment(name);
  const problem = create.error ? asProblem(create.error) : null;
  const submit = () => {
    if (create.isPending) return;
    if (!name.trim()) {
      setMissing("Give the workflow a name.");
      return;
    }
    setMissing(undefined);
    create.mutate(
      { name: name.trim(), description: description.trim(), tags: splitTags(tags), team: team.team, environment },
      { onSuccess: (workflow) => void navigate(`/workflows/${workflow.id}`) },
    );
  };
  const summary = problem?.besides(["name", "description", "tags", "environment.cluster", "environment.namespace"]);
  return (
    <FormDialog
      title="New workflow"
      description="Saving never touches a cluster; only a run does."
      onSubmit={submit}
      submit="Create and draw"
      busy={create.isPending}
      onClose={onClose}
      failure={
        problem && summary && { title: "The workflow was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Name" required error={missing ?? problem?.of("name")}>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          placeholder="shop"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <PlaceFields
        place={place}
        suggested={suggested}
        onChange={setPlace}
        errors={{ cluster: problem?.of("environment.cluster"), namespace: problem?.of("environment.namespace") }}
      />
      {team.field}
      <Field label="Description" error={problem?.of("description")}>
        <Textarea rows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label="Tags" help="Separated by commas." error={problem?.of("tags")}>
        <Input value={tags} placeholder="payments, internal" onChange={(event) => setTags(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

export const splitTags = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

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
  const { place, setPlace, suggested, environment } = useEnvironment(named);
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
      title="Import a workflow file"
      description="The YAML that Export writes: name, nodes and edges. Nothing runs until you say so."
      onSubmit={submit}
      submit="Import"
      busy={run.isPending}
      onClose={onClose}
    >
      {problem && (
        <ErrorState
          inline
          title="The file was not imported"
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
        <span className="text-12 text-muted">or drop it on the text, or paste</span>
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
      <Field label="Name" help="Empty: the name in the file." error={problem?.of("name")}>
        <Input value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <PlaceFields place={place} suggested={suggested} onChange={setPlace} errors={{}} />
      {team.field}
    </FormDialog>
  );
}
