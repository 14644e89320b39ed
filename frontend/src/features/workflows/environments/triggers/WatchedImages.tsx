import type { Environment, Trigger } from "@/contract";
import { shortDigest } from "@/model/images";
import { notDrawn, otherRunning } from "@/model/watched";
import { sentence } from "@/model/words";
import { RelativeTime, Tag } from "@/ui";
import { useWatchableImages } from "../../queries";

/** What is known of the images that a trigger watches, beside what is drawn and what runs. */
export function WatchedImages({ trigger, environment }: { trigger: Trigger; environment: Environment }) {
  const { images, enabled, deploys } = trigger;
  const watchable = useWatchableImages(environment.id, environment.deployed?.at).data;
  return (
    <ul aria-label="Watched images" className="my-1 flex min-w-0 flex-col gap-1">
      {images.map(({ image, digest, looked_at: looked, changed_at: changed, next_at: next, error }) => (
        <li key={image} className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-12">
          <span className="min-w-0 font-mono break-all">{image}</span>
          {notDrawn(image, deploys, watchable) && <Tag>{notDrawn(image, deploys, watchable)}</Tag>}
          {digest && (
            <span className="font-mono text-muted" title={digest}>
              {shortDigest(digest)}
            </span>
          )}
          {digest && otherRunning(image, digest, watchable) && (
            <span className="text-muted">
              while{" "}
              <span className="font-mono" title={otherRunning(image, digest, watchable)}>
                {shortDigest(otherRunning(image, digest, watchable))}
              </span>{" "}
              runs
            </span>
          )}
          {changed && (
            <span className="text-muted">
              moved <RelativeTime at={changed} />
            </span>
          )}
          {error ? (
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium text-warn">{looked ? "Not read" : "Not read yet"}</span>: {sentence(error)}{" "}
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
