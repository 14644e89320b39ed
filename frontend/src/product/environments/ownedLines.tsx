import { ObjectLine } from "../ObjectLine";
import type { MadeNamespace, OwnedItem } from "../queries/inventory";

const keyOf = ({ ref, place }: OwnedItem): string => `${place} ${ref.kind} ${ref.namespace} ${ref.name}`;

/** Lines of a removal dialog: an owned object with its place. */
export const ownedLine = (item: OwnedItem) => <ObjectLine key={keyOf(item)} of={item.ref} note={item.place} />;

/** One that stays although the others go, and why. */
export const keptLine = (item: OwnedItem) => (
  <ObjectLine key={keyOf(item)} of={item.ref} note={item.reason ? `${item.place} · ${item.reason}` : item.place} />
);

/** A set goes, what it stored stays. */
export const volumesLine = (item: OwnedItem) => (
  <ObjectLine key={`volumes ${keyOf(item)}`} of={item.ref} before="volumes of" note={item.place} />
);

/** A namespace that a run has made; whatever goes, it stays. */
export const namespaceLine = ({ name, cluster }: MadeNamespace) => (
  <ObjectLine
    key={`namespace ${cluster}/${name}`}
    of={{ kind: "Namespace", name }}
    note={`${cluster} · a run made it, and it is deleted only by hand`}
  />
);
