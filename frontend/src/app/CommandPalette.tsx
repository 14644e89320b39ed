import { useQuery } from "@tanstack/react-query";
import { Command as Cmdk } from "cmdk";
import { Box, Clock, Workflow, Zap } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { fetchRuns, fetchWorkflows } from "@/api";
import { StatusGlyph, useClusters } from "@/product";
import { isEnabled, Kbd, keysOf, labelOf, readStored, writeStored, type Command } from "@/ui";

interface Entry extends Command {
  hint?: ReactNode;
}
const RECENT_KEY = "palette.recent";
const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

function recentNames(): string[] {
  try {
    const stored: unknown = JSON.parse(readStored(RECENT_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export interface CommandPaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What can be done; found things are added to it. */
  commands: readonly Command[];
}

/** Ctrl/Cmd+K: go, do, find. What was used last comes first. */
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

function PaletteBody({ onOpenChange, commands }: CommandPaletteProps) {
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const { clusters } = useClusters();
  const workflows = useQuery({
    queryKey: ["palette", "workflows", asked],
    queryFn: ({ signal }) => fetchWorkflows({ search: asked, limit: 8 }, null, signal),
    placeholderData: (before) => before,
  });
  const runs = useQuery({
    queryKey: ["palette", "runs"],
    queryFn: ({ signal }) => fetchRuns({ limit: 8 }, null, signal),
  });

  const entries = useMemo(() => {
    const go = (path: string) => () => void navigate(path);
    const found: Entry[] = [
      ...(workflows.data?.results ?? []).map((workflow) => ({
        name: `workflow:${workflow.id}`,
        group: "Workflows",
        label: workflow.name,
        keywords: [workflow.description, ...workflow.tags].join(" "),
        icon: <Workflow {...icon} />,
        hint: workflow.last_run ? (
          <StatusGlyph status={workflow.last_run.state} />
        ) : (
          <StatusGlyph status={workflow.state} />
        ),
        perform: go(`/workflows/${workflow.id}`),
      })),
      ...(clusters ?? []).map((cluster) => ({
        name: `cluster:${cluster.id}`,
        group: "Clusters",
        label: cluster.name,
        icon: <Box {...icon} />,
        hint: <StatusGlyph status={cluster.state} />,
        perform: go(`/clusters?cluster=${cluster.id}`),
      })),
      ...(runs.data?.results ?? []).map((run) => ({
        name: `run:${run.id}`,
        group: "Runs",
        label: `${run.workflow.name} #${run.number}`,
        keywords: run.environment.name,
        icon: <Zap {...icon} />,
        hint: <StatusGlyph status={run.state} />,
        perform: go(`/runs/${run.id}`),
      })),
    ];
    return [...commands.filter((command) => !command.hidden && isEnabled(command)), ...found];
  }, [navigate, commands, workflows.data, runs.data, clusters]);

  const recent = useMemo(() => {
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    return recentNames().flatMap((name) => byName.get(name) ?? []);
  }, [entries]);
  const groups = useMemo(() => {
    const scored = entries
      .map((entry) => ({ entry, points: score(labelOf(entry), `${entry.keywords ?? ""} ${entry.group}`, search) }))
      .filter(({ points }) => points > 0);
    if (search.trim()) scored.sort((a, b) => b.points - a.points);
    return Map.groupBy(
      scored.map(({ entry }) => entry),
      (entry) => entry.group,
    );
  }, [entries, search]);
  const shownRecent = search.trim() ? [] : recent;
  const values = [
    ...shownRecent.map((entry) => `recent:${entry.name}`),
    ...[...groups.values()].flat().map((entry) => entry.name),
  ];
  // Results come late: the choice stays while it is on the list, else it is the first.
  const [moved, setMoved] = useState("");
  const chosen = values.includes(moved) ? moved : (values[0] ?? "");

  const run = (entry: Entry) => {
    writeStored(
      RECENT_KEY,
      JSON.stringify([entry.name, ...recentNames().filter((name) => name !== entry.name)].slice(0, 5)),
    );
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
        <span className="shrink-0 text-muted">{prefix ? <Clock {...icon} /> : entry.icon}</span>
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
        placeholder="Search workflows, clusters and runs, or run a command"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-14 outline-none"
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

/** Beginning of the label, of a word in it, inside it, in the other words; all typed words must be found. */
function score(label: string, others: string, asked: string): number {
  const name = label.toLowerCase();
  const rest = others.toLowerCase();
  let total = 1;
  for (const word of asked.toLowerCase().split(/\s+/).filter(Boolean)) {
    if (name.startsWith(word)) total *= 1;
    else if (name.includes(` ${word}`) || name.includes(`-${word}`)) total *= 0.8;
    else if (name.includes(word)) total *= 0.6;
    else if (rest.includes(word)) total *= 0.3;
    else return 0;
  }
  return total;
}
