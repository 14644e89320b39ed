import { useQuery } from "@tanstack/react-query";
import { Command as Cmdk } from "cmdk";
import { Box, Clock, Command as CommandIcon, Moon, Settings, Sun, Workflow, Zap } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, type Page, type Run, type User, type Workflow as WorkflowDocument } from "@/api";
import { useLiveClusters } from "@/realtime";
import { Kbd, readStored, StatusGlyph, useCommandList, useTheme, writeStored, type Command } from "@/ui";

interface Entry extends Command {
  hint?: ReactNode;
}
const RECENT_KEY = "palette.recent";
const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

function recentIds(): string[] {
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
  onShortcuts: () => void;
  user: User;
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
          <RadixDialog.Title className="sr-only">Search or act</RadixDialog.Title>
          <PaletteBody {...props} />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

function PaletteBody({ onOpenChange, onShortcuts }: CommandPaletteProps) {
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const offered = useCommandList((state) => state.offered);
  const { choice, dark, choose } = useTheme();
  const { clusters } = useLiveClusters();
  const workflows = useQuery({
    queryKey: ["palette", "workflows", asked],
    queryFn: ({ signal }) => api.get<Page<WorkflowDocument>>("workflows", { search: asked, limit: 8 }, signal),
    placeholderData: (before) => before,
  });
  const runs = useQuery({
    queryKey: ["palette", "runs"],
    queryFn: ({ signal }) => api.get<Page<Run>>("runs", { limit: 8 }, signal),
  });

  const entries = useMemo(() => {
    const go = (path: string) => () => void navigate(path);
    const fixed: Entry[] = [
      {
        id: "go:workflows",
        group: "Go to",
        label: "Workflows",
        icon: <Workflow {...icon} />,
        shortcut: "g w",
        run: go("/workflows"),
      },
      { id: "go:runs", group: "Go to", label: "Runs", icon: <Zap {...icon} />, shortcut: "g r", run: go("/runs") },
      {
        id: "go:clusters",
        group: "Go to",
        label: "Clusters",
        icon: <Box {...icon} />,
        shortcut: "g c",
        run: go("/clusters"),
      },
      {
        id: "go:profile",
        group: "Go to",
        label: "Settings: profile",
        keywords: "account name",
        icon: <Settings {...icon} />,
        shortcut: "g s",
        run: go("/settings/profile"),
      },
      {
        id: "go:password",
        group: "Go to",
        label: "Settings: password",
        icon: <Settings {...icon} />,
        run: go("/settings/password"),
      },
      {
        id: "go:tokens",
        group: "Go to",
        label: "Settings: access tokens",
        keywords: "api script",
        icon: <Settings {...icon} />,
        run: go("/settings/tokens"),
      },
      {
        id: "go:members",
        group: "Go to",
        label: "Settings: members and invites",
        keywords: "team people role",
        icon: <Settings {...icon} />,
        run: go("/settings/members"),
      },
      {
        id: "do:new",
        group: "Do",
        label: "New workflow",
        keywords: "create add draw",
        icon: <Workflow {...icon} />,
        run: go("/workflows?new=1"),
      },
      {
        id: "do:import",
        group: "Do",
        label: "Import a workflow file",
        keywords: "yaml upload",
        icon: <Workflow {...icon} />,
        run: go("/workflows?import=1"),
      },
      {
        id: "do:connect",
        group: "Do",
        label: "Connect a cluster",
        keywords: "kubeconfig add",
        icon: <Box {...icon} />,
        run: go("/clusters?connect=1"),
      },
      {
        id: "do:theme",
        group: "Do",
        label: dark ? "Use the light theme" : "Use the dark theme",
        keywords: "theme dark light",
        icon: dark ? <Sun {...icon} /> : <Moon {...icon} />,
        run: () => choose(dark ? "light" : "dark"),
      },
      ...(choice === "system"
        ? []
        : [
            {
              id: "do:theme-system",
              group: "Do",
              label: "Use the system's theme",
              keywords: "theme",
              icon: <Sun {...icon} />,
              run: () => choose("system"),
            },
          ]),
      {
        id: "do:shortcuts",
        group: "Do",
        label: "Keyboard shortcuts",
        keywords: "help keys",
        icon: <CommandIcon {...icon} />,
        shortcut: "?",
        run: onShortcuts,
      },
    ];
    const found: Entry[] = [
      ...(workflows.data?.results ?? []).map((workflow) => ({
        id: `workflow:${workflow.id}`,
        group: "Workflows",
        label: workflow.name,
        keywords: [workflow.description, ...workflow.tags].join(" "),
        icon: <Workflow {...icon} />,
        hint: workflow.last_run ? (
          <StatusGlyph status={workflow.last_run.state} />
        ) : (
          <StatusGlyph status={workflow.state} />
        ),
        run: go(`/workflows/${workflow.id}`),
      })),
      ...(clusters ?? []).map((cluster) => ({
        id: `cluster:${cluster.id}`,
        group: "Clusters",
        label: cluster.name,
        icon: <Box {...icon} />,
        hint: <StatusGlyph status={cluster.state} />,
        run: go(`/clusters?cluster=${cluster.id}`),
      })),
      ...(runs.data?.results ?? []).map((run) => ({
        id: `run:${run.id}`,
        group: "Runs",
        label: `${run.workflow.name} #${run.number}`,
        keywords: run.environment.name,
        icon: <Zap {...icon} />,
        hint: <StatusGlyph status={run.state} />,
        run: go(`/runs/${run.id}`),
      })),
    ];
    const here = [...offered.values()].flat();
    const said = new Set(here.map((command) => command.label));
    return [...here, ...fixed.filter((entry) => !said.has(entry.label)), ...found] as Entry[];
  }, [navigate, onShortcuts, dark, choice, choose, offered, workflows.data, runs.data, clusters]);

  const recent = useMemo(() => {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    return recentIds().flatMap((id) => byId.get(id) ?? []);
  }, [entries]);
  const groups = useMemo(() => {
    const scored = entries
      .map((entry) => ({ entry, points: score(entry.label, `${entry.keywords ?? ""} ${entry.group}`, search) }))
      .filter(({ points }) => points > 0);
    if (search.trim()) scored.sort((a, b) => b.points - a.points);
    return Map.groupBy(
      scored.map(({ entry }) => entry),
      (entry) => entry.group,
    );
  }, [entries, search]);
  const shownRecent = search.trim() ? [] : recent;
  const values = [
    ...shownRecent.map((entry) => `recent:${entry.id}`),
    ...[...groups.values()].flat().map((entry) => entry.id),
  ];
  // Results come late: the choice stays while it is on the list, else it is the first.
  const [moved, setMoved] = useState("");
  const chosen = values.includes(moved) ? moved : (values[0] ?? "");

  const run = (entry: Entry) => {
    writeStored(RECENT_KEY, JSON.stringify([entry.id, ...recentIds().filter((id) => id !== entry.id)].slice(0, 5)));
    onOpenChange(false);
    entry.run();
  };
  const item = (entry: Entry, prefix = "") => (
    <Cmdk.Item
      key={prefix + entry.id}
      value={prefix + entry.id}
      onSelect={() => run(entry)}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded px-2.5 text-13 select-none data-[selected=true]:bg-hover"
    >
      <span className="shrink-0 text-muted">{prefix ? <Clock {...icon} /> : entry.icon}</span>
      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
      {entry.hint && <span className="flex shrink-0 items-center text-12 text-muted">{entry.hint}</span>}
      {entry.shortcut && <Kbd keys={entry.shortcut} />}
    </Cmdk.Item>
  );

  return (
    <Cmdk loop label="Search or act" shouldFilter={false} value={chosen} onValueChange={setMoved}>
      <Cmdk.Input
        value={search}
        onValueChange={(next) => {
          setSearch(next);
          setMoved("");
        }}
        placeholder="Go to, do, find a workflow, cluster or run"
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
