/** What this browser remembers of the appearance (widths, theme, recents). Without storage nothing is remembered. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(`kubeorch.${key}`);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`kubeorch.${key}`);
    else localStorage.setItem(`kubeorch.${key}`, value);
  } catch {
    // Private windows may refuse; the page works without it.
  }
}
