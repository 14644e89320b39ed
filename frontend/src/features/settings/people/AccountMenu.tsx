import { KeyRound, MoreHorizontal, ShieldCheck, ShieldOff, UserCheck, UserX } from "lucide-react";
import type { Account } from "@/contract";
import { IconButton, Menu, useRowTabIndex } from "@/ui";

const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** A dialog about one account. */
export interface AccountDialog {
  type: "disable" | "reset" | "ordinary";
  account: Account;
}

/** What an administrator can do with an account. Nobody can disable the own one: there would be no way back. */
export function AccountMenu({
  account,
  isMe,
  onOpen,
  onChange,
}: {
  account: Account;
  isMe: boolean;
  onOpen: (dialog: AccountDialog) => void;
  onChange: (change: { id: string; disabled?: boolean; is_admin?: boolean }) => void;
}) {
  const tabIndex = useRowTabIndex();
  const { id, disabled, is_admin } = account;
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${account.name || account.email}`} size="sm" tabIndex={tabIndex}>
          <MoreHorizontal {...icon} />
        </IconButton>
      }
      entries={[
        !disabled && {
          label: "New password code…",
          hint: "For who forgot the password",
          icon: <KeyRound {...icon} />,
          onSelect: () => onOpen({ type: "reset", account }),
        },
        !disabled &&
          (is_admin
            ? {
                label: isMe ? "Make an ordinary account…" : "Make an ordinary account",
                icon: <ShieldOff {...icon} />,
                onSelect: () => (isMe ? onOpen({ type: "ordinary", account }) : onChange({ id, is_admin: false })),
              }
            : {
                label: "Make an administrator",
                icon: <ShieldCheck {...icon} />,
                onSelect: () => onChange({ id, is_admin: true }),
              }),
        !disabled && !isMe && { type: "separator" },
        disabled
          ? {
              label: "Enable account",
              icon: <UserCheck {...icon} />,
              onSelect: () => onChange({ id, disabled: false }),
            }
          : !isMe && {
              label: "Disable account…",
              icon: <UserX {...icon} />,
              danger: true,
              onSelect: () => onOpen({ type: "disable", account }),
            },
      ]}
    />
  );
}
