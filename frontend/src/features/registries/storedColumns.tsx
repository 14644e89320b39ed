import { Link } from "react-router";
import type { StoredImage } from "@/contract";
import { shortDigest } from "@/model/images";
import { sizeWord } from "@/model/importFiles";
import { RelativeTime, Tag, type Column } from "@/ui";

export const imageKey = ({ repository, digest }: Pick<StoredImage, "repository" | "digest">): string =>
  `${repository}@${digest}`;

/** What uses an image, in as few words as there is room for. */
export function UsesWords({ uses }: { uses: StoredImage["uses"] }) {
  const [first, ...others] = uses;
  if (!first) return <Tag>nothing</Tag>;
  return (
    <span className="min-w-0 truncate text-12" title={uses.map(({ what }) => what).join("\n")}>
      {first.what}
      {others.length > 0 && <span className="text-muted"> and {others.length} more</span>}
    </span>
  );
}

export const STORED_COLUMNS: readonly Column<StoredImage>[] = [
  {
    id: "repository",
    header: "Image",
    sort: "repository",
    width: "minmax(180px, 2fr)",
    cell: ({ repository, tags, digest, image, size_bytes, pushed_at }) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-mono text-12 font-medium" title={image}>
          {repository}
        </span>
        <span className="truncate font-mono text-12 text-muted" title={tags.join(", ") || digest}>
          {tags.length > 0 ? tags.join(", ") : shortDigest(digest)}
        </span>
        {/* Where there is no room for columns of their own. */}
        <span className="flex gap-2 text-12 text-muted sm:hidden">
          <span className="tnum">{sizeWord(size_bytes)}</span>
          <RelativeTime at={pushed_at} />
        </span>
      </span>
    ),
  },
  {
    id: "uses",
    header: "Used by",
    width: "minmax(140px, 2fr)",
    cell: ({ uses }) => <UsesWords uses={uses} />,
  },
  {
    id: "build",
    header: "Build",
    from: 700,
    width: "minmax(110px, 1fr)",
    cell: ({ build }) =>
      build ? (
        <Link
          to={`/builds/${build.id}`}
          className="min-w-0 truncate rounded-sm text-12 hover:underline"
          onClick={(event) => event.stopPropagation()}
        >
          {build.source} #{build.number}
        </Link>
      ) : (
        <span className="text-12 text-muted">pushed</span>
      ),
  },
  {
    id: "digest",
    header: "Digest",
    from: 1080,
    width: "170px",
    cell: ({ digest }) => <span className="truncate font-mono text-12 text-muted">{shortDigest(digest)}</span>,
  },
  {
    id: "platforms",
    header: "Platforms",
    from: 960,
    width: "minmax(110px, 1fr)",
    cell: ({ platforms }) => (
      <span className="truncate text-12 text-muted" title={platforms.join(", ")}>
        {platforms.join(", ")}
      </span>
    ),
  },
  {
    id: "size",
    header: "Size",
    sort: "size",
    from: 560,
    align: "right",
    width: "84px",
    cell: ({ size_bytes }) => <span className="tnum text-12">{sizeWord(size_bytes)}</span>,
  },
  {
    id: "pushed",
    header: "Pushed",
    sort: "pushed_at",
    from: 560,
    width: "110px",
    cell: ({ pushed_at }) => <RelativeTime at={pushed_at} className="text-12 text-muted" />,
  },
];
