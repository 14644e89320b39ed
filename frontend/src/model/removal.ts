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
  /** Removed, but what they stored stays in the cluster: StatefulSets leave their volumes. */
  readonly leavingData: readonly Item[];
  /** Data is lost: ask for the name to be typed. */
  readonly losesData: boolean;
}

/** Decided by what the server says of each object: only it knows which kinds hold data, and where. */
export function removalOf<Item extends Pick<InventoryItem, "holds_data" | "is_kept_on_destroy" | "is_given_back">>(
  owned: readonly Item[],
  choice: RemovalChoice,
): Removal<Item> {
  const isRemoved = (item: Item): boolean =>
    choice.objects && !item.is_given_back && (choice.data || !item.is_kept_on_destroy);
  return {
    removed: owned.filter(isRemoved),
    kept: owned.filter((item) => !isRemoved(item)),
    leavingData: choice.data ? [] : owned.filter((item) => isRemoved(item) && item.holds_data),
    losesData: choice.objects && choice.data && owned.some((item) => isRemoved(item) && item.holds_data),
  };
}
