export const FIRST_WAIT_MS = 400;
export const LONGEST_WAIT_MS = 20_000;

/** How long to wait before attempt `attempt` (from 1), between half and all of a doubling step. `random` is 0…1. */
export function backoff(attempt: number, random: number): number {
  const step = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(step * (0.5 + random / 2));
}
