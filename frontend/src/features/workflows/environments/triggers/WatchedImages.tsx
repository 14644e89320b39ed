import type { Trigger } from "@/contract";
import { shortDigest } from "@/model/images";
import { sentence } from "@/model/words";
import { RelativeTime } from "@/ui";

/** What is known of the images that a trigger watches. */
export function WatchedImages({ images, enabled }: { images: Trigger["images"]; enabled: boolean }) {
  if (images.length === 0) return null;
  return (
    <ul aria-label="Watched images" className="my-1 flex min-w-0 flex-col gap-1">
      {images.map(({ image, digest, looked_at: looked, changed_at: changed, next_at: next, error }) => (
        <li key={image} className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-12">
          <span className="min-w-0 font-mono break-all">{image}</span>
          {digest && (
            <span className="font-mono text-muted" title={digest}>
              {shortDigest(digest)}
            </span>
          )}
          {changed && (
            <span className="text-muted">
              moved <RelativeTime at={changed} />
            </span>
          )}
          {error ? (
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium text-warn">Not read</span>: {sentence(error)}{" "}
              {enabled && (
                <span className="text-muted">
                  Asked again <RelativeTime at={next} />.
                </span>
              )}
            </span>
          ) : looked ? (
            <span className="text-muted">
              seen <RelativeTime at={looked} />
            </span>
          ) : (
            <span className="text-muted">{enabled ? "is being looked at" : "not looked at yet"}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
