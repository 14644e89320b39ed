import { Link } from "react-router";
import type { Build } from "@/contract";
import { shortCommit, shortDigest } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { StatusGlyph } from "@/product";
import { Elapsed, RelativeTime, type Column } from "@/ui";

export const COLUMNS: readonly Column<Build>[] = [
  {
    id: "state",
    header: "State",
    width: "132px",
    cell: (build) => (
      <StatusGlyph
        status={build.state}
        reason={build.reason ? sentence(build.reason.detail) : build.waiting ? sentence(build.waiting) : undefined}
      />
    ),
  },
  {
    id: "build",
    header: "Build",
    width: "minmax(110px, 1.2fr)",
    cell: (build) => (
      <span className="flex min-w-0 items-center gap-2">
        <Link
          to={`/builds/${build.id}`}
          tabIndex={-1}
          className="min-w-0 truncate rounded-sm font-mono text-12 font-medium hover:underline"
        >
          {build.source_name}
        </Link>
        <span className="tnum shrink-0 text-muted">#{build.number}</span>
      </span>
    ),
  },
  {
    id: "commit",
    header: "Commit",
    from: 620,
    width: "minmax(160px, 2.4fr)",
    cell: (build) => (
      <span className="flex min-w-0 items-center gap-2 text-muted" title={build.message}>
        <span className="shrink-0 font-mono text-12">{shortCommit(build) || build.ref || "default branch"}</span>
        <span className="min-w-0 truncate">{build.message}</span>
      </span>
    ),
  },
  {
    id: "image",
    header: "Image",
    from: 900,
    width: "minmax(120px, 1.2fr)",
    cell: (build) => (
      <span className="min-w-0 truncate font-mono text-12 text-muted" title={build.digest ?? undefined}>
        {build.image_removed_at ? "removed" : build.digest ? shortDigest(build.digest) : "–"}
      </span>
    ),
  },
  {
    id: "duration",
    header: "Duration",
    from: 760,
    width: "84px",
    align: "right",
    cell: (build) => <Elapsed className="text-muted" from={build.started_at} to={build.ended_at} />,
  },
  {
    id: "created",
    header: "Started",
    sort: "created_at",
    width: "104px",
    cell: (build) => <RelativeTime at={build.created_at} className="text-12 text-muted" />,
  },
];
