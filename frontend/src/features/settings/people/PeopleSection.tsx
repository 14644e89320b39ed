import { KeyRound, MoreHorizontal, ShieldCheck, ShieldOff, UserCheck, UserX } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Account, User } from "@/contract";
import { plural } from "@/model/words";
import { explain } from "@/product";
import { Avatar, Button, Card, ErrorState, IconButton, Menu, RelativeTime, SkeletonRows, Tag } from "@/ui";
import { useChangeAccount, usePeople } from "../queries";
import { DisableDialog } from "./DisableDialog";
import { ResetCodeDialog } from "./ResetCodeDialog";

const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** Every account of the instance, for its administrators: disable one, or help who forgot the password. */
export function PeopleSection({ user }: { user: User }) {
  const people = usePeople();
  const change = useChangeAccount();
  const [open, setOpen] = useState<{ type: "disable" | "reset"; account: Account } | null>(null);
  const rows = people.data?.pages.flatMap((page) => page.results) ?? [];
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <Card
      title="Accounts of this server"
      description={
        rows.length ? plural(rows.length, "person", "people") + (people.hasNextPage ? " and more" : "") : undefined
      }
      padded={false}
    >
      {problem && (
        <div className="p-3">
          <ErrorState
            inline
            title="The account was not changed"
            reason={problem.besides([])}
            details={problem.describe()}
          />
        </div>
      )}
      {people.isPending ? (
        <SkeletonRows rows={4} />
      ) : people.error ? (
        <ErrorState
          title="Accounts could not be loaded"
          {...explain(people.error)}
          onRetry={() => void people.refetch()}
        />
      ) : (
        <ul aria-label="Accounts">
          {rows.map((account) => (
            <li
              key={account.id}
              className="flex min-h-13 items-center gap-3 border-b border-line px-4 py-2 last:border-b-0"
            >
              <Avatar name={account.name || account.email} size={28} />
              <div className="min-w-0 flex-1">
                <p className="flex min-w-0 items-center gap-1.5 text-13 font-medium">
                  <span className="truncate">{account.name || account.email}</span>
                  {account.id === user.id && <span className="shrink-0 font-normal text-muted">(you)</span>}
                  {account.is_admin && <Tag className="shrink-0">administrator</Tag>}
                  {account.disabled && (
                    <Tag tone="warn" className="shrink-0">
                      disabled
                    </Tag>
                  )}
                </p>
                <p className="truncate text-12 text-muted">
                  {account.email} · since <RelativeTime at={account.created_at} />
                </p>
              </div>
              <Menu
                trigger={
                  <IconButton label={`Actions for ${account.name || account.email}`} size="sm">
                    <MoreHorizontal {...icon} />
                  </IconButton>
                }
                entries={[
                  !account.disabled && {
                    label: "New password code…",
                    hint: "For who forgot the password",
                    icon: <KeyRound {...icon} />,
                    onSelect: () => setOpen({ type: "reset", account }),
                  },
                  !account.disabled && {
                    label: account.is_admin ? "Make an ordinary account" : "Make an administrator",
                    icon: account.is_admin ? <ShieldOff {...icon} /> : <ShieldCheck {...icon} />,
                    onSelect: () => change.mutate({ id: account.id, is_admin: !account.is_admin }),
                  },
                  !account.disabled && { type: "separator" },
                  account.disabled
                    ? {
                        label: "Enable account",
                        icon: <UserCheck {...icon} />,
                        onSelect: () => change.mutate({ id: account.id, disabled: false }),
                      }
                    : {
                        label: "Disable account…",
                        icon: <UserX {...icon} />,
                        danger: true,
                        onSelect: () => setOpen({ type: "disable", account }),
                      },
                ]}
              />
            </li>
          ))}
          {people.hasNextPage && (
            <li className="px-4 py-3">
              <Button size="sm" busy={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
                Load more
              </Button>
            </li>
          )}
        </ul>
      )}
      {open?.type === "disable" && <DisableDialog account={open.account} onClose={() => setOpen(null)} />}
      {open?.type === "reset" && <ResetCodeDialog account={open.account} onClose={() => setOpen(null)} />}
    </Card>
  );
}
