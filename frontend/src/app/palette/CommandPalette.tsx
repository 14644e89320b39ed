import { Command as Cmdk } from "cmdk";
import { Clock } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { useDeferredValue, useMemo, useState } from "react";
import { fuzzyFind, isEnabled, Kbd, keysOf, labelOf, useMedia, type Command } from "@/ui";
import { recentNames, rememberUsed } from "./recent";
import { useFound, type Entry } from "./useFound";

export interface CommandPaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The commands to offer; search results are added to them. */
  commands: readonly Command[];
}

/** Ctrl/Cmd+K: go to a page, run a command, or find something. Recently used entries come first. */
export function CommandPalette(props: CommandPaletteProps) {
  return (
    <RadixDialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="animate-fade fixed inset-0 z-50 bg-scrim" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="animate-pop fixed top-[14vh] left-1/2 z-50 w-[min(640px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-card border border-line bg-raised shadow-3 outline-none"
        >
          <RadixDialog.Title className="sr-only">Search or run a command</RadixDialog.Title>
          <PaletteBody {...props} />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** More than anybody looks through. */
const MOST = 80;

function PaletteBody({ onOpenChange, commands }: CommandPaletteProps) {
  const [search, setSearch] = useState("");
  const roomy = useMedia("(min-width: 640px)");
  const found = useFound(useDeferredValue(search.trim()));
  const entries = useMemo(
    (): Entry[] => [...commands.filter((command) => !command.hidden && isEnabled(command)), ...found],
    [commands, found],
  );
  const groups = useMemo(() => {
    const searchable = entries.map((entry) => ({
      item: entry,
      texts: [labelOf(entry), entry.group, entry.keywords ?? ""],
    }));
    const shown = fuzzyFind(search, searchable).filter((entry) => search.trim() !== "" || !entry.onSearch);
    return Map.groupBy(shown.slice(0, MOST), (entry) => entry.group);
  }, [entries, search]);
  const recent = useMemo(() => {
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    return recentNames().flatMap((name) => byName.get(name) ?? []);
  }, [entries]);
  const shownRecent = search.trim() ? [] : recent;
  const values = [
    ...shownRecent.map((entry) => `recent:${entry.name}`),
    ...[...groups.values()].flat().map((entry) => entry.name),
  ];
  // Results arrive later: keep the selected entry while it is listed, else select the first.
  const [moved, setMoved] = useState("");
  const chosen = values.includes(moved) ? moved : (values[0] ?? "");

  const run = (entry: Entry) => {
    rememberUsed(entry.name);
    onOpenChange(false);
    entry.perform();
  };
  const item = (entry: Entry, prefix = "") => {
    const keys = keysOf(entry)[0];
    return (
      <Cmdk.Item
        key={prefix + entry.name}
        value={prefix + entry.name}
        onSelect={() => run(entry)}
        className="flex h-9 cursor-pointer items-center gap-2.5 rounded px-2.5 text-13 select-none data-[selected=true]:bg-hover"
      >
        <span className="w-4 shrink-0 text-muted">
          {prefix ? <Clock size={16} strokeWidth={1.5} aria-hidden /> : entry.icon}
        </span>
        <span className="min-w-0 flex-1 truncate">{labelOf(entry)}</span>
        {entry.hint && <span className="flex shrink-0 items-center text-12 text-muted">{entry.hint}</span>}
        {keys !== undefined && <Kbd keys={keys} />}
      </Cmdk.Item>
    );
  };

  return (
    <Cmdk loop label="Search or run a command" shouldFilter={false} value={chosen} onValueChange={setMoved}>
      <Cmdk.Input
        value={search}
        onValueChange={(next) => {
          setSearch(next);
          setMoved("");
        }}
        placeholder={roomy ? "Search workflows, clusters and runs, or run a command" : "Search or run a command"}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-14 text-ellipsis outline-none"
      />
      <Cmdk.List className="max-h-[52vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-muted">
        <Cmdk.Empty className="px-3 py-8 text-center text-13 text-muted">Nothing matches “{search}”.</Cmdk.Empty>
        {shownRecent.length > 0 && (
          <Cmdk.Group heading="Recent">{shownRecent.map((entry) => item(entry, "recent:"))}</Cmdk.Group>
        )}
        {[...groups].map(([group, members]) => (
          <Cmdk.Group key={group} heading={group}>
            {members.map((entry) => item(entry))}
          </Cmdk.Group>
        ))}
      </Cmdk.List>
      <div className="flex items-center gap-4 border-t border-line px-4 py-2 text-12 text-muted">
        <span className="flex items-center gap-1.5">
          <Kbd keys="up" />
          <Kbd keys="down" /> move
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd keys="enter" /> choose
        </span>
        <span className="flex items-center gap-1.5">
          <Kbd keys="esc" /> close
        </span>
      </div>
    </Cmdk>
  );
}
