import { GitBranch } from "lucide-react";
import type { GitConnection } from "@/contract";
import { ExpiryTag, isNear } from "@/product";
import { RelativeTime, Tag, type LocalColumn } from "@/ui";
import { labelOf } from "./providers";

/** `git.example.com/gitea`: an address as people say it. */
export const placeOf = ({ address }: GitConnection): string => address.replace(/^https:\/\//, "");

export function credentialOf({ app, oauth, has_token, keys, user, username }: GitConnection): string {
  const parts = [
    oauth && (oauth.signed_in_at ? `sign-in of ${user}` : "sign-in, nobody yet"),
    app && `GitHub App ${app.id}`,
    has_token && !app && !oauth && (user || username ? `token of ${user || username}` : "token"),
    keys.length === 1 && "deploy key",
    keys.length > 1 && "two deploy keys",
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : "public repositories";
}

/** A row of the panel: a name in it is an account, and never the token. */
export function tokenFact({ oauth, has_token, user, username }: GitConnection): [string, string] {
  if (oauth) return oauth.signed_in_at ? ["Signed in as", user] : ["Signed in", "nobody"];
  const account = user || username;
  return has_token && account ? ["Signed in as", account] : ["Token", has_token ? "stored" : "none"];
}

export function ConnectionState({ connection }: { connection: GitConnection }) {
  if (connection.state === "failed") return <Tag tone="bad">does not work</Tag>;
  if (connection.oauth && !connection.oauth.signed_in_at) return <Tag tone="warn">not signed in</Tag>;
  return connection.state === "untested" ? <Tag>not tested</Tag> : <Tag tone="ok">works</Tag>;
}

/** What matters most of the two: that it does not work, then that it soon will not. */
function WorstTag({ connection }: { connection: GitConnection }) {
  if (isNear(connection) && connection.state !== "failed") return <ExpiryTag of={connection} what="token" />;
  return <ConnectionState connection={connection} />;
}

export const COLUMNS: readonly LocalColumn<GitConnection>[] = [
  {
    id: "name",
    by: ({ name }) => name,
    header: "Name",
    width: "minmax(150px, 1.2fr)",
    cell: ({ name }) => (
      <span className="flex min-w-0 items-center gap-2">
        <GitBranch size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium" title={name}>
          {name}
        </span>
      </span>
    ),
  },
  {
    id: "address",
    by: placeOf,
    header: "Server",
    from: 560,
    width: "minmax(160px, 1.6fr)",
    cell: (connection) => (
      <span className="truncate font-mono text-12 text-muted" title={connection.address}>
        {placeOf(connection)}
      </span>
    ),
  },
  {
    id: "state",
    by: ({ state, expiry }) => `${state} ${expiry}`,
    header: "State",
    width: "160px",
    cell: (connection) => <WorstTag connection={connection} />,
  },
  {
    id: "provider",
    by: ({ provider }) => labelOf(provider),
    header: "Provider",
    from: 900,
    width: "minmax(120px, 1fr)",
    cell: ({ provider }) => <span className="truncate text-muted">{labelOf(provider)}</span>,
  },
  {
    id: "credential",
    by: credentialOf,
    header: "Opens with",
    from: 760,
    width: "minmax(120px, 1.2fr)",
    cell: (connection) => (
      <span className="truncate text-muted" title={credentialOf(connection)}>
        {credentialOf(connection)}
      </span>
    ),
  },
  {
    id: "team",
    by: ({ team }) => team.name,
    header: "Team",
    from: 1040,
    width: "140px",
    cell: ({ team }) => <span className="truncate text-muted">{team.name}</span>,
  },
  {
    id: "checked",
    by: ({ checked_at }) => (checked_at ? Date.parse(checked_at) : 0),
    header: "Tested",
    from: 760,
    width: "110px",
    cell: ({ checked_at }) => <RelativeTime at={checked_at} className="text-12 text-muted" />,
  },
];
