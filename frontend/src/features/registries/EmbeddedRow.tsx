import { HardDrive } from "lucide-react";
import type { EmbeddedRegistry } from "@/contract";
import { sizeWord } from "@/model/importFiles";
import { cx, Tag, type Tone } from "@/ui";

/** Its place in the address of the page. */
export const EMBEDDED = "embedded";

const WORDS: Readonly<Record<EmbeddedRegistry["state"], readonly [words: string, tone?: Tone]>> = {
  off: ["switched off"],
  idle: ["not started yet"],
  stopped: ["does not run", "warn"],
  finding: ["being prepared", "busy"],
  downloading: ["being downloaded", "busy"],
  building: ["being built", "busy"],
  starting: ["starting", "busy"],
  ready: ["runs", "ok"],
  failed: ["does not run", "bad"],
};

export function EmbeddedState({ embedded }: { embedded: EmbeddedRegistry }) {
  const [words, tone] = WORDS[embedded.state];
  return embedded.state === "ready" && embedded.detail ? <Tag tone="bad">full</Tag> : <Tag tone={tone}>{words}</Tag>;
}

/** "1.2 of 20 GB": what is stored of what may be. */
export function storedWords({ size_bytes, most_bytes, images }: EmbeddedRegistry): string {
  const room = most_bytes > 0 ? ` of ${sizeWord(most_bytes)}` : "";
  return `${images} ${images === 1 ? "image" : "images"}, ${sizeWord(size_bytes)}${room}`;
}

/** The registry that runs beside KubeOrch, above those that people have added. */
export function EmbeddedRow({
  embedded,
  active,
  onOpen,
}: {
  embedded: EmbeddedRegistry;
  active: boolean;
  onOpen: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-expanded={active}
      className={cx(
        "flex min-h-11 w-full shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-5 py-2 text-left text-13",
        "outline-none hover:bg-hover focus-visible:ring-2 focus-visible:ring-accent focus-visible:ring-inset",
        active && "bg-active",
      )}
    >
      <HardDrive size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
      <span className="font-medium">Embedded registry</span>
      <EmbeddedState embedded={embedded} />
      {embedded.address && <span className="truncate font-mono text-12 text-muted">{embedded.address}</span>}
      <span className="text-12 text-muted sm:ml-auto">
        {embedded.state === "ready" ? storedWords(embedded) : embedded.takes_images ? "for images built here" : ""}
      </span>
    </button>
  );
}
