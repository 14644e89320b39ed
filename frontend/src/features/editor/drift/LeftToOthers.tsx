import { asProblem } from "@/api";
import { plural, sentence } from "@/model/words";
import { LeftField, useTakeBack, type LeftOfNode } from "@/product";
import { ErrorState, RelativeTime } from "@/ui";

/** The fields of a node that the environment leaves to others, and the way back. Nothing while there are none. */
export function LeftToOthers({
  environmentId,
  left,
  readOnly,
}: {
  environmentId: string;
  left: readonly LeftOfNode[];
  readOnly: boolean;
}) {
  const takeBack = useTakeBack(environmentId);
  if (left.length === 0) return null;
  return (
    <section aria-label="Left to others" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium text-muted">
        {plural(left.length, "field")} left to others: runs do not set {left.length === 1 ? "it" : "them"}
      </h3>
      {takeBack.isError && (
        <ErrorState inline title="Not taken back" reason={sentence(asProblem(takeBack.error).detail)} />
      )}
      {left.map(({ row, seen }) => (
        <LeftField
          key={row.id}
          path={row.path}
          name={seen?.name ?? ""}
          values={seen}
          takeBack={
            readOnly
              ? undefined
              : {
                  busy: takeBack.isPending && takeBack.variables === row.id,
                  act: () => takeBack.mutate(row.id),
                }
          }
        >
          <span className="text-muted">
            {row.ref.kind} {row.ref.name} · by {row.by.name} <RelativeTime at={row.at} />
          </span>
        </LeftField>
      ))}
    </section>
  );
}
