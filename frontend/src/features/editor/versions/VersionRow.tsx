import { GitCompareArrows, RotateCcw } from "lucide-react";
import { Link } from "react-router";
import type { Version } from "@/contract";
import { versionTitle } from "@/product";
import { Button, RelativeTime, Tag, Tooltip } from "@/ui";

interface VersionRowProps {
  readonly version: Version;
  readonly onCompare: () => void;
  readonly onRestore: (() => void) | null;
}

/** One version: how it came to be, by whom and when, and what can be done with it. */
export function VersionRow({ version, onCompare, onRestore }: VersionRowProps) {
  const title = versionTitle(version);
  return (
    <li className="border-b border-line px-4 py-2.5">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <p className="flex min-w-0 items-center gap-2">
            <span className="tnum shrink-0 font-mono text-12 text-muted">v{version.number}</span>
            <span className="truncate text-13 font-medium" title={title}>
              {version.run_id === null ? (
                title
              ) : (
                <Link to={`/runs/${version.run_id}`} className="rounded hover:underline">
                  {title}
                </Link>
              )}
            </span>
            {version.tag && <Tag tone="busy">{version.tag}</Tag>}
          </p>
          {version.description && <p className="text-12 break-words text-muted">{version.description}</p>}
          <p className="text-12 text-muted">
            {version.name !== "" && version.restored_from !== null && `restored from v${version.restored_from} · `}
            {version.created_by && `${version.created_by.name} · `}
            <RelativeTime at={version.created_at} />
          </p>
        </div>
        <Tooltip text="What has changed since this version, on the canvas">
          <Button size="sm" tone="ghost" icon={<GitCompareArrows size={14} aria-hidden />} onClick={onCompare}>
            Compare
          </Button>
        </Tooltip>
        {onRestore && (
          <Button size="sm" tone="ghost" icon={<RotateCcw size={14} aria-hidden />} onClick={onRestore}>
            Restore
          </Button>
        )}
      </div>
    </li>
  );
}
