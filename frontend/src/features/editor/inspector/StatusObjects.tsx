import type { NodeStatus } from "@/contract";
import { sentence } from "@/model/words";
import { StatusGlyph } from "@/product";
import { CopyButton } from "@/ui";

/** Every object that belongs to the node, with its own health. */
export function StatusObjects({ status }: { status: NodeStatus }) {
  return (
    <section aria-label="Objects" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium">Objects</h3>
      <ul className="divide-y divide-line rounded border border-line">
        {status.objects.map((object) => (
          <li key={object.uid ?? `${object.ref.kind}/${object.ref.name}`} className="px-3 py-2">
            <p className="flex min-w-0 items-center gap-2">
              <StatusGlyph status={object.health} word={false} stale={status.stale_since !== null} />
              <span className="shrink-0 text-12 text-muted">{object.ref.kind}</span>
              <span className="min-w-0 truncate font-mono text-12" title={object.ref.name}>
                {object.ref.name}
              </span>
              <span className="ml-auto">
                <CopyButton text={object.ref.name} label={`Copy the name ${object.ref.name}`} />
              </span>
            </p>
            {object.reason && object.reason !== status.reason && (
              <p className="mt-0.5 text-12 break-words text-muted">{sentence(object.reason)}</p>
            )}
            {object.resource_version && (
              <p className="tnum text-11 text-faint">resourceVersion {object.resource_version}</p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
