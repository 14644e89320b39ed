import { Checkbox, Field, Input, Segmented, Select, Textarea } from "@/ui";
import { wrongIn, type AppDraft, type BuiltBy } from "@/model/newFromGit";
import { PathPicker } from "@/product";
import { Asked, type AppProps } from "./AppCard";
import { PlanFields } from "./PlanFields";

const BUILDERS: readonly { value: Exclude<BuiltBy, "image">; label: string }[] = [
  { value: "dockerfile", label: "Dockerfile of the repository" },
  { value: "written", label: "Dockerfile kept with the source" },
];

/** How the image of an application is made. */
export function Builder(props: AppProps) {
  const { of, app, draft, onChange, errorOf } = props;
  const set = (changes: Partial<AppDraft>) => onChange({ ...draft, ...changes });
  // At the commit that was looked at, which is what the proposals are of.
  const place = { connection: of.connection ?? "", repository: of.repository, ref: of.commit ?? of.ref };
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label={`How ${app.name} is built`}
          from={520}
          className="w-60"
          value={draft.by === "written" ? "written" : "dockerfile"}
          onChange={(by) => set({ by })}
          options={BUILDERS}
        />
      </div>
      {draft.by === "written" && draft.plan && <PlanFields {...props} plan={draft.plan} />}
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="flex min-w-0 items-start gap-2">
          <Field
            className="flex-1"
            label="Root folder"
            help={<Asked app={app} field="root" otherwise="What the build sees. If empty, the whole repository." />}
            error={errorOf("root")}
          >
            <Input mono value={draft.root} onChange={(event) => set({ root: event.target.value })} />
          </Field>
          {of.connection && (
            <div className="pt-5.5">
              <PathPicker
                label={`Choose a folder for ${app.name}`}
                place={place}
                picks="folder"
                value={draft.root}
                onPick={(root) => set({ root })}
              />
            </div>
          )}
        </div>
        {draft.by === "dockerfile" && (
          <div className="flex min-w-0 items-start gap-2">
            <Field
              className="flex-1"
              label="Path of the Dockerfile"
              help="Below the root folder."
              error={errorOf("builder.dockerfile")}
            >
              <Input mono value={draft.dockerfile} onChange={(event) => set({ dockerfile: event.target.value })} />
            </Field>
            {of.connection && (
              <div className="pt-5.5">
                <PathPicker
                  label={`Choose a Dockerfile for ${app.name}`}
                  place={place}
                  picks="file"
                  within={draft.root}
                  value={draft.dockerfile}
                  onPick={(dockerfile) => set({ dockerfile })}
                />
              </div>
            )}
          </div>
        )}
        {draft.by === "dockerfile" && app.targets.length > 0 && (
          <Field
            label="Target stage"
            help={<Asked app={app} field="target" otherwise="Which stage is built." />}
            error={errorOf("builder.target")}
          >
            <Select
              value={draft.target}
              onChange={(target) => set({ target })}
              options={[
                { value: "", label: "The last one" },
                ...[...new Set([...app.targets, draft.target])]
                  .filter(Boolean)
                  .map((target) => ({ value: target, label: target })),
              ]}
            />
          </Field>
        )}
        {draft.by === "dockerfile" &&
          Object.entries(draft.args).map(([name, value]) => (
            <Field
              key={name}
              label={`Build argument ${name}`}
              help={<Asked app={app} field={`arguments.${name}`} otherwise="It stays in the image: no secret." />}
              error={errorOf(`builder.args.${name}`)}
            >
              <Input
                mono
                value={value}
                onChange={(event) => set({ args: { ...draft.args, [name]: event.target.value } })}
              />
            </Field>
          ))}
      </div>
      <Fetched {...props} />
      {draft.by === "written" && (
        <Field
          label="Dockerfile"
          required
          help="Kept with the source, and built. Nothing is written into the repository."
          error={errorOf("builder.text") ?? wrongIn(draft).text}
          aside={draft.plan && draft.isTextEdited ? "Edited by you" : undefined}
        >
          <Textarea
            mono
            rows={Math.min(20, Math.max(8, draft.text.split("\n").length))}
            value={draft.text}
            onChange={(event) => set({ text: event.target.value, isTextEdited: true })}
          />
        </Field>
      )}
    </>
  );
}

/** What comes beside the commit, and with what steps sign in. */
function Fetched({ app, draft, onChange, errorOf }: AppProps) {
  const set = (changes: Partial<AppDraft>) => onChange({ ...draft, ...changes });
  const signsIn = app.variables.some(({ usage, name }) => usage === "ssh" && name === "default");
  const error = errorOf("builder.deploy_key");
  return (
    <div className="flex flex-col gap-2.5">
      <Checkbox
        checked={draft.lfs}
        onChange={(lfs) => set({ lfs })}
        label="Fetch files of Git LFS"
        help="Without it, a build of a commit with pointers fails and names them."
      />
      <Checkbox
        checked={draft.submodules}
        onChange={(submodules) => set({ submodules })}
        label="Fetch submodules"
        help="Those in the same folder of the git server are read with the connection, others as public ones."
      />
      {(signsIn || draft.deployKey) && (
        <Checkbox
          checked={draft.deployKey}
          onChange={(deployKey) => set({ deployKey })}
          label="Steps may sign in with the deploy key"
          help="For a repository that is read over SSH. Or give a key as the variable default, used for SSH."
        />
      )}
      {error && (
        <p role="alert" className="text-12 text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
