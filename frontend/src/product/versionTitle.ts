import type { Version } from "@/contract";

/** What a version is called: its own name, else how it came to be. */
export function versionTitle(
  version: Pick<Version, "name" | "automatic" | "run_id" | "restored_from" | "created_by">,
): string {
  if (version.name !== "") return version.name;
  if (version.restored_from !== null) return `Restored from v${version.restored_from}`;
  if (version.automatic) return version.run_id === null ? "Saved for a plan or before a restore" : "Saved by a run";
  return version.created_by ? `Saved by ${version.created_by.name}` : "Saved";
}
