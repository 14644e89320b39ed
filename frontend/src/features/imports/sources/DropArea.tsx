import { FileUp, FolderUp } from "lucide-react";
import { useRef, useState } from "react";
import { chosenFiles, droppedFiles, type FoundFile } from "@/product";
import { Button, cx } from "@/ui";

/** Files and folders are dropped here, or chosen with a button. */
export function DropArea({
  onFiles,
  what = "Drop Compose files here, with what they mount, or Kubernetes manifests.",
}: {
  onFiles: (found: readonly FoundFile[]) => void;
  what?: string;
}) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const chosen = (input: HTMLInputElement): void => {
    if (input.files?.length) onFiles(chosenFiles(input.files));
    input.value = "";
  };
  return (
    <div
      className={cx(
        "flex flex-col items-center gap-3 rounded-card border border-dashed px-4 py-8 text-center",
        over ? "border-accent bg-accent-soft" : "border-line-strong bg-surface",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer).then(onFiles);
      }}
    >
      <p className="text-13">{what}</p>
      <div className="flex flex-wrap justify-center gap-2">
        <Button icon={<FileUp size={14} aria-hidden />} onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button icon={<FolderUp size={14} aria-hidden />} onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
      </div>
      <p className="text-12 text-muted">500 files, 1 MB each, 5 MB together. They are kept sealed for 30 days.</p>
      <input
        ref={files}
        type="file"
        multiple
        aria-label="Files"
        className="hidden"
        onChange={(event) => chosen(event.target)}
      />
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute("webkitdirectory", "");
        }}
        type="file"
        aria-label="Folder"
        className="hidden"
        onChange={(event) => chosen(event.target)}
      />
    </div>
  );
}
