import { KeyRound, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import type { ApiToken } from "@/contract";
import { explain } from "@/product";
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  LocalTable,
  RelativeTime,
  SkeletonRows,
  Tag,
  useNow,
  type LocalColumn,
} from "@/ui";
import { useTokens } from "../queries";
import { NewTokenDialog } from "./NewTokenDialog";
import { RevokeTokenDialog } from "./RevokeTokenDialog";
import { nameOf } from "./scopes";

export function TokensSection() {
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<ApiToken | null>(null);
  const columns = useMemo(() => columnsFor(setDoomed), []);
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
        className="overflow-hidden"
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
          <LocalTable
            name="tokens"
            label="Access tokens"
            noun={["token", "tokens"]}
            rows={rows}
            columns={columns}
            rowKey={({ id }) => id}
            rowHeight={52}
            defaultSort="-created"
            texts={(token) => [nameOf(token), token.scope, token.hint]}
          />
        )}
      </Card>
      {making && <NewTokenDialog onClose={() => setMaking(false)} />}
      {doomed && <RevokeTokenDialog token={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

const columnsFor = (onRevoke: (token: ApiToken) => void): readonly LocalColumn<ApiToken>[] => [
  {
    id: "name",
    header: "Name",
    width: "minmax(130px, 3fr)",
    by: nameOf,
    cell: (token) => (
      <span className="min-w-0">
        <span className="block truncate text-13 font-medium" title={nameOf(token)}>
          {nameOf(token)}
        </span>
        <span className="block truncate text-11 text-muted">
          {/* On a phone its column has no place. */}
          <span className="sm:hidden">{token.scope} · </span>
          <span className="font-mono">{token.hint}…</span>
        </span>
      </span>
    ),
  },
  {
    id: "scope",
    header: "Scope",
    from: 420,
    width: "72px",
    by: ({ scope }) => scope,
    cell: ({ scope }) => <Tag>{scope}</Tag>,
  },
  {
    id: "expires",
    header: "Expires",
    width: "96px",
    by: ({ expires_at }) => Date.parse(expires_at),
    cell: ({ expires_at }) => <Expiry at={expires_at} />,
  },
  {
    id: "used",
    header: "Last used",
    from: 560,
    width: "110px",
    by: ({ last_used_at }) => (last_used_at ? Date.parse(last_used_at) : 0),
    cell: ({ last_used_at }) =>
      last_used_at ? (
        <RelativeTime at={last_used_at} className="text-12 text-muted" />
      ) : (
        <span className="text-12 text-muted">never</span>
      ),
  },
  {
    id: "created",
    header: "Created",
    from: 680,
    width: "110px",
    by: ({ created_at }) => Date.parse(created_at),
    cell: ({ created_at }) => <RelativeTime at={created_at} className="text-12 text-muted" />,
  },
  {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    width: "100px",
    align: "right",
    cell: (token) => (
      <Button size="sm" tone="danger-ghost" aria-label={`Revoke ${nameOf(token)}`} onClick={() => onRevoke(token)}>
        Revoke
      </Button>
    ),
  },
];

function Expiry({ at }: { at: string }) {
  const now = useNow();
  return Date.parse(at) < now ? (
    <span className="text-12 text-warn">expired</span>
  ) : (
    <RelativeTime at={at} className="text-12 text-muted" />
  );
}
