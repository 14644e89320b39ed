/** How images that were built are called. */

const SHOWN = 12;

/** `sha256:0123456789ab…`: enough to tell two apart. */
export function shortDigest(digest: string): string {
  const [algorithm, hex = ""] = digest.split(":");
  return hex.length > SHOWN ? `${algorithm}:${hex.slice(0, SHOWN)}…` : digest;
}

export const shortCommit = (commit: string): string => commit.slice(0, 7);

type Numbered = { readonly number: number };

/** "Build #5 is there, and #3 runs", where a run would take a newer build than the one that runs. */
export function newerBuild(found: { image: Numbered | null; deployed: Numbered | null } | undefined): string {
  const { image, deployed } = found ?? {};
  return image && deployed && image.number > deployed.number
    ? `Build #${image.number} is there, and #${deployed.number} runs`
    : "";
}

/** A name of an image without tag and digest: "ghcr.io/team/web:1@sha256:…" is of "ghcr.io/team/web". */
export function repositoryOf(image: string): string {
  const named = image.split("@")[0] ?? "";
  const slash = named.lastIndexOf("/");
  const colon = named.indexOf(":", slash + 1);
  return colon < 0 ? named : named.slice(0, colon);
}

/** Whether a name says which registry it is of: its first part has a dot or a port, or is localhost. */
export function isWhole(image: string): boolean {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
}

/** What a name without a registry means: "nginx" is "docker.io/library/nginx"; "" for any other. */
export function hubName(typed: string): string {
  const name = repositoryOf(typed.trim());
  if (name === "" || isWhole(name)) return "";
  return name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
}

/** What a container runs of a tag: just that content where it is named by digest. */
export function imageOf(repository: string, { tag, digest }: { tag: string; digest: string }, isPinned: boolean) {
  return isPinned && digest ? `${repository}:${tag}@${digest}` : `${repository}:${tag}`;
}
