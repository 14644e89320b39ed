/** Small texts that several parts of the editor share. */
import { relativeTime } from "@/ui";

export function ageText(at: string | number): string {
  return relativeTime(typeof at === "number" ? at : Date.parse(at), Date.now());
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
