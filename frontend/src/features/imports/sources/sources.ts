import type { ComponentType } from "react";
import { ChartForm } from "./ChartForm";
import { FilesForm } from "./FilesForm";
import { GitForm } from "./GitForm";
import { NamespaceForm } from "./NamespaceForm";
import type { SourceFormProps } from "./form";

export interface SourceEntry {
  /** In the address, as `?from=files`. */
  readonly id: string;
  readonly label: string;
  readonly Form: ComponentType<SourceFormProps>;
}

/** Where an import can come from, in the order in which it is offered. */
export const SOURCES: readonly [SourceEntry, ...SourceEntry[]] = [
  { id: "files", label: "Files", Form: FilesForm },
  { id: "git", label: "Git", Form: GitForm },
  { id: "namespace", label: "Namespace", Form: NamespaceForm },
  { id: "chart", label: "Helm or kustomize", Form: ChartForm },
];
