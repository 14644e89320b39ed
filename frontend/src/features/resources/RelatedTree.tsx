import { Link } from "react-router";
import type { Related } from "@/contract";
import { KindIcon, resourcePath } from "@/product";
import { Tag } from "@/ui";

/** Objects with what depends on each. */
export function RelatedTree({ clusterId, roots }: { clusterId: string; roots: readonly Related[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {roots.map((one) => (
        <li key={one.uid}>
          <RelatedLine clusterId={clusterId} related={one} />
          {one.children.length > 0 && (
            <div className="mt-1 ml-2 border-l border-line pl-4">
              <RelatedTree clusterId={clusterId} roots={one.children} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

export function RelatedLine({
  clusterId,
  related: { kind, namespace, name, deleting, missing },
}: {
  clusterId: string;
  related: Pick<Related, "kind" | "namespace" | "name"> & Partial<Related>;
}) {
  const word = kind.split(".")[0] ?? kind;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-2 text-13">
      <KindIcon kind={word} className="text-muted" />
      <span className="text-muted">{word}</span>
      {missing ? (
        <span className="font-mono text-12">{name}</span>
      ) : (
        <Link
          className="min-w-0 truncate font-mono text-12 text-accent-text hover:underline"
          to={resourcePath({ clusterId, kind, namespace, name })}
        >
          {name}
        </Link>
      )}
      {deleting && <Tag tone="warn">being deleted</Tag>}
      {missing && <Tag tone="bad">not there</Tag>}
    </span>
  );
}
