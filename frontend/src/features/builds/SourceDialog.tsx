import { useState } from "react";
import { asProblem } from "@/api";
import type { BuilderChoice, DetectedApp, Source } from "@/contract";
import { repositoryName } from "@/model/gitAddresses";
import { slug } from "@/model/names";
import { covers, roleIn } from "@/model/roles";
import { rowsOf, sentVariables, type SourceVariableRow } from "@/model/sourceVariables";
import { DetectAgain, PathPicker, RepositoryFields, useSession, useTeamChoice, VariableRows } from "@/product";
import { Checkbox, Field, FormDialog, Input, Segmented, Select, Textarea } from "@/ui";
import { BaseImages } from "./BaseImages";
import { useBuildEngines, useSaveSource } from "./queries";

const SHOWN = [
  "name",
  "connection",
  "repository",
  "ref",
  "root",
  "image",
  "engine",
  "keep_images",
  "builder.dockerfile",
  "builder.text",
  "builder.ignore",
  "builder.target",
  "builder.deploy_key",
];

/** Makes a source, or changes one; its name never changes. */
export function SourceDialog({
  source,
  connection = "",
  onClose,
}: {
  source: Source | null;
  /** Of a new one, where it was chosen before. */
  connection?: string;
  onClose: () => void;
}) {
  const save = useSaveSource();
  const { team, field: teamField } = useTeamChoice();
  const [name, setName] = useState(source?.name ?? "");
  const [place, setPlace] = useState({
    connection: source?.connection?.id ?? connection,
    repository: source?.repository ?? "",
    ref: source?.ref ?? "",
  });
  const [root, setRoot] = useState(source?.root ?? "");
  const [type, setType] = useState(source?.builder.type ?? "dockerfile");
  const [dockerfile, setDockerfile] = useState(source?.builder.dockerfile ?? "Dockerfile");
  const [text, setText] = useState(source?.builder.text ?? "");
  const [ignore, setIgnore] = useState(source?.builder.ignore ?? "");
  const [provenance, setProvenance] = useState(source?.builder.provenance ?? false);
  const [submodules, setSubmodules] = useState(source?.builder.submodules ?? false);
  const [lfs, setLfs] = useState(source?.builder.lfs ?? false);
  const [deployKey, setDeployKey] = useState(source?.builder.deploy_key ?? false);
  const [sbom, setSbom] = useState(source?.builder.sbom ?? false);
  const [target, setTarget] = useState(source?.builder.target ?? "");
  const [image, setImage] = useState(source?.image ?? "");
  const [engine, setEngine] = useState(source?.engine ?? "");
  const [keep, setKeep] = useState(source?.keep_images ? String(source.keep_images) : "");
  const of = source?.team.id ?? team;
  const mayRemove = covers(roleIn(useSession().data?.user, of ?? ""), "operator");
  const proposed = slug(repositoryName(place.repository));
  const called = source?.name ?? (name.trim() || proposed);
  const bases = source?.last_build?.bases ?? [];
  const engines = (useBuildEngines().data?.results ?? []).filter(
    ({ service }) => !service?.team || service.team.id === of,
  );
  const [variables, setVariables] = useState<readonly SourceVariableRow[]>(() => rowsOf(source?.variables ?? []));
  const problem = save.error ? asProblem(save.error) : null;
  const summary = problem?.besides([
    ...SHOWN,
    ...variables.flatMap((_, at) => ["", ".key", ".value", ".secret"].map((of) => `variables.${at}${of}`)),
  ]);
  const isReady = called !== "" && place.repository.trim() !== "" && (type === "dockerfile" || text.trim() !== "");
  const take = ({ root: found, builder }: DetectedApp) => {
    setRoot(found);
    setType(builder.type);
    setDockerfile(builder.dockerfile);
    setText(builder.text);
    setIgnore(builder.ignore);
    setTarget(builder.target);
  };
  const where = { ...place, repository: place.repository.trim(), ref: place.ref.trim() };
  const submit = () => {
    if (!isReady || save.isPending) return;
    const builder: BuilderChoice = {
      type,
      target: target.trim(),
      // What this form does not show stays as it is.
      args: source?.builder.args ?? {},
      platform: (source?.builder.platform ?? "") as BuilderChoice["platform"],
      provenance,
      sbom,
      submodules,
      lfs,
      deploy_key: deployKey,
      ...(type === "dockerfile" ? { dockerfile } : { text, ignore }),
    };
    save.mutate(
      {
        of: source ? { id: source.id, rev: source.rev } : { name: called, team },
        repository: place.repository.trim(),
        connection: place.connection || null,
        ref: place.ref.trim(),
        root: root.trim(),
        builder,
        image: image.trim(),
        engine,
        keep_images: Number(keep) || 0,
        variables: sentVariables(variables),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <FormDialog
      size="lg"
      title={source ? `Edit ${source.name}` : "New source"}
      description="A place in a git repository that images are built of."
      onSubmit={submit}
      submit={save.isPending ? "Saving" : source ? "Save" : "Add source"}
      busy={save.isPending}
      disabled={!isReady}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      {!source && teamField}
      <RepositoryFields
        value={place}
        onChange={setPlace}
        team={source ? source.team.id : team}
        errors={{
          connection: problem?.of("connection"),
          repository: problem?.of("repository"),
          ref: problem?.of("ref"),
        }}
      />
      {!source && (
        <Field
          label="Name"
          required
          help="Small letters, digits and -. Workflows name the source by it, so it never changes."
          error={problem?.of("name")}
        >
          <Input
            mono
            maxLength={63}
            value={name}
            placeholder={proposed}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      )}
      <div className="flex items-start gap-2">
        <Field
          className="flex-1"
          label="Root folder"
          help="If empty, the whole repository."
          error={problem?.of("root")}
        >
          <Input mono value={root} onChange={(event) => setRoot(event.target.value)} />
        </Field>
        {place.connection && (
          <div className="pt-5.5">
            <PathPicker label="Choose a folder" place={where} picks="folder" value={root} onPick={setRoot} />
          </div>
        )}
      </div>
      <Checkbox
        checked={submodules}
        onChange={setSubmodules}
        label="Fetch submodules"
        help="Those in the same folder of the git server are read with the connection, others as public ones."
      />
      <Checkbox
        checked={lfs}
        onChange={setLfs}
        label="Fetch files of Git LFS"
        help="Without it, a build of a commit with pointers fails and names them."
      />
      <Checkbox
        checked={deployKey}
        onChange={setDeployKey}
        label="Steps may sign in with the deploy key"
        help="Steps with RUN --mount=type=ssh use the keys of a connection for SSH, and never see them. Whoever may push to the repository can do in a step what these keys may."
      />
      {problem?.of("builder.deploy_key") && (
        <p role="alert" className="text-12 text-bad">
          {problem.of("builder.deploy_key")}
        </p>
      )}
      <DetectAgain place={{ ...place, root, team: source?.team.id ?? team }} onTake={take} />
      <div className="shrink-0">
        <Segmented
          label="Dockerfile"
          value={type}
          onChange={setType}
          options={[
            { value: "dockerfile", label: "Dockerfile of the repository" },
            { value: "written", label: "Dockerfile kept here" },
          ]}
        />
      </div>
      {type === "dockerfile" ? (
        <div className="flex items-start gap-2">
          <Field
            className="flex-1"
            label="Path"
            help="Below the root folder."
            error={problem?.of("builder.dockerfile")}
          >
            <Input mono value={dockerfile} onChange={(event) => setDockerfile(event.target.value)} />
          </Field>
          {place.connection && (
            <div className="pt-5.5">
              <PathPicker
                label="Choose a Dockerfile"
                place={where}
                picks="file"
                within={root}
                value={dockerfile}
                onPick={setDockerfile}
              />
            </div>
          )}
        </div>
      ) : (
        <>
          <Field
            label="Dockerfile"
            required
            help="Nothing is written into the repository."
            error={problem?.of("builder.text")}
          >
            <Textarea mono rows={12} value={text} onChange={(event) => setText(event.target.value)} />
          </Field>
          <Field
            label="Left out"
            help="As a .dockerignore. If the repository has one, that counts."
            error={problem?.of("builder.ignore")}
          >
            <Textarea mono rows={4} value={ignore} onChange={(event) => setIgnore(event.target.value)} />
          </Field>
        </>
      )}
      {bases.length > 0 && (
        <div className="flex shrink-0 flex-col gap-1">
          <p className="text-12 font-medium">Base images of build #{source?.last_build?.number}</p>
          <BaseImages bases={bases} />
        </div>
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Target stage" help="If empty, the last one." error={problem?.of("builder.target")}>
          <Input mono value={target} onChange={(event) => setTarget(event.target.value)} />
        </Field>
        <Field
          label="Image"
          help="Where images go, without a tag. If empty, the registry of the installation."
          error={problem?.of("image")}
        >
          <Input mono value={image} onChange={(event) => setImage(event.target.value)} />
        </Field>
      </div>
      <Field
        label="Images that are kept"
        aside="optional"
        help={
          mayRemove
            ? "So many of the newest. Once an hour, older ones that nothing uses are removed from their registry. If empty, all are kept."
            : "So many of the newest, and older ones that something uses. Operators of the team choose it."
        }
        error={problem?.of("keep_images")}
      >
        <Input
          type="number"
          min={1}
          max={1000}
          className="max-w-32"
          disabled={!mayRemove}
          value={keep}
          placeholder="all"
          onChange={(event) => setKeep(event.target.value)}
        />
      </Field>
      <fieldset className="flex shrink-0 flex-col gap-1.5">
        <legend className="mb-1.5 text-12 font-medium">Attached to the image</legend>
        <Checkbox checked={provenance} onChange={setProvenance} label="Provenance: what it was built from, and how" />
        <Checkbox checked={sbom} onChange={setSbom} label="SBOM: the packages in it, found by a scanner" />
        <p className="text-12 text-muted">With either, each build has a digest of its own.</p>
      </fieldset>
      {(engines.length > 1 || engine !== "") && (
        <Field label="Engine" help="What builds it." error={problem?.of("engine")}>
          <Select
            value={engine}
            onChange={setEngine}
            options={[
              { value: "", label: "The default" },
              ...engines.map(({ id, name }) => ({ value: id, label: id === "local" ? "Beside KubeOrch" : name })),
            ]}
          />
        </Field>
      )}
      <VariableRows
        rows={variables}
        onChange={setVariables}
        errorAt={(at) =>
          ["", ".key", ".value", ".secret"].map((of) => problem?.of(`variables.${at}${of}`)).find(Boolean)
        }
        help="A build sees plain values as arguments, and gets secrets as secret mounts alone. With a key for SSH its steps sign in (RUN --mount=type=ssh,id=NAME), and never see it."
      />
    </FormDialog>
  );
}
