import type { Variable } from "@/contract";

export type VariableType = Variable["type"];

/** A variable as it is typed. */
export interface VariableRow {
  /** For React alone. */
  readonly key: number;
  readonly name: string;
  readonly type: VariableType;
  /** The value as text; "true" or "false" for a boolean. */
  readonly text: string;
}

export type RowErrors = Readonly<Record<number, { readonly name?: string; readonly value?: string }>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

let lastKey = 0;
export const aRow = (row: Partial<VariableRow> = {}): VariableRow => ({
  name: "",
  type: "string",
  text: row.type === "boolean" ? "false" : "",
  ...row,
  key: ++lastKey,
});

export function rowsOf(variables: Readonly<Record<string, Variable>>): VariableRow[] {
  return Object.entries(variables).map(([name, { type, value }]) => aRow({ name, type, text: String(value) }));
}

/** The same text as another type, as far as it fits. */
export function retyped(row: VariableRow, type: VariableType): VariableRow {
  if (type !== "boolean") return { ...row, type, text: row.text };
  return { ...row, type, text: row.text === "true" ? "true" : "false" };
}

/** What is wrong with the rows, by key; empty when they can be sent. A row without name and value is ignored. */
export function checkRows(rows: readonly VariableRow[]): RowErrors {
  const errors: Record<number, { name?: string; value?: string }> = {};
  const seen = new Set<string>();
  for (const row of rows) {
    if (isBlank(row)) continue;
    const name = nameError(row.name, seen);
    const value = valueError(row);
    seen.add(row.name);
    if (name || value) errors[row.key] = { name, value };
  }
  return errors;
}

export function variablesOf(rows: readonly VariableRow[]): Record<string, Variable> {
  const values = { string: (text: string) => text, integer: Number, boolean: (text: string) => text === "true" };
  return Object.fromEntries(
    rows
      .filter((row) => !isBlank(row))
      .map(({ name, type, text }) => [name, { type, value: values[type](type === "integer" ? text.trim() : text) }]),
  );
}

const isBlank = (row: VariableRow): boolean => row.name === "" && (row.text === "" || row.type === "boolean");

function nameError(name: string, seen: ReadonlySet<string>): string | undefined {
  if (!NAME.test(name)) return "Use letters, digits and _, not a digit first (max 63 characters).";
  if (seen.has(name)) return `${name} is listed twice.`;
  return undefined;
}

function valueError({ type, text }: VariableRow): string | undefined {
  if (type !== "integer") return undefined;
  const number = text.trim();
  if (!/^-?\d+$/.test(number)) return "Enter a whole number, for example 3.";
  return Number.isSafeInteger(Number(number)) ? undefined : "The number is too large.";
}

/** What the drawing takes from variables: the names in `${NAME}`; `$${` is an escape. */
export function referencedNames(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === "string")
    for (const match of value.matchAll(/\$?\$\{([A-Za-z_][A-Za-z0-9_]{0,62})\}/g))
      if (match[1] && !match[0].startsWith("$$")) found.add(match[1]);
  if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) referencedNames(item, found);
  return found;
}
