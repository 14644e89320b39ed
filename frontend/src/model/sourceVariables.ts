/** Variables of a source as a form holds them, and as the API takes them. */
import type { SourceVariableChoice, VariableUsage } from "@/contract";

export interface SourceVariableRow {
  readonly key: number;
  readonly name: string;
  readonly usage: VariableUsage;
  readonly secret: boolean;
  /** What is typed; of a secret that is kept, "" leaves it as it is. */
  readonly value: string;
  /** The server has its value, and shows it to nobody. */
  readonly isKept: boolean;
  /** Who wants it: a file of the repository. */
  readonly wanted?: string;
}

export const USAGES: readonly { value: VariableUsage; label: string }[] = [
  { value: "build", label: "Build" },
  { value: "run", label: "Run" },
  { value: "both", label: "Both" },
  { value: "ssh", label: "SSH" },
];

let last = 0;
export const variableRow = (given: Partial<SourceVariableRow> = {}): SourceVariableRow => ({
  name: "",
  usage: "build",
  secret: false,
  value: "",
  isKept: false,
  ...given,
  key: (last += 1),
});

/** Of variables that a source has. */
export const rowsOf = (
  variables: readonly { key: string; usage: VariableUsage; secret: boolean; value: string | null }[],
): SourceVariableRow[] =>
  variables.map((one) =>
    variableRow({
      name: one.key,
      usage: one.usage,
      secret: one.secret,
      value: one.value ?? "",
      isKept: one.secret,
    }),
  );

/** A row without a name was not meant; a secret that is kept goes without its value. */
export const sentVariables = (rows: readonly SourceVariableRow[]): SourceVariableChoice[] =>
  rows
    .filter((row) => row.name.trim() !== "")
    .map((row) => ({
      key: row.name.trim(),
      usage: row.usage,
      secret: row.secret,
      ...(row.secret && row.value === "" && row.isKept ? {} : { value: row.value }),
    }));

/** Where a row stands among those that are sent; -1 for one that is not. */
export const placeOf = (rows: readonly SourceVariableRow[], row: SourceVariableRow): number =>
  rows.filter((one) => one.name.trim() !== "").findIndex((one) => one.key === row.key);

/** Where a secret has no value yet: who asks for it. Images are built before there is a run, and no build asks. */
export function secretHint({ isKept, wanted, usage }: SourceVariableRow): string {
  if (isKept) return "Kept; type to replace it";
  if (!wanted) return "";
  if (usage === "ssh") return "Empty: steps that sign in with it fail";
  return usage === "run" ? "Asked for at the first run" : "Empty: builds go without it";
}
