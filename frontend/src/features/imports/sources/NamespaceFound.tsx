import type { Import } from "@/contract";
import { plural, sentence } from "@/model/words";
import { KindIcon } from "@/product";
import { Card } from "@/ui";

/** What was found in a namespace, by kind; what others have made there, and what was not read. */
export function NamespaceFound({ facts }: { facts: NonNullable<Import["source"]["namespace"]> }) {
  const { kinds, made_by_others: others, not_read: unread, selector } = facts;
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  return (
    <Card
      title={`${plural(total, "object")} in ${facts.namespace}`}
      description={`Of the cluster ${facts.cluster.name}${selector ? `, with the labels ${selector}` : ""}.`}
    >
      <ul aria-label="Kinds" className="flex flex-wrap gap-x-4 gap-y-1.5 text-13">
        {kinds.map(({ group, kind, count }) => (
          <li key={`${group}/${kind}`} className="flex items-center gap-1.5">
            <KindIcon kind={kind} className="text-muted" />
            {kind} <span className="tnum text-muted">{count}</span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="mt-2 text-12 text-muted">
          Left out, since others make them: {others.map(({ kind, count }) => `${count} ${kind}`).join(", ")}.
        </p>
      )}
      {unread.length > 0 && (
        <details className="mt-2 text-12 text-muted">
          <summary className="w-fit rounded-sm hover:text-text">{plural(unread.length, "kind")} not read</summary>
          <ul className="mt-1 flex flex-col gap-1">
            {unread.map(({ kind, why }) => (
              <li key={`${kind} ${why}`}>
                {kind}: {sentence(why)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
