import { Checkbox } from "@/ui";
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
  const holding = owned.filter((item) => item.holds_data && !item.is_given_back);
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
