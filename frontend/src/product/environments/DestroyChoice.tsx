import { Checkbox } from "@/ui";
import { ObjectLine } from "../ObjectLine";
import type { OwnedItem } from "../queries/inventory";

/** Whether data goes too; asked only where something holds data. */
export function DestroyChoice({
  owned,
  data,
  onData,
}: {
  owned: readonly OwnedItem[];
  data: boolean;
  onData: (data: boolean) => void;
}) {
  const holding = owned.filter((item) => item.holds_data);
  if (holding.length === 0) return null;
  return (
    <Checkbox
      checked={data}
      onChange={onData}
      label={`Delete the data too (${holding.map((item) => item.ref.name).join(", ")})`}
      help="Volumes and what is on them cannot be restored."
    />
  );
}

/** Lines of a removal dialog: owned objects with their place. */
export const ownedLine = (item: OwnedItem) => (
  <ObjectLine key={`${item.ref.kind} ${item.ref.namespace} ${item.ref.name}`} of={item.ref} note={item.place} />
);
/** A set goes, what it stored stays. */
export const volumesLine = (item: OwnedItem) => (
  <ObjectLine key={`volumes ${item.ref.name}`} of={item.ref} before="volumes of" note={item.place} />
);
