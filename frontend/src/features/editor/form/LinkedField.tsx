import { ArrowUpRight } from "lucide-react";
import type { Parameter } from "@/model/catalog";
import type { Link } from "@/model/form";
import { LinkedImage } from "../images/LinkedImage";
import { Group } from "./Group";

interface LinkedFieldProps {
  readonly parameter: Parameter;
  readonly links: readonly Link[];
  readonly onJump?: (link: Link) => void;
}

/** A value that a connection fills in: read-only, with the way to the connection. */
export function LinkedField({ parameter, links, onJump }: LinkedFieldProps) {
  return (
    <Group label={parameter.label} help={parameter.help ?? undefined} required={false}>
      <ul className="flex flex-col gap-1">
        {links.map((link) => (
          <li
            key={link.edgeId}
            className="flex min-h-8 min-w-0 items-center gap-2 rounded border border-dashed border-line-strong bg-sunken px-2.5 py-1 text-12"
          >
            <span className="min-w-0 flex-1">
              <span className="block truncate">
                <span className="text-muted">Set by connection: {link.phrase} </span>
                <span className="font-mono">{link.nodeName}</span>
              </span>
              {parameter.format === "image" && <LinkedImage nodeId={link.nodeId} />}
            </span>
            <button
              type="button"
              className="flex shrink-0 items-center gap-0.5 rounded text-accent-text hover:underline"
              onClick={() => onJump?.(link)}
            >
              Show
              <ArrowUpRight size={12} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </Group>
  );
}
