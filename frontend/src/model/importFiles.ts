/** Files on their way into an import: which of them are Compose files, and what is too much. */

export interface ChosenFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly bytes: number;
  /** Null where it is no UTF-8. */
  readonly text: string | null;
  readonly base64: string | null;
}

export const FILES_MOST = 500;
export const FILE_MOST_BYTES = 1_000_000;
export const ALL_MOST_BYTES = 5_000_000;

/** In the order in which the first that is there counts, as Compose looks for them. */
const USUAL = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES = USUAL.map((name) => name.replace(/(\.ya?ml)$/, ".override$1"));

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const depthOf = (path: string): number => path.split("/").length;

/** Whether a file has services of Compose at its top level. */
export const isCompose = ({ path, text }: Pick<ChosenFile, "path" | "text">): boolean =>
  /\.(ya?ml|json)$/i.test(path) && text !== null && /^(services|include)[ \t]*:/m.test(text);

/** Whether a Compose file has services whose image is built. */
export const buildsImages = ({ text }: Pick<ChosenFile, "text">): boolean =>
  text !== null && /(?:^|[{,])[ \t]*build[ \t]*:/m.test(text);

/** Whether a file has objects of Kubernetes. */
export const isManifest = ({ path, text }: Pick<ChosenFile, "path" | "text">): boolean =>
  /\.(ya?ml|json)$/i.test(path) && text !== null && /^[ \t{[-]*["']?apiVersion["']?[ \t]*:/m.test(text);

/** Files with objects, which an import of a Compose project leaves alone. */
export const besideCompose = <F extends Pick<ChosenFile, "path" | "text">>(files: readonly F[]): F[] =>
  files.filter((file) => isManifest(file) && !isCompose(file));

/** A workflow file, as Export workflow writes it. */
export const isWorkflowFile = ({ path, text }: Pick<ChosenFile, "path" | "text">): boolean =>
  /\.(ya?ml|json)$/i.test(path) && text !== null && /^nodes[ \t]*:/m.test(text);

/** The files that are merged, in order: those with usual names nearest to the top, else all with services. */
export function usualComposeFiles(files: readonly Pick<ChosenFile, "path" | "text">[]): string[] {
  const top = files
    .filter(({ path }) => USUAL.includes(nameOf(path)))
    .sort(
      (a, b) => depthOf(a.path) - depthOf(b.path) || USUAL.indexOf(nameOf(a.path)) - USUAL.indexOf(nameOf(b.path)),
    )[0];
  if (!top) return files.filter(isCompose).map(({ path }) => path);
  const folder = top.path.slice(0, top.path.length - nameOf(top.path).length);
  const override = OVERRIDES.map((name) => folder + name).find((path) => files.some((file) => file.path === path));
  return override ? [top.path, override] : [top.path];
}

export interface ChosenChart {
  /** Of an archive, its name without the ending. */
  readonly name: string;
  readonly version: string;
  /** Files of values beside Chart.yaml, values.yaml first; none of an archive, which is not opened here. */
  readonly values: readonly { readonly path: string; readonly text: string }[];
}

/** The chart nearest to the top, or the archive of one. */
export function chartIn(files: readonly Pick<ChosenFile, "path" | "text">[]): ChosenChart | null {
  const own = files
    .filter(({ path }) => nameOf(path) === "Chart.yaml")
    .sort((a, b) => depthOf(a.path) - depthOf(b.path))[0];
  if (!own) {
    const archive = files.find(({ path }) => /\.(tgz|tar\.gz)$/i.test(path) && depthOf(path) === 1);
    return archive ? { name: archive.path.replace(/\.(tgz|tar\.gz)$/i, ""), version: "", values: [] } : null;
  }
  const folder = own.path.slice(0, -"Chart.yaml".length);
  const said = (key: string): string =>
    new RegExp(`^${key}:[ \\t]*["']?([^"'\\s#]+)`, "m").exec(own.text ?? "")?.[1] ?? "";
  const values = files.flatMap(({ path, text }) => {
    const short = path.startsWith(folder) ? path.slice(folder.length) : "/";
    return text !== null && /^(?!Chart|requirements)[^/]*\.ya?ml$/.test(short) ? [{ path: short, text }] : [];
  });
  values.sort((a, b) => Number(b.path === "values.yaml") - Number(a.path === "values.yaml"));
  return { name: said("name") || "chart", version: said("version"), values };
}

/** The folders that have a kustomization, "." for the top. */
export const kustomizationsIn = (files: readonly Pick<ChosenFile, "path">[]): string[] =>
  files
    .filter(({ path }) => /^(kustomization\.ya?ml|Kustomization)$/.test(nameOf(path)))
    .map(({ path }) => path.slice(0, Math.max(0, path.length - nameOf(path).length - 1)) || ".");

/** The folder that all paths begin with, which is left off: "" for none. */
export function commonFolder(paths: readonly string[]): string {
  const first = paths[0]?.split("/").slice(0, -1) ?? [];
  let shared = first.length;
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    let same = 0;
    while (same < shared && parts[same] === first[same]) same += 1;
    shared = same;
  }
  return first.slice(0, shared).join("/");
}

/** A file that may say which others a project needs. */
export const mayNameFiles = (path: string): boolean => /\.(ya?ml|json)$/i.test(path) || isEnvFile(path);

const isEnvFile = (path: string): boolean => /(^|\/)\.env[^/]*$|\.env$/.test(path);

/** What could be a path: of characters that paths have. Compose files name them in many keys, and inside of texts. */
const PATH_LIKE = /[\w.@%+~-]+(?:\/[\w.@%+~-]+)*\/?/g;

/**
 * The files of a folder that an import needs, by what `texts` say: files of Compose with what they name, or objects.
 * Null where nothing among them can be imported.
 */
export function neededFiles(
  paths: readonly string[],
  texts: readonly Pick<ChosenFile, "path" | "text">[],
): ReadonlySet<string> | null {
  const compose = texts.filter(isCompose);
  if (compose.length === 0) {
    const objects = texts.filter(isManifest).map(({ path }) => path);
    return objects.length > 0 ? new Set(objects) : null;
  }
  const named = new Set<string>();
  for (const { path, text } of compose) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    for (const [found] of (text ?? "").matchAll(PATH_LIKE)) {
      const full = normal(folder + found);
      if (full) named.add(full);
    }
  }
  const isNamed = (path: string): boolean => {
    const parts = path.split("/");
    return parts.some((_, index) => named.has(parts.slice(0, index + 1).join("/")));
  };
  const always = new Set(compose.map(({ path }) => path));
  return new Set(paths.filter((path) => always.has(path) || isEnvFile(path) || isNamed(path)));
}

/** The files that those which are merged name, as `include` and `extends` do: they are read with them. */
export function readWith(
  merged: readonly string[],
  files: readonly Pick<ChosenFile, "path" | "text">[],
): ReadonlySet<string> {
  const texts = new Map(files.filter(isCompose).map(({ path, text }) => [path, text ?? ""]));
  const read = new Set(merged);
  for (const one of read) {
    const folder = one.slice(0, one.lastIndexOf("/") + 1);
    for (const [found] of (texts.get(one) ?? "").matchAll(PATH_LIKE)) {
      const full = normal(folder + found);
      if (texts.has(full)) read.add(full);
    }
  }
  return read;
}

/** Without `.` and `..`; "" for the folder itself and what lies outside of it. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return "";
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The project's own name, from the files that are merged: the last one that says it counts. "" for none. */
export function projectName(files: readonly Pick<ChosenFile, "path" | "text">[], merged: readonly string[]): string {
  const names = merged.map((path) => {
    const text = files.find((file) => file.path === path)?.text ?? "";
    return /^name:[ \t]*["']?([a-z0-9][a-z0-9_-]*)/m.exec(text)?.[1] ?? "";
  });
  return names.findLast(Boolean) ?? "";
}

/** Why the files cannot be sent, with the cure; null when they can. */
export function tooMuch(files: readonly Pick<ChosenFile, "path" | "bytes">[]): string | null {
  const large = files.find(({ bytes }) => bytes > FILE_MOST_BYTES);
  if (large) return `${large.path} is larger than 1 MB. Remove it from the list.`;
  if (files.length > FILES_MOST)
    return `An import takes ${FILES_MOST} files at most. Remove those that no service uses.`;
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) > ALL_MOST_BYTES)
    return "The files are larger than 5 MB together. Remove those that no service uses.";
  return null;
}

const AROUND = 2;
const LINE_MOST = 300;

/** A line of a text and its neighbours, by their numbers from 1. */
export function excerptOf(text: string, line: number): { number: number; content: string }[] {
  const lines = text.split(/\r\n|\n|\r/);
  const first = Math.max(1, line - AROUND);
  return lines
    .slice(first - 1, line + AROUND)
    .map((content, index) => ({ number: first + index, content: content.slice(0, LINE_MOST) }));
}

/** "812 B", "12 kB", "1.4 MB", "20 GB". */
export function sizeWord(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1).replace(/\.0$/, "")} GB`;
}
