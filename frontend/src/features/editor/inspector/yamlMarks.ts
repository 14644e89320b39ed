import { parseDocument } from "yaml";

export interface YamlMark {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly severity: "error";
}

/** Where a text is not YAML, with the reason; nothing for an empty text. */
export function yamlMarks(text: string): YamlMark[] {
  if (text.trim() === "") return [];
  return parseDocument(text).errors.map((error) => ({
    line: error.linePos?.[0].line ?? 1,
    column: error.linePos?.[0].col ?? 1,
    message: error.message.split("\n")[0] ?? "This is not YAML",
    severity: "error" as const,
  }));
}
