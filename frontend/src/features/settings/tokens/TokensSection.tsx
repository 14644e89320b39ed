import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import type { ApiToken } from "@/contract";
import { explain } from "@/product";
import { Button, Card, EmptyState, ErrorState, RelativeTime, SkeletonRows, Tag, useNow } from "@/ui";
import { useTokens } from "../queries";
import { NewTokenDialog } from "./NewTokenDialog";
import { RevokeTokenDialog } from "./RevokeTokenDialog";
import { nameOf } from "./scopes";

export function TokensSection() {
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<ApiToken | null>(null);
  const now = useNow();
  const rows = tokens.data?.results ?? [];
  const create = (
    <Button size="sm" tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <>
      <Card
        title="Access tokens"
        description="A token has your rights, as far as its scope allows. It is shown once, stored as a hash, and expires."
        actions={rows.length > 0 && create}
        padded={false}
      >
        {tokens.isPending ? (
          <SkeletonRows rows={2} />
        ) : tokens.error ? (
          <ErrorState
            title="Tokens could not be loaded"
            {...explain(tokens.error)}
            onRetry={() => void tokens.refetch()}
          />
        ) : rows.length === 0 ? (
          <EmptyState
            icon={<KeyRound size={20} strokeWidth={1.5} aria-hidden />}
            title="No tokens"
            action={create}
            className="py-10"
          >
            Scripts and pipelines use a token instead of your password.
          </EmptyState>
        ) : (
          <ul>
            {rows.map((token) => (
              <li
                key={token.id}
                className="flex min-h-12 items-center gap-3 border-b border-line px-4 py-2 last:border-b-0"
              >
                <div className="min-w-0 flex-1">
                  <p className="flex min-w-0 items-center gap-2">
                    <span className="truncate text-13 font-medium">{nameOf(token)}</span>
                    <Tag className="shrink-0">{token.scope}</Tag>
                    <Tag mono>{token.hint}…</Tag>
                  </p>
                  <p className="flex flex-wrap gap-x-3 text-12 text-muted">
                    <span>
                      {Date.parse(token.expires_at) < now ? "expired" : "expires"}{" "}
                      <RelativeTime at={token.expires_at} />
                    </span>
                    <span>
                      {token.last_used_at ? (
                        <>
                          last used <RelativeTime at={token.last_used_at} />
                        </>
                      ) : (
                        "never used"
                      )}
                    </span>
                  </p>
                </div>
                <Button size="sm" tone="danger-ghost" onClick={() => setDoomed(token)}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {making && <NewTokenDialog onClose={() => setMaking(false)} />}
      {doomed && <RevokeTokenDialog token={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}
