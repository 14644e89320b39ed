import { TriangleAlert } from "lucide-react";
import type { ImageChoice } from "@/contract";
import { shortDigest } from "@/model/images";
import { sizeWord } from "@/model/importFiles";
import { sentence } from "@/model/words";
import { RelativeTime } from "@/ui";

const SHOWN = 4;

/** A tag with what it names, and what the nodes of the environment's cluster make of it. */
export function TagRow({ choice }: { choice: ImageChoice }) {
  const { tag, digest, size_bytes: size, created_at: made, platforms, fit, error } = choice;
  const more = platforms.length - SHOWN;
  return (
    <>
      <span className="flex min-w-0 items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-mono text-12 font-medium" title={tag}>
          {tag}
        </span>
        {size !== null && <span className="tnum shrink-0 text-12 text-muted">{sizeWord(size)}</span>}
        {made && <RelativeTime at={made} className="shrink-0 text-12 text-muted" />}
      </span>
      {digest && (
        <span className="flex min-w-0 gap-2 text-11 text-muted">
          <span className="shrink-0 font-mono">{shortDigest(digest)}</span>
          <span className="min-w-0 truncate" title={platforms.join(", ")}>
            {platforms.slice(0, SHOWN).join(", ")}
            {more > 0 && ` and ${more} more`}
          </span>
        </span>
      )}
      {fit && (fit.ok === false || fit.partly) && (
        <span className="flex gap-1.5 text-12 text-warn">
          <TriangleAlert size={14} className="mt-px shrink-0" aria-hidden />
          <span className="min-w-0">{sentence(fit.detail)}</span>
        </span>
      )}
      {error && <span className="text-12 text-muted">{sentence(error)}</span>}
    </>
  );
}
