import { TriangleAlert } from "lucide-react";
import type { Build } from "@/contract";
import { isMoving, shortDigest } from "@/model/buildWords";
import { RelativeTime } from "@/ui";

/** What an image was built on: name, digest and age of each, and a word where the name means another one tomorrow. */
export function BaseImages({ bases }: { bases: Build["bases"] }) {
  return (
    <ul aria-label="Base images" className="flex min-w-0 flex-col gap-0.5 text-12 text-muted">
      {bases.map(({ image, digest, created_at }) => (
        <li key={`${image}@${digest}`} className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 font-mono break-all">{image}</span>
          <span className="shrink-0 font-mono" title={digest}>
            {shortDigest(digest)}
          </span>
          {created_at ? (
            <span className="shrink-0">
              made <RelativeTime at={created_at} />
            </span>
          ) : (
            <span className="shrink-0">age unknown</span>
          )}
          {isMoving(image) && (
            <span className="flex shrink-0 items-baseline gap-1 text-warn">
              <TriangleAlert size={12} className="self-center" aria-hidden />
              latest may be another image at every build
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
