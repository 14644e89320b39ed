/** Lists of drift, and what is known of one node's. */
export const driftKey = ["drift"] as const;
/** Fields that environments leave to others. */
export const leftKey = ["left to others"] as const;
