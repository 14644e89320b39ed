import { ExternalLink } from "lucide-react";
import type { NodeStatus } from "@/contract";
import { addressesOf } from "@/model/addresses";
import { CopyButton } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** Where the node can be reached: to be opened, or copied. */
export function StatusAddresses({ nodeId, status }: { nodeId: string; status: NodeStatus }) {
  const { catalog } = useEditor();
  const document = useDocument((state) => state.document);
  const node = document.nodes[nodeId];
  const addresses = node ? addressesOf(node, status, document, catalog) : [];
  if (addresses.length === 0) return null;
  return (
    <section aria-label="Addresses" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium">Addresses</h3>
      <ul className="divide-y divide-line rounded border border-line">
        {addresses.map(({ label, text, href }) => (
          <li key={text} className="flex min-w-0 items-center gap-2 py-1 pr-1 pl-3">
            <span className="min-w-0 flex-1">
              {href ? (
                <a
                  href={href}
                  target="_blank"
                  rel="noreferrer"
                  className="inline-flex max-w-full items-center gap-1.5 font-mono text-12 text-accent-text hover:underline"
                >
                  <span className="min-w-0 break-all">{text}</span>
                  <ExternalLink size={12} className="shrink-0" aria-label="opens in a new tab" />
                </a>
              ) : (
                <span className="font-mono text-12 break-all">{text}</span>
              )}
              <span className="block text-11 text-muted">{label}</span>
            </span>
            <CopyButton text={text} label={`Copy ${text}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}
