/**
 * Kubernetes quantities, as text that people read.
 * Source: Kubernetes docs, "Kubernetes API reference", "Quantity".
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

export function isQuantity(text: string): boolean {
  return QUANTITY.test(text);
}

/** A quantity in plain numbers: `250m` → "0.25", `128Mi` → "134,217,728 bytes"; null when it is not a quantity. */
export function plainQuantity(text: string): string | null {
  const match = QUANTITY.exec(text);
  if (!match) return null;
  const suffix = match[2] ?? "";
  const factor = /^[eE]/.test(suffix) ? 10 ** Number(suffix.slice(1)) : (FACTORS[suffix] ?? 1);
  const value = Number(match[1]) * factor;
  const reading = value.toLocaleString("en-US", { maximumFractionDigits: 9 });
  return suffix.length === 2 || ["M", "G", "T", "P", "E"].includes(suffix) ? `${reading} bytes` : reading;
}
