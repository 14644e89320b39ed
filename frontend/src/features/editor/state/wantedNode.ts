/** The node that is chosen stands in the URL, so that a link opens on it. */
const PARAMETER = "node";

export function wantedNode(): string | null {
  return new URL(window.location.href).searchParams.get(PARAMETER);
}

export function tellNode(id: string | null): void {
  const url = new URL(window.location.href);
  if (id === null) url.searchParams.delete(PARAMETER);
  else url.searchParams.set(PARAMETER, id);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
