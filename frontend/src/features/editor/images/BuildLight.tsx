import { STATUS, StatusGlyph, type AnyStatus } from "@/product";
import { RelativeTime, Tooltip } from "@/ui";
import { shortCommit } from "@/model/images";
import type { SourceImage } from "./useImages";

/** How the last build of a source does, as a glyph; which one, of which commit and when on hover. */
export function BuildLight({ image, size }: { image: SourceImage | undefined; size: number }) {
  if (!image) return null;
  const { last_build: last } = image;
  if (!last) {
    return (
      <Tooltip text="Nothing was built yet">
        <span className="flex cursor-default">
          <StatusGlyph status="missing" word={false} size={size} />
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip
      text={
        <>
          <span className="font-medium">
            Build #{last.number} {last.state}
          </span>
          {last.commit && <span className="font-mono"> · {shortCommit(last.commit)}</span>}
          <span className="block text-muted">
            <RelativeTime at={last.at} />
          </span>
        </>
      }
    >
      <span className="flex cursor-default">
        <StatusGlyph status={lookOf(last.state)} word={false} size={size} />
      </span>
    </Tooltip>
  );
}

/** A build in a state that has no look of its own is at work. */
const lookOf = (state: string): AnyStatus => (state in STATUS ? (state as AnyStatus) : "running");
