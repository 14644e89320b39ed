export interface YamlMark {
  /** From 1. */
  line: number;
  column?: number;
  message: string;
  severity?: "error" | "warning";
}
export interface YamlEditorProps {
  value: string;
  onChange?: (value: string) => void;
  /** Read aloud as the editor's name. */
  label: string;
  language?: "yaml" | "json" | "plaintext";
  readOnly?: boolean;
  marks?: readonly YamlMark[];
  /** Classes of the box that the editor fills. */
  className?: string;
  autoFocus?: boolean;
}
