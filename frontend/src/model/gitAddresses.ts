/** Which git connection is for an address, and what a repository is called. */

interface Connection {
  readonly id: string;
  readonly address: string;
}

/** host/path of an address, however it is written; "" for a name alone. */
function placeOf(address: string): string {
  const found = /^(?:https?:\/\/|ssh:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[:/](.*)$/.exec(address.trim());
  return found ? `${found[1]}/${found[2]}`.toLowerCase() : "";
}

/** The connection whose server an address is on; without an address, the only one there is; "" for none. */
export function connectionFor(repository: string, connections: readonly Connection[]): string {
  if (repository.trim() === "") return connections.length === 1 ? (connections[0]?.id ?? "") : "";
  const place = placeOf(repository);
  const fitting = connections.filter(({ address }) => {
    const server = placeOf(`${address.replace(/\/+$/, "")}/`);
    return server !== "" && place.startsWith(server);
  });
  return fitting.length === 1 ? (fitting[0]?.id ?? "") : "";
}

/** "shop" of "https://git.example.com/team/shop.git". */
export function repositoryName(repository: string): string {
  const last = repository.trim().replace(/[/]+$/, "").split(/[/:]/).at(-1) ?? "";
  return last.replace(/\.git$/, "");
}
