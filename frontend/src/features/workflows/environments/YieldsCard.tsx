import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { TAKE_BACK } from "@/model/fieldChoices";
import { useTakeBack, useYields } from "@/product";
import { Button, Card, ErrorState, RelativeTime } from "@/ui";

/** The fields that are drawn and left to others. Nothing while there are none. */
export function YieldsCard({ environment, writable }: { environment: Environment; writable: boolean }) {
  const yields = useYields(environment.id);
  const stop = useTakeBack(environment.id);
  const rows = yields.data?.results ?? [];
  const failed = stop.error ?? yields.error;
  const problem = failed ? asProblem(failed) : null;
  if (rows.length === 0 && !problem) return null;
  return (
    <Card
      title="Fields left to others"
      description="They are in the workflow and not applied here: somebody decided to leave them to another manager. Taken back, the next run sets them."
      padded={false}
    >
      {problem && (
        <ErrorState
          inline
          className="m-4"
          title={stop.error ? "Not changed" : "They could not be loaded"}
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <ul aria-label="Fields left to others">
        {rows.map(({ id, ref, path, by, at }) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 text-12 last:border-b-0"
          >
            <span className="min-w-0 flex-1 basis-60">
              <span className="block font-mono break-all">{path}</span>
              <span className="text-muted">
                of {ref.kind} {ref.name} · {by.name} <RelativeTime at={at} />
              </span>
            </span>
            {writable && (
              <Button
                size="sm"
                aria-label={`${TAKE_BACK} ${path}`}
                busy={stop.isPending && stop.variables === id}
                onClick={() => stop.mutate(id)}
              >
                {TAKE_BACK}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
