/** A diagnosis asks the cluster for a dozen lists; it is asked for anew while somebody looks at it, this often. */
export const OLD_AFTER_MS = 30_000;
