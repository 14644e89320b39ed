/** What is removed and what is kept when a workflow is archived or deleted, or an environment is. */
import type { InventoryItem } from "@/contract";

export interface RemovalChoice {
  /** Delete the objects in the cluster. */
  readonly objects: boolean;
  /** With them, those that hold data. */
  readonly data: boolean;
}

export interface Removal<Item> {
  readonly removed: readonly Item[];
  readonly kept: readonly Item[];
  /** Data is lost: worth typing a name for. */
  readonly losesData: boolean;
}

/** Judged by what the server says of each object: it alone knows which kinds hold data. */
export function removalOf<Item extends Pick<InventoryItem, "holds_data">>(
  owned: readonly Item[],
  choice: RemovalChoice,
): Removal<Item> {
  const isRemoved = (item: Item): boolean => choice.objects && (choice.data || !item.holds_data);
  return {
    removed: owned.filter(isRemoved),
    kept: owned.filter((item) => !isRemoved(item)),
    losesData: choice.objects && choice.data && owned.some((item) => item.holds_data),
  };
}
