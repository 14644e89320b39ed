/** Finding fields of a form by their label, or by the path that the Kubernetes API gives them. */
import type { Parameter } from "./catalog";
import type { FormSection } from "./form";

/** The sections with the fields that match; all of them for an empty query. */
export function findFields(sections: readonly FormSection[], query: string): readonly FormSection[] {
  const words = query.trim().split(/\s+/).filter(Boolean).map(wanted);
  if (words.length === 0) return sections;
  return sections
    .map((section) => {
      const matches = ({ parameter }: FormSection["fields"][number]): boolean =>
        words.every((word) => holds(parameter, word) || plain(section.label).includes(word));
      return { ...section, fields: section.fields.filter(matches), advanced: section.advanced.filter(matches) };
    })
    .filter((section) => section.fields.length + section.advanced.length > 0);
}

/** Of an API path the last step names the field: `spec.template.spec.terminationGracePeriodSeconds`. */
function wanted(word: string): string {
  return plain(word.split(".").findLast((step) => step !== "") ?? word);
}

function holds(parameter: Parameter, word: string): boolean {
  const [label, name] = [plain(parameter.label), plain(parameter.name)];
  if (label.includes(word) || name.includes(word)) return true;
  // The API adds the unit to a name: `periodSeconds` is the field “Period”.
  if (label.length > 4 && word.startsWith(label) && UNITS.has(word.slice(label.length))) return true;
  return [...(parameter.fields ?? []), ...(parameter.item?.fields ?? [])].some((field) => holds(field, word));
}

const UNITS: ReadonlySet<string> = new Set(["seconds", "s", "bytes", "limit"]);

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
