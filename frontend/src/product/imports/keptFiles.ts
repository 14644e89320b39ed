/** Forms with files, each by the name under which the tab keeps it. */
const KEYS = { files: "kubeorch.import.files", chart: "kubeorch.import.chart" } as const;
export type KeptForm = keyof typeof KEYS;
/** Of what browsers let a page keep. */
const CHARACTERS_MOST = 4_000_000;

/** What this person had chosen in this tab before it was loaded anew. What is new in the form since is not in it. */
export function readKept<T>(name: KeptForm, userId: string | undefined): Partial<T> | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEYS[name]) ?? "null") as { user: string; form: Partial<T> } | null;
    return kept && kept.user === userId ? kept.form : null;
  } catch {
    return null; // Without storage nothing is kept.
  }
}

/** Of what is too large nothing is kept. Says whether it outlives a reload. */
export function keepFiles(name: KeptForm, userId: string | undefined, form: object): boolean {
  try {
    const text = userId ? JSON.stringify({ user: userId, form }) : "";
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

export const forgetKeptFiles = (): void => {
  for (const name of Object.keys(KEYS) as KeptForm[]) forget(name);
};

function forget(name: KeptForm): void {
  try {
    sessionStorage.removeItem(KEYS[name]);
  } catch {
    // Nothing was kept.
  }
}
