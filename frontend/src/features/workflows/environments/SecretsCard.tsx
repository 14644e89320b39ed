import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { plural, sentence } from "@/model/words";
import { SecretKeyList, SetSecretsDialog, useForgetSecret, useSecretKeys } from "@/product";
import { Button, Card, EmptyState, ErrorState, SkeletonRows } from "@/ui";

/** Secrets at a time. */
const SHOWN = 20;

/** The values of Secrets that are kept for the next runs of the environment. */
export function SecretsCard({ environment, writable }: { environment: Environment; writable: boolean }) {
  const of = { workflow: environment.workflow_id, environment: environment.id };
  const secrets = useSecretKeys(of);
  const [asking, setAsking] = useState(false);
  const [most, setMost] = useState(SHOWN);
  const nodes = secrets.data?.nodes.filter((node) => node.keys.length > 0) ?? [];
  const lacking = nodes
    .map((node) => ({ ...node, keys: node.keys.filter(({ stored, in_cluster }) => !stored && !in_cluster) }))
    .filter((node) => node.keys.length > 0);
  const count = lacking.reduce((sum, node) => sum + node.keys.length, 0);
  return (
    <Card
      title="Secret values"
      description="Kept encrypted here for the next run, which asks only for those that are missing. They are never shown again, and are in no version, log or export."
      actions={
        writable && count > 0 ? (
          <Button size="sm" onClick={() => setAsking(true)}>
            Set {plural(count, "missing value")}
          </Button>
        ) : undefined
      }
    >
      {secrets.isPending ? (
        <SkeletonRows rows={2} />
      ) : secrets.isError ? (
        <ErrorState
          inline
          title="The keys could not be loaded"
          reason={sentence(asProblem(secrets.error).detail)}
          onRetry={() => void secrets.refetch()}
        />
      ) : nodes.length === 0 && secrets.data.unused.length === 0 ? (
        <EmptyState title="No Secret asks for a value">
          Draw a Secret with keys, and its values can be set here ahead of the run.
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-4">
          {nodes.slice(0, most).map((node) => (
            <section key={node.node_id} className="flex min-w-0 flex-col gap-1.5">
              <h3 className="truncate font-mono text-12 font-medium">{node.name}</h3>
              <SecretKeyList of={of} environment={environment.name} node={node} writable={writable} />
            </section>
          ))}
          {nodes.length > most && (
            <Button size="sm" className="self-center" onClick={() => setMost(most + SHOWN)}>
              Show {Math.min(SHOWN, nodes.length - most)} more of {nodes.length - most}
            </Button>
          )}
          <Unused environment={environment} places={secrets.data.unused} writable={writable} />
        </div>
      )}
      {asking && (
        <SetSecretsDialog of={of} environment={environment.name} nodes={lacking} onClose={() => setAsking(false)} />
      )}
    </Card>
  );
}

interface UnusedProps {
  readonly environment: Environment;
  readonly places: readonly { readonly node_id: string; readonly key: string }[];
  readonly writable: boolean;
}

/** Values that nothing drawn takes any more. */
function Unused({ environment, places, writable }: UnusedProps) {
  const forget = useForgetSecret({ workflow: environment.workflow_id, environment: environment.id });
  if (places.length === 0) return null;
  return (
    <section className="flex min-w-0 flex-col gap-1.5">
      <h3 className="text-12 font-medium">Not taken by the workflow any more</h3>
      {forget.error && <ErrorState inline title="Not deleted" reason={sentence(asProblem(forget.error).detail)} />}
      <ul aria-label="Values that nothing takes" className="divide-y divide-line rounded border border-line">
        {places.map(({ node_id, key }) => (
          <li key={`${node_id} ${key}`} className="flex min-h-9 items-center gap-2 px-3 py-1.5">
            <span className="min-w-0 flex-1 truncate font-mono text-12">
              {node_id}/{key}
            </span>
            {writable && (
              <Button
                size="sm"
                tone="danger-ghost"
                aria-label={`Delete the value of ${node_id}/${key} for good`}
                busy={forget.isPending && forget.variables.key === key && forget.variables.node_id === node_id}
                onClick={() => forget.mutate({ node_id, key, forGood: true })}
              >
                Delete for good
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
