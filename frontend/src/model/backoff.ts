/**
 * How long to wait before trying again: one rule for saving, the live socket and requests (as
 * kubeorch/base/backoff.py).
 */

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  /** A delay d is drawn from d to d · (1 + jitter), so that pages that failed together do not return together. */
  readonly jitter?: number;
}

/** Milliseconds to wait after failed attempt number `attempt`, from 1; doubled each time. `dice` is 0…1. */
export function delayMs({ firstMs, mostMs, jitter = 0 }: Backoff, attempt: number, dice = 0): number {
  // Past 64 doublings every policy is at its longest; a float would overflow at 1024.
  const grown = firstMs * 2 ** Math.min(attempt - 1, 64);
  return Math.round(Math.min(grown, mostMs) * (1 + jitter * dice));
}
