import { useMemo, useState } from "react";
import { asProblem } from "@/api";
import type { Account, User } from "@/contract";
import { explain } from "@/product";
import { Card, ErrorState, LocalTable, RelativeTime, SkeletonRows, Tag, type LocalColumn } from "@/ui";
import { Person } from "../Person";
import { useChangeAccount, usePeople } from "../queries";
import { AccountMenu, type AccountDialog } from "./AccountMenu";
import { DisableDialog } from "./DisableDialog";
import { OrdinaryDialog } from "./OrdinaryDialog";
import { ResetCodeDialog } from "./ResetCodeDialog";

/** Every account of the instance, for its administrators: disable one, or help who forgot the password. */
export function PeopleSection({ user }: { user: User }) {
  const people = usePeople();
  const change = useChangeAccount();
  const [open, setOpen] = useState<AccountDialog | null>(null);
  const problem = change.error ? asProblem(change.error) : null;
  const { mutate } = change;
  const columns = useMemo(
    (): LocalColumn<Account>[] => [
      {
        id: "name",
        header: "Person",
        width: "minmax(150px, 3fr)",
        by: ({ name, email }) => name || email,
        cell: (account) => <Person person={account} isMe={account.id === user.id} tags={<Marks of={account} />} />,
      },
      {
        id: "created",
        header: "Since",
        from: 480,
        width: "120px",
        by: ({ created_at }) => Date.parse(created_at),
        cell: ({ created_at }) => <RelativeTime at={created_at} className="text-12 text-muted" />,
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        width: "56px",
        align: "right",
        cell: (account) => (
          <AccountMenu account={account} isMe={account.id === user.id} onOpen={setOpen} onChange={mutate} />
        ),
      },
    ],
    [user.id, mutate],
  );
  return (
    <Card title="Accounts of this server" padded={false} className="overflow-hidden">
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
        <LocalTable
          name="people"
          label="Accounts"
          noun={["account", "accounts"]}
          rows={people.data.results}
          isCut={people.data.next !== null}
          columns={columns}
          rowKey={({ id }) => id}
          rowHeight={52}
          defaultSort="name"
          texts={textsOf}
        />
      )}
      {open?.type === "disable" && <DisableDialog account={open.account} onClose={() => setOpen(null)} />}
      {open?.type === "reset" && <ResetCodeDialog account={open.account} onClose={() => setOpen(null)} />}
      {open?.type === "ordinary" && <OrdinaryDialog account={open.account} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function Marks({ of: { is_admin, disabled } }: { of: Account }) {
  return (
    <>
      {is_admin && <Tag className="shrink-0">administrator</Tag>}
      {disabled && (
        <Tag tone="warn" className="shrink-0">
          disabled
        </Tag>
      )}
    </>
  );
}

const textsOf = ({ name, email, is_admin, disabled }: Account): readonly string[] => [
  name,
  email,
  is_admin ? "administrator" : "",
  disabled ? "disabled" : "",
];
