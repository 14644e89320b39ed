import { useState } from "react";
import { asProblem } from "@/api";
import type { GitConnection } from "@/contract";
import { Button, ConfirmDialog, ErrorState, RelativeTime } from "@/ui";
import { useForgetHostKeys } from "./queries";

/** The key of the SSH server that was seen first, and the way on where it was changed on purpose. */
export function HostKeys({ connection }: { connection: GitConnection }) {
  const { host_keys: keys, may_edit: mayEdit } = connection;
  const forget = useForgetHostKeys(connection.id);
  const [isAsked, ask] = useState(false);
  const problem = forget.error ? asProblem(forget.error) : null;
  if (keys.length === 0) return null;
  return (
    <section aria-label="Key of the SSH server" className="flex flex-col gap-2 border-t border-line pt-4">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-13 font-medium">Key of the SSH server</h3>
        {mayEdit && (
          <Button size="sm" onClick={() => ask(true)}>
            Forget
          </Button>
        )}
      </div>
      <ul className="flex flex-col gap-1">
        {keys.map(({ port, fingerprint, seen_at }) => (
          <li key={port} className="flex flex-col text-12">
            <code className="font-mono text-11 break-all">{fingerprint}</code>
            <span className="text-muted">
              Port {port}, seen first <RelativeTime at={seen_at} />. Any other key is refused.
            </span>
          </li>
        ))}
      </ul>
      {isAsked && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && ask(false)}
          title="Forget the key of the SSH server"
          description="Only if it was changed on purpose: the next key that the server shows is taken for the right one."
          confirmLabel="Forget key"
          busy={forget.isPending}
          onConfirm={() =>
            void forget.mutateAsync().then(
              () => ask(false),
              () => undefined,
            )
          }
          removed={keys.map(({ fingerprint }) => fingerprint)}
          error={problem && <ErrorState inline title="Not forgotten" reason={problem.besides([])} />}
        />
      )}
    </section>
  );
}
