/** Reading a manifest of which nothing is trusted to have its shape: what is something else counts as not there. */
import { isObject } from "./paths";

export type Row = Readonly<Record<string, unknown>>;

export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly spec?: unknown;
  readonly status?: unknown;
}

export const row = (value: unknown): Row => (isObject(value as never) ? (value as Row) : {});
export const rows = (value: unknown): readonly Row[] => (Array.isArray(value) ? value.map(row) : []);
export const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text).filter(Boolean) : []);
export const count = (value: unknown): number => (typeof value === "number" ? value : 0);
