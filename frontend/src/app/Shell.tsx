import { Search } from "lucide-react";
import { useCallback, useState } from "react";
import { Outlet, useMatch } from "react-router";
import type { User } from "@/contract";
import { useTeamFeed } from "@/product";
import { Kbd, readStored, useAllCommands, useCommandKeys, useMedia, writeStored } from "@/ui";
import { BottomBar } from "./BottomBar";
import { Breadcrumb } from "./Breadcrumb";
import { ClusterHealth } from "./ClusterHealth";
import { useEverywhere } from "./commands";
import { ConnectionState } from "./ConnectionState";
import { CommandPalette } from "./palette/CommandPalette";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { Sidebar } from "./Sidebar";
import { ThemeMenu } from "./ThemeMenu";
import { UserMenu } from "./UserMenu";
import { useRunNotices } from "./useRunNotices";

export function Shell({ user }: { user: User }) {
  useTeamFeed(user);
  useRunNotices(user);
  // In the editor the sidebar starts collapsed, to leave space for the canvas. Both choices are remembered.
  const drawing = useMatch("/workflows/:workflowId") !== null;
  const [rails, setRails] = useState(() => ({
    rail: readStored("rail") !== "narrow",
    "rail.editor": readStored("rail.editor") === "wide",
  }));
  const place = drawing ? "rail.editor" : "rail";
  const asked = rails[place];
  // At 200 % zoom the page needs the space more than the sidebar does.
  const roomy = useMedia("(min-width: 900px)");
  const phone = useMedia("(max-width: 599px)");
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
    <div className="relative flex h-full overflow-clip">
      <a
        href="#content"
        className="sr-only rounded bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70"
      >
        Skip to content
      </a>
      {!phone && <Sidebar wide={wide} collapsible={roomy} onToggle={toggleRail} />}
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface pr-2 pl-4 sm:pl-5">
          <Breadcrumb />
          <ConnectionState />
          <button
            type="button"
            onClick={search}
            className="flex h-7.5 items-center gap-2 rounded border border-line bg-sunken px-2 text-12 text-muted transition-colors duration-100 hover:border-line-strong hover:text-text"
          >
            <Search size={14} aria-hidden />
            <span className="hidden w-44 text-left md:inline">Search or run a command</span>
            <span className="sr-only md:hidden">Search or run a command</span>
            <span className="hidden md:inline">
              <Kbd keys="mod+k" />
            </span>
          </button>
          <ClusterHealth />
          <ThemeMenu />
          <UserMenu user={user} onShortcuts={help} />
        </header>
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
        {phone && <BottomBar />}
      </div>
      <CommandPalette open={searching} onOpenChange={setSearching} commands={commands} />
      <ShortcutsDialog open={helping} onOpenChange={setHelping} commands={commands} />
    </div>
  );
}
