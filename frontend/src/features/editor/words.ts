/** Texts that several parts of the editor share. */
import { relativeTime } from "@/ui";

export function ageText(at: string | number): string {
  return relativeTime(typeof at === "number" ? at : Date.parse(at), Date.now());
}

/** "1 line", "3 lines". */
export function plural(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
