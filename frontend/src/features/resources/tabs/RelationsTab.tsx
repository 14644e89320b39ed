import { explain, type ResourceTabProps } from "@/product";
import { Card, ErrorState, SkeletonRows, TwoColumns } from "@/ui";
import { useRelations } from "../queries";
import { RelatedLine, RelatedTree } from "../RelatedTree";

/** What the object belongs to, what depends on it, and what it uses. */
export default function RelationsTab({ clusterId, kind, namespace, name }: ResourceTabProps) {
  const { data, error, isPending, refetch } = useRelations({ clusterId, kind, namespace, name }, { everything: false });
  if (isPending) return <SkeletonRows rows={6} />;
  if (!data)
    return <ErrorState title="Relations could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  return (
    <TwoColumns
      className="p-5"
      first={
        <>
          <Card title="Owned by" description="From its direct owner upwards.">
            {data.owners.length === 0 ? (
              <Nothing>Nothing owns it.</Nothing>
            ) : (
              <ol className="flex flex-col gap-1">
                {data.owners.map((owner) => (
                  <li key={owner.uid}>
                    <RelatedLine clusterId={clusterId} related={owner} />
                  </li>
                ))}
              </ol>
            )}
          </Card>
          <Card title="Uses" description="What its own fields name.">
            {data.uses.length === 0 ? (
              <Nothing>It names no other object.</Nothing>
            ) : (
              <ul className="flex flex-col gap-1">
                {data.uses.map((one) => (
                  <li key={`${one.relation} ${one.kind} ${one.name}`} className="flex items-center gap-2 text-13">
                    <span className="w-36 shrink-0 text-12 text-muted">{one.relation}</span>
                    <RelatedLine clusterId={clusterId} related={one} />
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </>
      }
      second={
        <Card title="Depends on it" description="What names it as its owner; deleting it deletes these.">
          {data.dependants.length === 0 ? (
            <Nothing>Nothing depends on it.</Nothing>
          ) : (
            <RelatedTree clusterId={clusterId} roots={data.dependants} />
          )}
          {data.not_looked.length > 0 && (
            <p className="mt-3 text-12 text-muted">Not looked through: {data.not_looked.join(", ")}.</p>
          )}
        </Card>
      }
    />
  );
}

const Nothing = ({ children }: { children: string }) => <p className="text-13 text-muted">{children}</p>;
