/** How images that were built are called. */

const SHOWN = 12;

/** `sha256:0123456789ab…`: enough to tell two apart. */
export function shortDigest(digest: string): string {
  const [algorithm, hex = ""] = digest.split(":");
  return hex.length > SHOWN ? `${algorithm}:${hex.slice(0, SHOWN)}…` : digest;
}

export const shortCommit = (commit: string): string => commit.slice(0, 7);
