/** Paths inside a repository, with "/" between their parts and none at their ends; "" for its top. */

export function joined(folder: string, name: string): string {
  return folder && name ? `${folder}/${name}` : folder || name;
}

/** As a person may have typed it: "./apps/web/" is "apps/web". */
export function plainPath(path: string): string {
  return path
    .trim()
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What a path is called below a folder; null where it lies elsewhere. */
export function pathBelow(path: string, folder: string): string | null {
  if (folder === "") return path;
  if (path === folder) return "";
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

/** The folders from `within` down to a path, both among them: name and path of each. The first is called by its path. */
export function stepsTo(path: string, within: string): { name: string; path: string }[] {
  const steps = [{ name: within, path: within }];
  for (const name of (pathBelow(path, within) ?? "").split("/").filter(Boolean)) {
    steps.push({ name, path: joined(steps.at(-1)?.path ?? "", name) });
  }
  return steps;
}
