/** The commands used last in this browser, newest first. */
import { readStored, writeStored } from "@/ui";

const KEY = "palette.recent";
const MOST = 5;

export function recentNames(): string[] {
  try {
    const stored: unknown = JSON.parse(readStored(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function rememberUsed(name: string): void {
  const others = recentNames().filter((each) => each !== name);
  writeStored(KEY, JSON.stringify([name, ...others].slice(0, MOST)));
}
