import { shortCommit, shortDigest } from "@/model/images";
import { sentence } from "@/model/words";
import { useSourceImage } from "./useImages";

/** The image that a source gives: its digest, which is what runs, with the tag beside it. */
export function LinkedImage({ nodeId }: { nodeId: string }) {
  const found = useSourceImage(nodeId);
  if (!found) return null;
  if (!found.image) {
    return <p className="text-12 text-warn">{found.problem && sentence(found.problem.detail)}</p>;
  }
  const { digest, tag, number, commit } = found.image;
  return (
    <p className="flex min-w-0 flex-wrap gap-x-2 text-12" title={found.image.image}>
      <span className="font-mono">{shortDigest(digest)}</span>
      {tag && <span className="min-w-0 truncate font-mono text-muted">{tag}</span>}
      <span className="text-muted">
        build #{number}
        {commit && ` of ${shortCommit(commit)}`}
      </span>
    </p>
  );
}
