/** Amounts of resources, as people read them: cores, bytes, pieces. */
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** 0.25 of `cpu` is "250m", 536870912 of `memory` "512 MiB". */
export function sayAmount(resource: string, value: number): string {
  if (resource === "cpu" && value > 0 && value < 0.0005) return "<1m";
  if (resource === "cpu") return value >= 10 || Number.isInteger(value) ? short(value) : `${Math.round(value * 1000)}m`;
  if (resource !== "memory" && resource !== "ephemeral-storage") return short(value);
  let [size, unit] = [value, 0];
  while (size >= 1024 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${short(size)} ${UNITS[unit]}`;
}

/** What a resource is called in a sentence. */
export const RESOURCE_WORDS: Readonly<Record<string, string>> = {
  cpu: "CPU",
  memory: "Memory",
  "ephemeral-storage": "Disk",
  pods: "Pods",
};

const short = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
