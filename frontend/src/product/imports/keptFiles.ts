/** Forms with files, each by the name under which the tab keeps it. */
const KEYS = { files: "kubeorch.import.files", chart: "kubeorch.import.chart" } as const;
export type KeptForm = keyof typeof KEYS;
/** Of what browsers let a page keep. */
const CHARACTERS_MOST = 4_000_000;
/** Kept for a reload: a browser may give a closed tab back much later, to somebody else. */
const AGE_MOST_MS = 4 * 3_600_000;

interface Kept<T> {
  readonly user: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  readonly form: Partial<T>;
}

/**
 * What this person had chosen in this tab before it was loaded anew. What is new in the form since is not in it. What
 * somebody else chose, or this person long ago, is forgotten.
 */
export function readKept<T>(name: KeptForm, userId: string | undefined): Partial<T> | null {
  const kept = read<T>(name);
  if (kept && userId && isOf(kept, userId)) return kept.form;
  forget(name);
  return null;
}

/** Of what is too large nothing is kept. Says whether it outlives a reload. */
export function keepFiles(name: KeptForm, userId: string | undefined, form: object): boolean {
  try {
    const text = userId ? JSON.stringify({ user: userId, at: Date.now(), form }) : "";
    if (text && text.length <= CHARACTERS_MOST) {
      sessionStorage.setItem(KEYS[name], text);
      return true;
    }
  } catch {
    // There is no room, or a private window refuses.
  }
  forget(name);
  return false;
}

/** Forget all but what this person chose of late; without one all of it. */
export function forgetKeptFiles(but?: string): void {
  for (const name of Object.keys(KEYS) as KeptForm[]) {
    const kept = but ? read(name) : null;
    if (!kept || !isOf(kept, but)) forget(name);
  }
}

function isOf(kept: Kept<unknown>, userId: string | undefined): boolean {
  const age = Date.now() - kept.at; // NaN for what was kept without a time
  return kept.user === userId && age >= 0 && age <= AGE_MOST_MS;
}

function read<T>(name: KeptForm): Kept<T> | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEYS[name]) ?? "null") as Kept<T> | null;
  } catch {
    return null; // Without storage nothing is kept.
  }
}

function forget(name: KeptForm): void {
  try {
    sessionStorage.removeItem(KEYS[name]);
  } catch {
    // Nothing was kept.
  }
}
