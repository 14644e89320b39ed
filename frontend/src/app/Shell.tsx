import {
  ChevronRight,
  Command as CommandIcon,
  LogOut,
  Monitor,
  Moon,
  PanelLeftClose,
  PanelLeftOpen,
  Search,
  Sun,
  User as UserIcon,
  WifiOff,
} from "lucide-react";
import { useCallback, useState, type ReactNode } from "react";
import { Link, NavLink, Outlet, useMatch, useNavigate } from "react-router";
import type { User } from "@/contract";
import { useSignOut } from "@/product";
import { resetLive, useConnection } from "@/realtime";
import {
  Avatar,
  cx,
  IconButton,
  Kbd,
  Menu,
  readStored,
  RelativeTime,
  Tooltip,
  useAllCommands,
  useCommandKeys,
  useCrumbTrail,
  useMedia,
  useNow,
  useTheme,
  writeStored,
  type ThemeChoice,
} from "@/ui";
import { ClusterHealth } from "./ClusterHealth";
import { CommandPalette } from "./palette/CommandPalette";
import { PLACES, useEverywhere } from "./commands";
import { queryClient } from "./queryClient";
import { ShortcutsDialog } from "./ShortcutsDialog";

export function Shell({ user }: { user: User }) {
  // Where one draws, the canvas gets the room unless the person says otherwise; both ways are remembered.
  const drawing = useMatch("/workflows/:workflowId") !== null;
  const [rails, setRails] = useState(() => ({
    rail: readStored("rail") !== "narrow",
    "rail.editor": readStored("rail.editor") === "wide",
  }));
  const place = drawing ? "rail.editor" : "rail";
  const asked = rails[place];
  // At 200 % zoom the page needs the room more than the rail does.
  const roomy = useMedia("(min-width: 900px)");
  const wide = asked && roomy;
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const toggleRail = () => {
    setRails({ ...rails, [place]: !wide });
    writeStored(place, wide ? "narrow" : "wide");
  };
  const search = useCallback(() => setSearching(true), []);
  const help = useCallback(() => setHelping(true), []);
  const everywhere = useEverywhere({ onSearch: search, onHelp: help });
  const commands = useAllCommands(everywhere);
  useCommandKeys(everywhere);

  return (
    <div className="flex h-full overflow-hidden">
      <a
        href="#content"
        className="sr-only rounded bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70"
      >
        Skip to the page
      </a>
      <nav
        aria-label="Main"
        className={cx(
          "flex shrink-0 flex-col border-r border-line bg-sunken transition-[width] duration-150",
          wide ? "w-52" : "w-14",
        )}
      >
        <Link
          to="/workflows"
          className="flex h-11 shrink-0 items-center gap-2.5 overflow-hidden px-4 focus-visible:outline-offset-[-2px]"
          aria-label="KubeOrch, workflows"
        >
          <Mark />
          {wide && <span className="text-14 font-semibold tracking-tight">KubeOrch</span>}
        </Link>
        <ul className="flex flex-1 flex-col gap-0.5 px-2 pt-2">
          {PLACES.map((entry) => (
            <li key={entry.to}>
              <Tooltip text={wide ? "" : entry.label} shortcut={entry.keys} side="right">
                <NavLink
                  to={entry.to}
                  aria-label={entry.label}
                  className={({ isActive }) =>
                    cx(
                      "group flex h-8 items-center gap-2.5 overflow-hidden rounded px-3 text-13 font-medium transition-colors duration-100",
                      isActive ? "bg-active text-text" : "text-muted hover:bg-hover hover:text-text",
                    )
                  }
                >
                  <span className="shrink-0">{entry.icon}</span>
                  {wide && <span className="flex-1">{entry.label}</span>}
                  {wide && (
                    <Kbd
                      keys={entry.keys}
                      className="opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
                    />
                  )}
                </NavLink>
              </Tooltip>
            </li>
          ))}
        </ul>
        <div className={cx("flex p-2", wide ? "justify-end" : "justify-center", !roomy && "hidden")}>
          <IconButton label={wide ? "Narrow the rail" : "Widen the rail"} onClick={toggleRail}>
            {wide ? (
              <PanelLeftClose size={16} strokeWidth={1.5} aria-hidden />
            ) : (
              <PanelLeftOpen size={16} strokeWidth={1.5} aria-hidden />
            )}
          </IconButton>
        </div>
      </nav>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface pr-2 pl-5">
          <Breadcrumb />
          <ConnectionState />
          <button
            type="button"
            onClick={search}
            className="flex h-7.5 items-center gap-2 rounded border border-line bg-sunken pr-1.5 pl-2.5 text-12 text-muted transition-colors duration-100 hover:border-line-strong hover:text-text"
          >
            <Search size={14} aria-hidden />
            <span className="hidden w-44 text-left md:inline">Search or run a command</span>
            <span className="sr-only md:hidden">Search or run a command</span>
            <Kbd keys="mod+k" />
          </button>
          <ClusterHealth />
          <ThemeMenu />
          <UserMenu user={user} onShortcuts={help} />
        </header>
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
      </div>
      <CommandPalette open={searching} onOpenChange={setSearching} commands={commands} />
      <ShortcutsDialog open={helping} onOpenChange={setHelping} commands={commands} />
    </div>
  );
}

export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden className="shrink-0">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="9" cy="16" r="3.2" />
        <circle cx="23" cy="9" r="3.2" />
        <circle cx="23" cy="23" r="3.2" />
        <path d="M12 14.6 20 10.400M12 17.400l8 4.200" />
      </g>
    </svg>
  );
}

function Breadcrumb() {
  const crumbs = useCrumbTrail((state) => state.crumbs);
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1 text-13">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li key={index} className={cx("flex min-w-0 items-center gap-1", last ? "shrink" : "shrink-0")}>
              {index > 0 && <ChevronRight size={14} className="shrink-0 text-faint" aria-hidden />}
              {crumb.to && !last ? (
                <Link to={crumb.to} className="rounded-sm text-muted hover:text-text">
                  {crumb.label}
                </Link>
              ) : (
                <span className="truncate font-medium" aria-current={last ? "page" : undefined}>
                  {crumb.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

const WORTH_A_WORD_MS = 2_500;

/** Silent while all is well (a blink of the network is not worth a word); then says since when the page may be old. */
function ConnectionState() {
  const connection = useConnection();
  const since = connection.type === "waiting" || connection.type === "connecting" ? connection.since : null;
  const now = useNow(since !== null);
  if (since === null || now - since < WORTH_A_WORD_MS) return null;
  return (
    <span role="status" className="flex shrink-0 items-center gap-1.5 rounded bg-warn-soft px-2 py-1 text-12 text-warn">
      <WifiOff size={14} aria-hidden />
      Reconnecting
      <span className="hidden lg:inline">
        · as of <RelativeTime at={new Date(since).toISOString()} />
      </span>
    </span>
  );
}

const THEMES: readonly { choice: ThemeChoice; label: string; icon: ReactNode }[] = [
  { choice: "light", label: "Light", icon: <Sun size={16} strokeWidth={1.5} aria-hidden /> },
  { choice: "dark", label: "Dark", icon: <Moon size={16} strokeWidth={1.5} aria-hidden /> },
  { choice: "system", label: "As the system", icon: <Monitor size={16} strokeWidth={1.5} aria-hidden /> },
];

function ThemeMenu() {
  const { choice, dark, choose } = useTheme();
  return (
    <Menu
      minWidth={180}
      trigger={
        <IconButton label="Theme">
          {dark ? <Moon size={16} strokeWidth={1.5} aria-hidden /> : <Sun size={16} strokeWidth={1.5} aria-hidden />}
        </IconButton>
      }
      entries={THEMES.map((theme) => ({
        label: theme.label,
        icon: theme.icon,
        checked: theme.choice === choice,
        onSelect: () => choose(theme.choice),
      }))}
    />
  );
}

function UserMenu({ user, onShortcuts }: { user: User; onShortcuts: () => void }) {
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
