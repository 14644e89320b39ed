/** Finding fields of a form by their label, or by the path that the Kubernetes API gives them. */
import type { Kind, Parameter } from "./catalog";
import type { FormSection } from "./form";

type ApiPaths = NonNullable<Kind["api_paths"]>;

/** The sections with the fields that match; all of them for an empty query. */
export function findFields(
  sections: readonly FormSection[],
  query: string,
  paths: ApiPaths = {},
): readonly FormSection[] {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return sections;
  return sections
    .map((section) => {
      const matches = ({ parameter }: FormSection["fields"][number]): boolean =>
        words.every(
          (word) =>
            holds(parameter, plain(word)) ||
            isAt(pathsOf(parameter, paths), word) ||
            plain(section.label).includes(plain(word)),
        );
      return { ...section, fields: section.fields.filter(matches), advanced: section.advanced.filter(matches) };
    })
    .filter((section) => section.fields.length + section.advanced.length > 0);
}

function holds(parameter: Parameter, word: string): boolean {
  if (plain(parameter.label).includes(word) || plain(parameter.name).includes(word)) return true;
  return [...(parameter.fields ?? []), ...(parameter.item?.fields ?? [])].some((field) => holds(field, word));
}

/** Where the parameter ends up, and where the fields in it do. */
function pathsOf({ name }: Parameter, paths: ApiPaths): string[] {
  return Object.entries(paths)
    .filter(([key]) => key === name || key.startsWith(`${name}.`))
    .map(([, path]) => path.replaceAll("[]", ""));
}

/** Steps on the way to nearly every field: on their own they find nothing. */
const COMMON: ReadonlySet<string> = new Set(["spec", "template", "jobTemplate", "metadata", "containers"]);

/** A whole path, or its end, is looked up as such; a single word among the names in it. */
function isAt(paths: readonly string[], word: string): boolean {
  const wanted = word
    .replaceAll("[]", "")
    .replace(/^\.|\.$/g, "")
    .toLowerCase();
  if (wanted.includes(".")) return paths.some((path) => path.toLowerCase().includes(wanted));
  return paths.some((path) => path.split(".").some((step) => !COMMON.has(step) && plain(step).includes(plain(wanted))));
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
