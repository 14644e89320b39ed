import { create } from "zustand";
import { readStored, writeStored } from "./stored";

export type ThemeChoice = "light" | "dark" | "system";

const media = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
const isDark = (choice: ThemeChoice) => choice === "dark" || (choice === "system" && Boolean(media?.matches));

interface ThemeState {
  choice: ThemeChoice;
  dark: boolean;
  choose: (choice: ThemeChoice) => void;
}

function storedChoice(): ThemeChoice {
  const stored = readStored("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** The choice is remembered; public/theme.js reads it before the first paint. */
export const useTheme = create<ThemeState>((set) => ({
  choice: storedChoice(),
  dark: isDark(storedChoice()),
  choose: (choice) => {
    writeStored("theme", choice === "system" ? null : choice);
    set({ choice, dark: isDark(choice) });
  },
}));

if (typeof document !== "undefined") {
  useTheme.subscribe(({ dark }) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  });
  media?.addEventListener("change", () => useTheme.setState(({ choice }) => ({ dark: isDark(choice) })));
}
