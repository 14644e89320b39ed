/** What a person makes of what was detected, as the form holds it, and as the API takes it. */
import type { DetectedApp, DetectedPlan, NewGitApp } from "@/contract";
import { sentVariables, variableRow, type SourceVariableRow } from "./sourceVariables";

export type BuiltBy = "dockerfile" | "written" | "image";

export interface AppDraft {
  /** Of the proposal. */
  readonly id: string;
  readonly isChosen: boolean;
  readonly name: string;
  readonly root: string;
  readonly by: BuiltBy;
  readonly dockerfile: string;
  readonly target: string;
  readonly args: Readonly<Record<string, string>>;
  readonly text: string;
  /** What is left out of the build, beside `text`. */
  readonly ignore: string;
  /** The text is not what the plan gives any more. */
  readonly isTextEdited: boolean;
  readonly plan: DetectedPlan | null;
  readonly lfs: boolean;
  readonly submodules: boolean;
  /** Whether steps may sign in with the deploy key of the connection. */
  readonly deployKey: boolean;
  readonly image: string;
  readonly port: string;
  readonly host: string;
  readonly variables: readonly SourceVariableRow[];
}

/** In one go, as the server takes them. */
const APPS_MOST = 20;
const ARGUMENT = "arguments.";

export function draftOf(app: DetectedApp): AppDraft {
  const asked = app.questions
    .filter(({ field }) => field.startsWith(ARGUMENT))
    .map(({ field, default: value }) => [field.slice(ARGUMENT.length), value] as const);
  return {
    id: app.id,
    isChosen: app.suggested,
    name: app.name,
    root: app.root,
    by: app.kind === "image" ? "image" : app.builder.type,
    dockerfile: app.builder.dockerfile,
    target: app.builder.target,
    args: { ...Object.fromEntries(asked), ...app.builder.args },
    text: app.builder.text,
    ignore: app.builder.ignore,
    isTextEdited: false,
    plan: app.plan,
    lfs: app.builder.lfs,
    submodules: app.builder.submodules,
    deployKey: app.builder.deploy_key,
    image: app.image,
    port: app.port === null ? "" : String(app.port),
    host: app.hosts[0] ?? "",
    variables: app.variables.map((one) =>
      variableRow({
        name: one.name,
        usage: one.usage,
        secret: one.secret,
        value: one.value,
        wanted: `${one.path || app.builder.dockerfile}${one.line > 0 ? `:${one.line}` : ""}`,
      }),
    ),
  };
}

/** What is sent of it. A variable that is only wanted, and has no value, is left out; a secret one is asked for later. */
export function sentApp(draft: AppDraft, others: DetectedApp | undefined): NewGitApp {
  const port = draft.port.trim();
  const hosts = draft.host.trim() ? [draft.host.trim(), ...(others?.hosts ?? []).slice(1)] : [];
  const common = {
    proposal: draft.id,
    name: draft.name.trim(),
    port: port ? Number(port) : null,
    hosts,
    variables: sentVariables(
      draft.variables.filter((row) => row.value !== "" || (row.secret && row.usage === "run") || !row.wanted),
    ),
  };
  if (draft.by === "image") return { ...common, ready_image: draft.image.trim() };
  const args = Object.fromEntries(Object.entries(draft.args).filter(([, value]) => value !== ""));
  const fetched = { lfs: draft.lfs, submodules: draft.submodules, deploy_key: draft.deployKey };
  const how = { ...fetched, target: draft.target.trim(), args };
  return {
    ...common,
    root: draft.root.trim(),
    builder:
      draft.by === "written"
        ? { type: "written", text: draft.text, ignore: draft.ignore, ...how }
        : { type: "dockerfile", dockerfile: draft.dockerfile.trim(), ...how },
  };
}

const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What is wrong with it, by field; the server says the rest. */
export function wrongIn(draft: AppDraft): Partial<Record<"name" | "port" | "text" | "image", string>> {
  const port = draft.port.trim();
  return {
    ...(LABEL.test(draft.name.trim())
      ? {}
      : { name: "Small letters, digits and -, beginning with a letter, 63 at most." }),
    ...(port === "" || (/^[0-9]{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)
      ? {}
      : { port: "A port is a number from 1 to 65535." }),
    ...(draft.by === "written" && draft.text.trim() === "" ? { text: "Write the Dockerfile." } : {}),
    ...(draft.by === "image" && draft.image.trim() === "" ? { image: "Name the image." } : {}),
  };
}

/** Why one cannot go on; "" where one can. */
export function missingIn(drafts: readonly AppDraft[]): string {
  const chosen = drafts.filter((one) => one.isChosen);
  if (chosen.length === 0) return "Choose what is built.";
  if (chosen.length > APPS_MOST) return `Choose ${APPS_MOST} at most; more can be made of it afterwards.`;
  const wrong = chosen.find((one) => Object.keys(wrongIn(one)).length > 0);
  if (wrong) return `Correct ${wrong.name || wrong.id}.`;
  const names = chosen.map((one) => one.name.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice ? `${twice} is there twice; give each a name of its own.` : "";
}

/** The name of a workflow of these. */
export const nameOf = (repository: string, drafts: readonly AppDraft[]): string => {
  const chosen = drafts.filter((one) => one.isChosen);
  const last =
    repository
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .pop() ?? "";
  return chosen.length === 1 ? (chosen[0]?.name ?? last) : last;
};
