import type { Plan } from "@/contract";
import { shortCommit, shortDigest } from "@/model/images";

/** Which builds a plan or a run takes, and which digests of images that are watched. */
export function TakenImages({
  of: { images, pinned_images: pinned },
  className = "",
}: {
  of: Pick<Plan, "images" | "pinned_images">;
  className?: string;
}) {
  if (images.length + pinned.length === 0) return null;
  return (
    <ul aria-label="Images" className={`flex shrink-0 flex-col gap-0.5 ${className}`}>
      {images.map(({ node_id, source, number, commit, digest, tag, image }) => (
        <li key={node_id} className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-12" title={image}>
          <span className="font-mono font-medium">{source}</span>
          <span>
            build #{number}
            {commit && <span className="font-mono text-muted"> {shortCommit(commit)}</span>}
          </span>
          <span className="font-mono text-muted">{shortDigest(digest)}</span>
          {tag && <span className="min-w-0 truncate font-mono text-muted">{tag}</span>}
        </li>
      ))}
      {pinned.map(({ image, digest }) => (
        <li key={image} className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-12" title={`${image}@${digest}`}>
          <span className="min-w-0 font-mono font-medium break-all">{image}</span>
          <span className="font-mono text-muted">{shortDigest(digest)}</span>
          <span className="text-muted">watched</span>
        </li>
      ))}
    </ul>
  );
}
