import { Eraser, Hammer, MoreHorizontal, Pencil, Trash2, Webhook } from "lucide-react";
import { Link } from "react-router";
import type { Source } from "@/contract";
import { StatusGlyph } from "@/product";
import { IconButton, Menu, RelativeTime, Tooltip, useRowTabIndex, type Column } from "@/ui";

const iconSize = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

export interface SourceActs {
  mayEdit: (source: Source) => boolean;
  onBuild: (source: Source) => void;
  onEdit: (source: Source) => void;
  onPushes: (source: Source) => void;
  mayRemoveImages: (source: Source) => boolean;
  onRemoveImages: (source: Source) => void;
  onDelete: (source: Source) => void;
}

export function sourceColumns(acts: SourceActs): Column<Source>[] {
  return [
    {
      id: "name",
      header: "Source",
      sort: "name",
      width: "minmax(110px, 1.2fr)",
      cell: (source) => (
        <span className="flex min-w-0 items-center gap-1.5">
          <Link
            to={`/builds?source=${source.id}`}
            tabIndex={-1}
            className="min-w-0 truncate rounded-sm font-mono text-12 font-medium hover:underline"
          >
            {source.name}
          </Link>
          {source.builds_on_push && (
            <Tooltip text="Pushes build it">
              <Webhook size={12} role="img" aria-label="Pushes build it" className="shrink-0 text-muted" />
            </Tooltip>
          )}
        </span>
      ),
    },
    {
      id: "repository",
      header: "Repository",
      from: 620,
      width: "minmax(160px, 2.6fr)",
      cell: (source) => (
        <span className="min-w-0 truncate text-muted" title={source.repository}>
          {source.repository.replace(/^https:\/\//, "")}
          {source.root && <span className="text-faint"> / {source.root}</span>}
        </span>
      ),
    },
    {
      id: "ref",
      header: "Branch or tag",
      from: 900,
      width: "minmax(90px, 1fr)",
      cell: (source) => <span className="min-w-0 truncate text-muted">{source.ref || "default branch"}</span>,
    },
    {
      id: "build",
      header: "Last build",
      width: "minmax(130px, 1.2fr)",
      cell: ({ last_build: last }) =>
        last ? (
          <Link to={`/builds/${last.id}`} tabIndex={-1} className="flex min-w-0 items-center gap-1.5 hover:underline">
            <StatusGlyph status={last.state} reason={last.reason?.detail} />
            <span className="tnum text-muted">#{last.number}</span>
          </Link>
        ) : (
          <span className="text-muted">not built yet</span>
        ),
    },
    {
      id: "updated",
      header: "Changed",
      sort: "updated_at",
      from: 760,
      width: "104px",
      cell: (source) => <RelativeTime at={source.updated_at} className="text-12 text-muted" />,
    },
    {
      id: "acts",
      header: <span className="sr-only">Actions</span>,
      width: "100px",
      align: "right",
      cell: (source) => acts.mayEdit(source) && <Acts source={source} acts={acts} />,
    },
  ];
}

function Acts({ source, acts }: { source: Source; acts: SourceActs }) {
  const tabIndex = useRowTabIndex();
  const rows = [
    { label: `Build ${source.name}`, icon: <Hammer size={14} aria-hidden />, act: acts.onBuild },
    { label: `Edit ${source.name}`, icon: <Pencil size={14} aria-hidden />, act: acts.onEdit },
  ];
  return (
    <span className="flex gap-1">
      {rows.map(({ label, icon, act }) => (
        <IconButton
          key={label}
          label={label}
          size="sm"
          tabIndex={tabIndex}
          onClick={(event) => {
            event.stopPropagation();
            act(source);
          }}
        >
          {icon}
        </IconButton>
      ))}
      <Menu
        trigger={
          <IconButton label={`Actions for ${source.name}`} size="sm" tabIndex={tabIndex}>
            <MoreHorizontal size={14} aria-hidden />
          </IconButton>
        }
        entries={[
          { label: "Build on push…", icon: <Webhook {...iconSize} />, onSelect: () => acts.onPushes(source) },
          acts.mayRemoveImages(source) && {
            label: "Remove old images…",
            icon: <Eraser {...iconSize} />,
            onSelect: () => acts.onRemoveImages(source),
          },
          { type: "separator" },
          { label: "Delete…", icon: <Trash2 {...iconSize} />, danger: true, onSelect: () => acts.onDelete(source) },
        ]}
      />
    </span>
  );
}
