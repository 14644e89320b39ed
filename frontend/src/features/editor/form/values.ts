/** How values of parameters read in a form, and how text that was typed becomes a value. */
import type { Parameter } from "@/model/catalog";
import { shortValue } from "@/model/form";
import { isObject } from "@/model/paths";
import type { Json } from "@/model/records";

/** Types whose control fits into half the width of the form. */
export const NARROW: ReadonlySet<Parameter["type"]> = new Set([
  "integer",
  "number",
  "port",
  "port_ref",
  "int_or_percent",
  "quantity",
  "enum",
  "boolean",
  "string",
]);

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : shortValue(value);
}

/** The default if there is one, else what the catalog suggests. */
export function placeholderOf({ default: fallback, placeholder, example }: Parameter): string | undefined {
  if (fallback !== undefined && fallback !== null && fallback !== "") return shortValue(fallback);
  if (placeholder) return placeholder;
  return example === undefined || example === null ? undefined : `e.g. ${shortValue(example)}`;
}

/** A port by number or by name, a count or a percentage: digits alone are a number. */
export function numberOrText(text: string): Json | undefined {
  if (text === "") return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function isEmptyValue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === "";
}

/** What a folded row of a list is called: its first short values. */
export function rowTitle(item: Parameter, row: Json): string {
  if (!isObject(row)) return "";
  const unreadable = new Set<Parameter["type"]>(["object", "list", "map", "boolean"]);
  return (item.fields ?? [])
    .filter((field) => !unreadable.has(field.type))
    .map((field) => shortValue(row[field.name]))
    .filter((text) => text !== "" && text.length < 60)
    .slice(0, 3)
    .join(" · ");
}

/** "Labels" → "label", "Policies" → "policy", "Args" stays: nobody writes "arg". */
export function singular(label: string): string {
  const word = label.trim().toLowerCase();
  if (/(ses|xes|ches)$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /[^s]s$/.test(word) && word !== "args" ? word.slice(0, -1) : word || "row";
}

/** The presence of the object has a meaning, as with a probe: once it is there, one of its fields applies. */
export function isOptionalObject(parameter: Parameter): boolean {
  if (parameter.required) return false;
  return (parameter.fields ?? []).some(
    (field) => field.required || (field.default !== undefined && field.type === "enum"),
  );
}
