import { Pencil, X } from "lucide-react";
import { useMemo } from "react";
import { isCompose, isManifest, readWith, sizeWord, type ChosenFile } from "@/model/importFiles";
import { plural } from "@/model/words";
import { Button, Checkbox, IconButton } from "@/ui";

interface FileRowsProps {
  readonly files: readonly ChosenFile[];
  /** Paths of the files that are merged, in order. */
  readonly merged: readonly string[];
  readonly onMerge: (path: string, on: boolean) => void;
  readonly onEdit: (file: ChosenFile) => void;
  readonly onRemove: (path: string) => void;
  readonly onClear: () => void;
}

/** The files of an import: what each is for, its size, and a way to leave it out. */
export function FileRows({ files, merged, onMerge, onEdit, onRemove, onClear }: FileRowsProps) {
  const also = useMemo(() => readWith(merged, files), [merged, files]);
  return (
    <div className="rounded-card border border-line bg-surface">
      <div className="flex items-center gap-3 border-b border-line py-1 pr-1 pl-3 text-12 text-muted">
        <span className="min-w-0 flex-1">{plural(files.length, "file")}</span>
        <Button size="sm" tone="ghost" onClick={onClear}>
          Remove all
        </Button>
      </div>
      <ul aria-label="Files">
        {files.map((file) => (
          <li
            key={file.path}
            className="flex min-h-10 items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0"
          >
            <span className="min-w-0 flex-1 font-mono text-12 wrap-anywhere">{file.path}</span>
            <span className="shrink-0 text-12 text-muted">
              {isCompose(file) ? (
                <Checkbox
                  checked={merged.includes(file.path)}
                  onChange={(on) => onMerge(file.path, on)}
                  label={
                    merged.includes(file.path)
                      ? `Compose file ${merged.indexOf(file.path) + 1}`
                      : also.has(file.path)
                        ? "Read with them"
                        : "Not merged"
                  }
                />
              ) : /(^|\/)\.env|\.env$/.test(file.path) ? (
                "Variables"
              ) : isManifest(file) ? (
                "Objects"
              ) : (
                "For mounts"
              )}
            </span>
            <span className="tnum w-16 shrink-0 text-right text-12 text-muted max-sm:hidden">
              {sizeWord(file.bytes)}
            </span>
            <IconButton
              label={`Edit ${file.path}`}
              size="sm"
              disabled={file.text === null}
              onClick={() => onEdit(file)}
            >
              <Pencil size={14} aria-hidden />
            </IconButton>
            <IconButton label={`Remove ${file.path}`} size="sm" onClick={() => onRemove(file.path)}>
              <X size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
