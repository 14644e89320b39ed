import { Package } from "lucide-react";
import type { Registry } from "@/contract";
import { ExpiryTag, isNear } from "@/product";
import { RelativeTime, Tag, type LocalColumn } from "@/ui";
import { labelOf } from "./providers";

/** `ghcr.io/team`: what its credentials are for. */
export const placeOf = ({ host, path_prefix }: Registry): string => (path_prefix ? `${host}/${path_prefix}` : host);

export function RegistryState({ registry }: { registry: Registry }) {
  if (registry.state === "failed") return <Tag tone="bad">does not work</Tag>;
  if (registry.state === "untested") return <Tag>not tested</Tag>;
  return registry.may_push ? <Tag tone="ok">pull and push</Tag> : <Tag tone="ok">pull</Tag>;
}

/** What matters most of the two: that it does not work, then that it soon will not. */
function WorstTag({ registry }: { registry: Registry }) {
  if (isNear(registry) && registry.state !== "failed") return <ExpiryTag of={registry} />;
  return <RegistryState registry={registry} />;
}

export const COLUMNS: readonly LocalColumn<Registry>[] = [
  {
    id: "name",
    by: ({ name }) => name,
    header: "Name",
    width: "minmax(190px, 1.4fr)",
    cell: ({ name, is_default }) => (
      <span className="flex min-w-0 items-center gap-2">
        <Package size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium" title={name}>
          {name}
        </span>
        {is_default && <Tag className="shrink-0 max-sm:hidden">used first</Tag>}
      </span>
    ),
  },
  {
    id: "place",
    by: placeOf,
    header: "For images of",
    from: 560,
    width: "minmax(160px, 2fr)",
    cell: (registry) => (
      <span className="truncate font-mono text-12 text-muted" title={placeOf(registry)}>
        {placeOf(registry)}
      </span>
    ),
  },
  {
    id: "state",
    by: ({ state, may_push, expiry }) => `${state} ${expiry} ${may_push ? 1 : 0}`,
    header: "State",
    width: "170px",
    cell: (registry) => <WorstTag registry={registry} />,
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
    id: "account",
    by: ({ username }) => username,
    header: "Account",
    from: 760,
    width: "minmax(100px, 1fr)",
    cell: ({ username, has_secret }) => (
      <span className="truncate text-muted">{has_secret ? username : "without signing in"}</span>
    ),
  },
  {
    id: "team",
    by: ({ team }) => team?.name ?? "",
    header: "Team",
    from: 1040,
    width: "140px",
    cell: ({ team }) => <span className="truncate text-muted">{team?.name ?? "every team"}</span>,
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
