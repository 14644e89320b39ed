import { Link } from "react-router";
import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { sentence } from "@/model/words";
import { Button, Card, ErrorState, RelativeTime } from "@/ui";
import { useReleaseVersion } from "../queries";

/** The versions that failed and are held back from runs that nobody starts. Nothing while there are none. */
export function QuarantineCard({ environment, writable }: { environment: Environment; writable: boolean }) {
  const release = useReleaseVersion(environment.id);
  const problem = release.error ? asProblem(release.error) : null;
  if (environment.quarantined.length === 0) return null;
  return (
    <Card
      title="Quarantined versions"
      description="They failed here. Triggers and self-heal do not run them; people may, and a version is released once a run of it succeeds."
      padded={false}
    >
      {problem && (
        <ErrorState
          inline
          className="m-4 mb-0"
          title="Not released"
          reason={problem.besides([])}
          details={problem.describe()}
        />
      )}
      <ul aria-label="Quarantined versions">
        {environment.quarantined.map(({ version, run, reason, at, rolled_back }) => (
          <li
            key={run.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 text-13 last:border-b-0"
          >
            <span className="tnum w-10 font-mono text-12">v{version}</span>
            <span className="min-w-0 flex-1 basis-60 break-words">
              {sentence(reason)}{" "}
              <span className="text-12 text-muted">
                <Link to={`/runs/${run.id}`} className="rounded-sm text-accent-text hover:underline">
                  run #{run.number}
                </Link>{" "}
                <RelativeTime at={at} />
                {rolled_back ? ", rolled back" : ", not rolled back"}
              </span>
            </span>
            {writable && (
              <Button
                size="sm"
                aria-label={`Release v${version}`}
                busy={release.isPending && release.variables === version}
                onClick={() => release.mutate(version)}
              >
                Release
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
