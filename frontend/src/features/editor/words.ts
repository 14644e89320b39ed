/** Small texts that several parts of the editor share. */
import { exactTime, relativeTime } from "@/ui";

export function ageText(at: string | number): string {
  return relativeTime(typeof at === "number" ? at : Date.parse(at), Date.now());
}

export function exactText(at: string): string {
  return exactTime(Date.parse(at));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Unique even where the page is served without https, where `randomUUID` is missing. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
