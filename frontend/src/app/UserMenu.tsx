import { Command as CommandIcon, LogOut, User as UserIcon } from "lucide-react";
import { useNavigate } from "react-router";
import type { User } from "@/contract";
import { useSignOut } from "@/product";
import { resetLive } from "@/realtime";
import { Avatar, Menu } from "@/ui";
import { queryClient } from "./queryClient";

export function UserMenu({ user, onShortcuts }: { user: User; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const logout = useSignOut();
  const leave = () =>
    logout.mutate(undefined, {
      onSettled: () => {
        resetLive();
        queryClient.clear();
        window.location.assign("/login");
      },
    });
  const called = user.name || user.email;
  return (
    <Menu
      minWidth={240}
      trigger={
        <button type="button" aria-label={`Account of ${called}`} className="ml-1 rounded-full">
          <Avatar name={called} size={26} />
        </button>
      }
      entries={[
        {
          type: "label",
          label: (
            <>
              <span className="block truncate text-13 font-medium text-text">{called}</span>
              <span className="block truncate">{user.email}</span>
            </>
          ),
        },
        { type: "separator" },
        {
          label: "Profile",
          icon: <UserIcon size={16} strokeWidth={1.5} aria-hidden />,
          onSelect: () => void navigate("/settings/profile"),
        },
        {
          label: "Keyboard shortcuts",
          icon: <CommandIcon size={16} strokeWidth={1.5} aria-hidden />,
          shortcut: "?",
          onSelect: onShortcuts,
        },
        { type: "separator" },
        { label: "Sign out", icon: <LogOut size={16} strokeWidth={1.5} aria-hidden />, onSelect: leave },
      ]}
    />
  );
}
