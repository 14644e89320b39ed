import { useState, type DragEvent, type ReactNode } from "react";
import { cx } from "@/ui";
import { droppedFiles, type FoundFile } from "./readFiles";

interface FileDropProps {
  /** Null where nothing is taken. */
  readonly onFiles: ((found: FoundFile[]) => void) | null;
  /** What a drop does: "Drop to import". */
  readonly hint: string;
  readonly className?: string;
  readonly children: ReactNode;
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

/** A part of a page onto which files and folders can be dropped; it says so while some are dragged over it. */
export function FileDrop({ onFiles, hint, className, children }: FileDropProps) {
  const [over, setOver] = useState(false);
  if (onFiles === null) return <div className={className}>{children}</div>;
  return (
    <div
      className={cx("relative", className)}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer).then(onFiles);
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-card border-2 border-dashed border-accent bg-accent-soft/80">
          <span className="rounded bg-raised px-3 py-1.5 text-13 font-medium shadow-2">{hint}</span>
        </div>
      )}
    </div>
  );
}
