/** How often the server is pinged; no answer by the next ping means the connection is dead. */
export const PING_MS = 10_000;

/** The time as a connection sees it; a test has its own. */
export interface Clock {
  now: () => number;
  setTimeout: (act: () => void, ms: number) => number;
  clearTimeout: (timer: number) => void;
}

/** Asks whether the other end still answers, and tells when it does not. */
export class Heartbeat {
  /** When we last heard, in ms; 0 before the first time. */
  lastHeard = 0;
  private timer: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly ping: () => void,
    private readonly onDead: () => void,
  ) {}

  heard(): void {
    this.lastHeard = this.clock.now();
  }

  start(asked: number | null = null): void {
    this.timer = this.clock.setTimeout(() => {
      // Half-open: the server is gone and no close event will come. Measured from the ping rather than by the clock
      // alone, as the timers of a tab in the background run late.
      if (asked !== null && this.lastHeard < asked) {
        this.onDead();
        return;
      }
      this.ping();
      this.start(this.clock.now());
    }, PING_MS);
  }

  stop(): void {
    if (this.timer !== null) this.clock.clearTimeout(this.timer);
    this.timer = null;
  }
}
