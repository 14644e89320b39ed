import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton, Menu, useTheme, type ThemeChoice } from "@/ui";

const THEMES: readonly { choice: ThemeChoice; label: string; icon: ReactNode }[] = [
  { choice: "light", label: "Light", icon: <Sun size={16} strokeWidth={1.5} aria-hidden /> },
  { choice: "dark", label: "Dark", icon: <Moon size={16} strokeWidth={1.5} aria-hidden /> },
  { choice: "system", label: "System", icon: <Monitor size={16} strokeWidth={1.5} aria-hidden /> },
];

export function ThemeMenu() {
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
