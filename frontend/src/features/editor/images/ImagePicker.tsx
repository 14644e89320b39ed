import { ChevronDown, ChevronLeft } from "lucide-react";
import { useState } from "react";
import { hubName, imageOf, isWhole, repositoryOf } from "@/model/images";
import { covers, roleIn } from "@/model/roles";
import { PickRows, useEmbeddedRegistry, usePicking, useRegistries, useSession, useWorkflow } from "@/product";
import { Button, IconButton, Popover, Select, Switch } from "@/ui";
import { useEditor, useView } from "../state/session";
import { TagRow } from "./TagRow";
import { useChoices, useRepositories, type Place } from "./useChoices";

const BY_NAME = "name";
const EMBEDDED = "embedded";

interface ImagePickerProps {
  readonly image: string;
  readonly onPick: (image: string) => void;
}

/** Chooses an image: where it is, its repository, and a tag, of which size, age and platforms are seen. */
export function ImagePicker({ image, onPick }: ImagePickerProps) {
  const [isOpen, setOpen] = useState(false);
  const workflow = useWorkflow(useEditor().workflowId).data;
  const mayLook = covers(roleIn(useSession().data?.user, workflow?.team.id), "editor");
  if (!mayLook || !workflow) return null;
  return (
    <Popover
      label="Choose an image"
      align="end"
      width={460}
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button aria-label="Choose an image" icon={<ChevronDown size={14} aria-hidden />}>
          Choose
        </Button>
      }
    >
      <Steps
        image={image}
        teamId={workflow.team.id}
        onPick={(next) => {
          onPick(next);
          setOpen(false);
        }}
      />
    </Popover>
  );
}

/**
 * First the repository, then one of its tags. An image that names its registry begins with its tags; for a bare name
 * nobody is asked before the person says so.
 */
function Steps({ image, teamId, onPick }: ImagePickerProps & { readonly teamId: string }) {
  const begun = image.includes("${") ? "" : repositoryOf(image);
  const [repository, setRepository] = useState(isWhole(begun) ? begun : "");
  return repository === "" ? (
    <Repositories teamId={teamId} begun={isWhole(begun) ? "" : begun} onPick={setRepository} />
  ) : (
    <Tags repository={repository} teamId={teamId} onBack={() => setRepository("")} onPick={onPick} />
  );
}

interface RepositoriesProps {
  readonly teamId: string;
  /** A name without a registry, which is typed already. */
  readonly begun: string;
  readonly onPick: (repository: string) => void;
}

function Repositories({ teamId, begun, onPick }: RepositoriesProps) {
  const registries = (useRegistries().data ?? []).filter(({ team }) => team === null || team.id === teamId);
  const embedded = useEmbeddedRegistry().data;
  const hasEmbedded = embedded !== undefined && embedded.state !== "off";
  const [chosen, choose] = useState<string | null>(begun ? BY_NAME : null);
  const place = chosen ?? (hasEmbedded ? EMBEDDED : (registries[0]?.id ?? BY_NAME));
  const registry = registries.find(({ id }) => id === place);
  const picking = usePicking(begun);
  const at: Place =
    place === EMBEDDED
      ? { type: "embedded", teamId }
      : registry
        ? { type: "registry", id: registry.id, host: registry.host }
        : { type: "name" };
  const pages = useRepositories(at, picking.q);
  const take = (typed: string): void => {
    const name = typed.trim();
    if (name !== "") onPick(registry && !name.startsWith(`${registry.host}/`) ? `${registry.host}/${name}` : name);
  };
  return (
    <>
      <div className="p-2 pb-0">
        <Select
          label="Registry"
          className="w-full"
          value={place}
          onChange={(next) => {
            choose(next);
            picking.type("");
          }}
          options={[
            ...(hasEmbedded ? [{ value: EMBEDDED, label: "Embedded registry", hint: "images built here" }] : []),
            ...registries.map(({ id, name, host }) => ({ value: id, label: name, hint: host })),
            { value: BY_NAME, label: "Any registry", hint: "by the name of the image" },
          ]}
        />
      </div>
      <PickRows
        key={place}
        label={at.type === "name" ? "Name of an image, as nginx or ghcr.io/team/web" : "Repository"}
        picking={picking}
        pages={pages}
        nameOf={(name) => name}
        onPick={onPick}
        onEnter={at.type === "embedded" ? undefined : take}
        nothing={
          at.type === "embedded" ? (
            "No image of your team is there yet."
          ) : at.type === "name" && hubName(picking.typed) ? (
            <>
              Enter asks Docker Hub for <span className="font-mono">{hubName(picking.typed)}</span>.
            </>
          ) : (
            "Type a name; Enter shows its tags."
          )
        }
      >
        {(name) => <span className="truncate font-mono text-12">{withoutHost(name, embedded?.address, teamId)}</span>}
      </PickRows>
    </>
  );
}

/** Of the embedded registry, the id of the team says nothing to people. */
function withoutHost(name: string, address: string | undefined, teamId: string): string {
  const prefix = `${address}/${teamId}/`;
  return address && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

interface TagsProps {
  readonly repository: string;
  readonly teamId: string;
  readonly onBack: () => void;
  readonly onPick: (image: string) => void;
}

function Tags({ repository, teamId, onBack, onPick }: TagsProps) {
  const picking = usePicking();
  const [isPinned, pin] = useState(false);
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const environment = useWorkflow(workflowId).data?.environments.find(({ id }) => id === environmentId);
  const pages = useChoices(repository, picking.q, teamId, environment?.cluster.id ?? null);
  return (
    <>
      <div className="flex min-w-0 items-center gap-1 px-2 pt-2">
        <IconButton size="sm" label="Another repository" onClick={onBack}>
          <ChevronLeft size={14} aria-hidden />
        </IconButton>
        <span className="min-w-0 flex-1 truncate font-mono text-12 font-medium" title={repository}>
          {repository}
        </span>
      </div>
      <PickRows
        label="Tag"
        picking={picking}
        pages={pages}
        nameOf={({ tag }) => tag}
        onPick={(choice) => onPick(imageOf(repository, choice, isPinned))}
        nothing="This repository has no tags."
      >
        {(choice) => <TagRow choice={choice} />}
      </PickRows>
      <div className="flex items-center gap-2 border-t border-line px-3 py-2 text-12 text-muted">
        <Switch checked={isPinned} label="By digest" onChange={pin} />
        <span>By digest: a tag that moves changes nothing</span>
      </div>
    </>
  );
}
