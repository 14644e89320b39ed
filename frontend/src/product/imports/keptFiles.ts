import type { ChosenFiles } from "./chosenFiles";

const KEY = "kubeorch.import.files";
/** Of what browsers let a page keep. */
const CHARACTERS_MOST = 4_000_000;

/** What this person had chosen in this tab before it was loaded anew. */
export function readKept(userId: string | undefined): ChosenFiles | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { user: string; form: ChosenFiles } | null;
    return kept && kept.user === userId ? { ...kept.form, repository: kept.form.repository ?? "" } : null;
  } catch {
    return null; // Without storage nothing is kept.
  }
}

/** Of what is too large nothing is kept. */
export function keepFiles(userId: string | undefined, form: ChosenFiles): void {
  try {
    const text = userId ? JSON.stringify({ user: userId, form }) : "";
    if (text && text.length <= CHARACTERS_MOST) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Private windows may refuse; the page works without it.
  }
}

export function forgetKeptFiles(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
