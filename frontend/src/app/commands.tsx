import {
  Box,
  Command as CommandIcon,
  FileDiff,
  FileUp,
  GitBranch,
  Hammer,
  Moon,
  Package,
  Search,
  Settings,
  ShieldCheck,
  Sun,
  Workflow,
  Zap,
} from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { useTheme, type Command } from "@/ui";

const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** The main pages, in the order of the sidebar. */
export const PLACES = [
  { to: "/workflows", label: "Workflows", icon: <Workflow {...icon} />, keys: "g w" },
  { to: "/imports", label: "Imports", icon: <FileUp {...icon} />, keys: "g i" },
  { to: "/builds", label: "Builds", icon: <Hammer {...icon} />, keys: "g b" },
  { to: "/runs", label: "Runs", icon: <Zap {...icon} />, keys: "g r" },
  { to: "/drift", label: "Drift", icon: <FileDiff {...icon} />, keys: "g d" },
  { to: "/approvals", label: "Approvals", icon: <ShieldCheck {...icon} />, keys: "g a" },
  { to: "/clusters", label: "Clusters", icon: <Box {...icon} />, keys: "g c" },
  { to: "/git-connections", label: "Git", icon: <GitBranch {...icon} />, keys: "g n" },
  { to: "/registries", label: "Registries", icon: <Package {...icon} />, keys: "g y" },
  { to: "/settings", label: "Settings", icon: <Settings {...icon} />, keys: "g s" },
] as const;

const SETTINGS: readonly (readonly [section: string, label: string, keywords: string])[] = [
  ["profile", "Settings: profile", "account name"],
  ["password", "Settings: password", ""],
  ["tokens", "Settings: access tokens", "api script"],
  ["members", "Settings: members and invites", "team people role"],
  ["people", "Settings: accounts", "disable administrator password reset"],
  ["about", "Settings: about", "open source licences version"],
];

/** What can be done on every page. */
export function useEverywhere({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }): readonly Command[] {
  const navigate = useNavigate();
  const { choice, dark, choose } = useTheme();
  return useMemo((): Command[] => {
    const go = (path: string) => () => void navigate(path);
    return [
      ...PLACES.map((place) => ({
        name: `go:${place.label.toLowerCase()}`,
        label: place.label,
        group: "Go to",
        icon: place.icon,
        keys: place.keys,
        perform: go(place.to),
      })),
      ...SETTINGS.map(([section, label, keywords]) => ({
        name: `go:${section}`,
        label,
        group: "Go to",
        keywords,
        icon: <Settings {...icon} />,
        perform: go(`/settings/${section}`),
      })),
      {
        name: "workflow.new",
        label: "New workflow",
        group: "Actions",
        keywords: "create add draw",
        icon: <Workflow {...icon} />,
        perform: go("/workflows?new=1"),
      },
      {
        name: "workflow.import",
        label: "Import a workflow file",
        group: "Actions",
        keywords: "yaml upload",
        icon: <Workflow {...icon} />,
        perform: go("/workflows?import=1"),
      },
      {
        name: "import.new",
        label: "Import Compose files or manifests",
        group: "Actions",
        keywords: "docker kubernetes convert upload yaml",
        icon: <FileUp {...icon} />,
        perform: go("/imports/new"),
      },
      {
        name: "workflow.fromGit",
        label: "New workflow from git",
        group: "Actions",
        keywords: "repository build deploy source dockerfile create",
        icon: <GitBranch {...icon} />,
        perform: go("/from-git"),
      },
      {
        name: "source.new",
        label: "Build images from a repository",
        group: "Actions",
        keywords: "source git dockerfile add",
        icon: <Hammer {...icon} />,
        perform: go("/builds/sources?new=1"),
      },
      {
        name: "cluster.connect",
        label: "Connect a cluster",
        group: "Actions",
        keywords: "kubeconfig add",
        icon: <Box {...icon} />,
        perform: go("/clusters?connect=1"),
      },
      {
        name: "gitConnection.add",
        label: "Add a git connection",
        group: "Actions",
        keywords: "github gitlab gitea forgejo bitbucket token deploy key repository",
        icon: <GitBranch {...icon} />,
        perform: go("/git-connections?add=1"),
      },
      {
        name: "registry.add",
        label: "Add a registry",
        group: "Actions",
        keywords: "images docker credentials pull push",
        icon: <Package {...icon} />,
        perform: go("/registries?add=1"),
      },
      {
        name: "theme.switch",
        label: dark ? "Use the light theme" : "Use the dark theme",
        group: "Actions",
        keywords: "theme dark light",
        icon: dark ? <Sun {...icon} /> : <Moon {...icon} />,
        perform: () => choose(dark ? "light" : "dark"),
      },
      {
        name: "theme.system",
        label: "Use the system theme",
        group: "Actions",
        keywords: "theme",
        icon: <Sun {...icon} />,
        hidden: choice === "system",
        perform: () => choose("system"),
      },
      {
        name: "palette.open",
        label: "Search or run a command",
        group: "Everywhere",
        icon: <Search {...icon} />,
        keys: "mod+k",
        whileTyping: true,
        hidden: true,
        perform: onSearch,
      },
      {
        name: "help.shortcuts",
        label: "Keyboard shortcuts",
        group: "Everywhere",
        keywords: "help keys",
        icon: <CommandIcon {...icon} />,
        keys: "?",
        perform: onHelp,
      },
    ];
  }, [navigate, choice, dark, choose, onSearch, onHelp]);
}
