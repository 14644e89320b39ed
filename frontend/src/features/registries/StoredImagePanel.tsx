import { Trash2 } from "lucide-react";
import { Link } from "react-router";
import type { StoredImage } from "@/contract";
import { shortCommit } from "@/model/images";
import { sizeWord } from "@/model/importFiles";
import { sentence } from "@/model/words";
import { Button, CodeView, Facts, RelativeTime, SidePanel } from "@/ui";

/** One image of the embedded registry: its name, what made it, and what uses it. */
export function StoredImagePanel({
  image: stored,
  mayRemove,
  onRemove,
  onClose,
}: {
  image: StoredImage;
  mayRemove: boolean;
  onRemove: () => void;
  onClose: () => void;
}) {
  const { repository, image, digest, tags, platforms, size_bytes: size, pushed_at: pushed, build, uses } = stored;
  return (
    <SidePanel name="stored-image" title={repository} subtitle={tags.join(", ") || "without a tag"} onClose={onClose}>
      <div className="flex flex-col gap-5 p-4">
        <CodeView label="Name by digest" code={`${image}@${digest}`} wrap />
        <Facts
          rows={[
            [
              "Build",
              build ? (
                <Link key="build" to={`/builds/${build.id}`} className="rounded-sm hover:underline">
                  {build.source} #{build.number}
                  {build.commit && <span className="font-mono text-12 text-muted"> {shortCommit(build.commit)}</span>}
                </Link>
              ) : (
                "pushed by hand, or its build is kept no more"
              ),
            ],
            ["Platforms", platforms.join(", ") || "not said"],
            ["Size", sizeWord(size)],
            ["Pushed", <RelativeTime key="pushed" at={pushed} />],
          ]}
        />
        <section className="flex flex-col gap-2 border-t border-line pt-4">
          <h3 className="text-13 font-medium">Used by</h3>
          {uses.length === 0 ? (
            <p className="text-13 text-muted">Nothing: no drawing, no version and no release has it.</p>
          ) : (
            <ul className="flex list-disc flex-col gap-1 pl-4 text-13">
              {uses.map(({ kind, what }) => (
                <li key={`${kind} ${what}`}>{sentence(what)}</li>
              ))}
            </ul>
          )}
        </section>
        {mayRemove && (
          <div className="border-t border-line pt-4">
            <Button size="sm" tone="danger" icon={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
              Remove
            </Button>
          </div>
        )}
      </div>
    </SidePanel>
  );
}
