import { KeyRound, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { DeployKey, GitConnection } from "@/contract";
import { Button, ConfirmDialog, CopyButton, ErrorState, IconButton, RelativeTime, Tag } from "@/ui";
import { useAddKey, useRemoveKey } from "./queries";

/** The deploy keys of a connection: what to add to the server, and one that takes the place of another. */
export function DeployKeys({ connection }: { connection: GitConnection }) {
  const { keys, may_edit: mayEdit } = connection;
  const add = useAddKey(connection.id);
  const remove = useRemoveKey(connection.id);
  const [doomed, doom] = useState<DeployKey | null>(null);
  const problem = add.error ? asProblem(add.error) : null;
  const removal = remove.error ? asProblem(remove.error) : null;
  return (
    <section aria-label="Deploy keys" className="flex flex-col gap-2 border-t border-line pt-4">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-13 font-medium">Deploy keys</h3>
        {mayEdit && keys.length < 2 && (
          <Button
            size="sm"
            busy={add.isPending}
            icon={keys.length ? <RefreshCw size={14} aria-hidden /> : <KeyRound size={14} aria-hidden />}
            onClick={() => add.mutate()}
          >
            {keys.length ? "Replace" : "Make a key"}
          </Button>
        )}
      </div>
      {problem && <ErrorState inline title="No key was made" reason={problem.besides([])} />}
      {keys.length === 0 ? (
        <p className="text-13 text-muted">None. A deploy key opens repositories by their SSH address.</p>
      ) : (
        <p className="text-13 text-muted">
          {keys.length > 1
            ? "Add the new key to the repositories on the server, then remove the old one. Until then both open them."
            : "Add it to the repositories on the server, with the right to read."}
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {keys.map((key, number) => (
          <li key={key.id} className="flex flex-col gap-1.5 rounded-card border border-line bg-surface p-3">
            <div className="flex items-center gap-2">
              {keys.length > 1 && <Tag tone={number === 0 ? "ok" : undefined}>{number === 0 ? "new" : "old"}</Tag>}
              <span className="min-w-0 flex-1 text-12 text-muted">
                Made <RelativeTime at={key.created_at} />
              </span>
              <CopyButton text={key.public} label="Copy the public key" />
              {mayEdit && (
                <IconButton label="Remove this key" size="sm" onClick={() => doom(key)}>
                  <Trash2 size={14} aria-hidden />
                </IconButton>
              )}
            </div>
            <code className="font-mono text-11 break-all">{key.public}</code>
            <span className="font-mono text-11 break-all text-faint">{key.fingerprint}</span>
          </li>
        ))}
      </ul>
      {doomed && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && doom(null)}
          title="Remove this deploy key"
          description="Repositories that know only this key are not read any more. Remove it from the server as well."
          confirmLabel="Remove key"
          busy={remove.isPending}
          onConfirm={() =>
            void remove.mutateAsync(doomed.id).then(
              () => doom(null),
              () => undefined,
            )
          }
          removed={[doomed.fingerprint]}
          error={removal && <ErrorState inline title="Not removed" reason={removal.besides([])} />}
        />
      )}
    </section>
  );
}
