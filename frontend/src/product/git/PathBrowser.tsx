import { ArrowLeft, ChevronRight, FileSymlink, FileText, Folder, FolderGit2 } from "lucide-react";
import { useState } from "react";
import type { GitEntry } from "@/contract";
import { sizeWord } from "@/model/importFiles";
import { folderOf, joined, pathBelow, plainPath, stepsTo } from "@/model/repositoryPaths";
import { Button, CodeView, cx, ErrorState, IconButton, SkeletonRows } from "@/ui";
import { explain } from "../problem";
import { useGitFile, useGitFolder, type GitPlace } from "./queries";

const ICONS = { folder: Folder, file: FileText, link: FileSymlink, submodule: FolderGit2 } as const;
const WHY_NOT = { link: "link", submodule: "submodule" } as const;
const LINES = 200;

export interface PathBrowserProps {
  readonly place: GitPlace;
  /** What is chosen. */
  readonly picks: "folder" | "file";
  /** The folder that it lies below; "" for the whole repository. */
  readonly within?: string;
  /** As it is now, below `within`. */
  readonly value: string;
  readonly onPick: (path: string) => void;
}

/** Walks through the folders of a repository; a file is shown before it is taken. */
export function PathBrowser({ place, picks, within = "", value, onPick }: PathBrowserProps) {
  const top = plainPath(within);
  const begun = joined(top, plainPath(value));
  const [folder, enter] = useState(picks === "file" ? folderOf(begun) : begun);
  const [file, look] = useState("");
  const found = useGitFolder(place, folder);
  const take = (path: string) => onPick(pathBelow(path, top) ?? path);
  if (file) return <Shown place={place} path={file} onBack={() => look("")} onTake={() => take(file)} within={top} />;
  return (
    <div className="flex min-w-0 flex-col">
      <Steps folder={folder} top={top} onEnter={enter} />
      <div className="h-72 overflow-y-auto p-1">
        {found.isPending ? (
          <SkeletonRows rows={6} />
        ) : found.error ? (
          <div className="flex flex-col items-start gap-2 p-2">
            <ErrorState inline title="Not read" {...explain(found.error)} onRetry={() => void found.refetch()} />
            {folder !== top && (
              <Button size="sm" onClick={() => enter(top)}>
                {top ? "Go to the root folder" : "Go to the top"}
              </Button>
            )}
          </div>
        ) : (
          <ul aria-label={folder || "The whole repository"}>
            {found.data.entries.map((entry) => (
              <Row
                key={entry.name}
                entry={entry}
                picks={picks}
                isNow={joined(folder, entry.name) === begun}
                onOpen={() => (entry.kind === "folder" ? enter : look)(joined(folder, entry.name))}
              />
            ))}
          </ul>
        )}
        {found.data?.entries.length === 0 && <p className="px-2 py-3 text-13 text-muted">There are no files.</p>}
        {found.data?.is_cut && (
          <p className="px-2 py-2 text-12 text-muted">There are more, which are not shown; write the path yourself.</p>
        )}
      </div>
      {picks === "folder" && (
        <div className="flex items-center gap-2 border-t border-line p-2">
          <span className="min-w-0 flex-1 truncate font-mono text-12" title={folder}>
            {folder || <span className="font-sans text-muted">The whole repository</span>}
          </span>
          <Button size="sm" tone="primary" disabled={!found.data} onClick={() => take(folder)}>
            Take this folder
          </Button>
        </div>
      )}
    </div>
  );
}

function Steps({ folder, top, onEnter }: { folder: string; top: string; onEnter: (path: string) => void }) {
  const steps = stepsTo(folder, top);
  return (
    <nav aria-label="Folder" className="flex min-w-0 flex-wrap items-center gap-x-0.5 border-b border-line px-2 py-1.5">
      {steps.map(({ name, path }, at) => (
        <span key={path} className="flex max-w-full min-w-0 items-center gap-x-0.5">
          {at > 0 && <ChevronRight size={12} className="shrink-0 text-faint" aria-hidden />}
          <button
            type="button"
            className={cx(
              "min-w-0 truncate rounded px-1 py-0.5 text-12 hover:bg-hover",
              name && "font-mono",
              at === steps.length - 1 ? "font-medium" : "text-muted",
            )}
            aria-current={at === steps.length - 1 ? "location" : undefined}
            onClick={() => onEnter(path)}
          >
            {name || "Repository"}
          </button>
        </span>
      ))}
    </nav>
  );
}

function Row({
  entry,
  picks,
  isNow,
  onOpen,
}: {
  entry: GitEntry;
  picks: "folder" | "file";
  isNow: boolean;
  onOpen: () => void;
}) {
  const { name, kind, size_bytes: size } = entry;
  const Icon = ICONS[kind];
  const isOf = kind === "folder" || (kind === "file" && picks === "file");
  return (
    <li>
      <button
        type="button"
        disabled={!isOf}
        aria-current={isNow || undefined}
        className={cx(
          "flex w-full min-w-0 items-center gap-2 rounded px-2 py-1 text-left text-13",
          isOf ? "hover:bg-hover" : "text-faint",
          isNow && "bg-accent-soft text-accent-text",
        )}
        onClick={onOpen}
      >
        <Icon size={14} className={cx("shrink-0", kind === "folder" ? "text-accent-text" : "text-muted")} aria-hidden />
        <span className="min-w-0 flex-1 truncate font-mono text-12">{name}</span>
        {kind === "link" || kind === "submodule" ? (
          <span className="shrink-0 text-11 text-faint">{WHY_NOT[kind]}</span>
        ) : (
          size !== null && <span className="shrink-0 text-11 text-faint tabular-nums">{sizeWord(size)}</span>
        )}
        {kind === "folder" && <ChevronRight size={12} className="shrink-0 text-faint" aria-hidden />}
      </button>
    </li>
  );
}

interface ShownProps {
  readonly place: GitPlace;
  readonly path: string;
  readonly within: string;
  readonly onBack: () => void;
  readonly onTake: () => void;
}

function Shown({ place, path, within, onBack, onTake }: ShownProps) {
  const found = useGitFile(place, path);
  const lines = found.data?.text?.split("\n") ?? [];
  return (
    <div className="flex min-w-0 flex-col">
      <div className="flex items-center gap-1 border-b border-line px-2 py-1">
        <IconButton label="Back to the folder" size="sm" onClick={onBack}>
          <ArrowLeft size={14} aria-hidden />
        </IconButton>
        <span className="min-w-0 flex-1 truncate font-mono text-12 font-medium" title={path}>
          {pathBelow(path, within) ?? path}
        </span>
      </div>
      <div className="h-72 overflow-y-auto p-2">
        {found.isPending ? (
          <SkeletonRows rows={6} />
        ) : found.error ? (
          <ErrorState inline title="Not read" {...explain(found.error)} onRetry={() => void found.refetch()} />
        ) : found.data.text === null ? (
          <p className="text-13 text-muted">
            {found.data.is_here ? "This is not a text." : "This file is too large to be shown, or kept elsewhere."}
          </p>
        ) : (
          <>
            <CodeView label={path} code={lines.slice(0, LINES).join("\n")} />
            {lines.length > LINES && (
              <p className="pt-2 text-12 text-muted">
                The first {LINES} of its {lines.length} lines.
              </p>
            )}
          </>
        )}
      </div>
      <div className="flex items-center justify-end gap-2 border-t border-line p-2">
        <Button size="sm" tone="ghost" onClick={onBack}>
          Back
        </Button>
        <Button size="sm" tone="primary" disabled={!found.data} onClick={onTake}>
          Take this file
        </Button>
      </div>
    </div>
  );
}
