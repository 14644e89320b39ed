import { delayMs, type Backoff } from "@/model/backoff";
import { Heartbeat, type Clock } from "./heartbeat";
import type { LiveMessage } from "./liveState";

/** Between 0.2 and 0.4 s at first, between 10 and 20 s at last. */
export const RECONNECT: Backoff = { firstMs: 200, mostMs: 10_000, jitter: 1 };

export type Connection =
  | { type: "idle" }
  /** `since` is when we last heard, in ms; null before the first time. */
  | { type: "connecting"; attempt: number; since: number | null }
  | { type: "open" }
  /** `isRefused`: the server no longer knows the session. */
  | { type: "waiting"; since: number; attempt: number; retryAt: number; isRefused: boolean };

export interface Place {
  epoch: string | null;
  seq: number;
}
export interface SocketWorld extends Clock {
  open: (url: string) => WebSocket;
  random: () => number;
}
export interface SocketOptions {
  url: string;
  onMessage: (message: LiveMessage) => void;
  onConnection: (connection: Connection) => void;
  /** The last position received of a topic, so that the server sends only what is missing. */
  placeOf: (topic: string) => Place;
  world: SocketWorld;
}

/** The close codes of the server: for who is not signed in, and for whose session ends while connected. */
export const POLICY_VIOLATION = 1008;
export const SIGNED_OUT = 4401;
const RETRY_TOPIC = "live.unavailable";

/**
 * The WebSocket of the page. Follows topics while they have subscribers; after an interruption it resumes where it
 * stopped.
 */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private readonly topics = new Map<string, number>();
  private attempt = 0;
  private downSince = 0;
  private retryTimer: number | null = null;
  private readonly topicTimers = new Map<string, number>();

  private readonly heartbeat: Heartbeat;

  constructor(private readonly options: SocketOptions) {
    this.heartbeat = new Heartbeat(
      options.world,
      () => this.say({ ping: 1 }),
      () => this.lost(0),
    );
  }

  /** Follows a topic; call the returned function to stop. */
  subscribe(topic: string): () => void {
    const count = this.topics.get(topic) ?? 0;
    this.topics.set(topic, count + 1);
    if (count === 0) this.askFor(topic);
    if (!this.socket && this.retryTimer === null) this.connect();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.topics.get(topic) ?? 1) - 1;
      if (left > 0) {
        this.topics.set(topic, left);
        return;
      }
      this.topics.delete(topic);
      this.clearTopicTimer(topic);
      this.say({ unsubscribe: topic });
    };
  }

  /** Reconnects at once: the network is back, the page is visible again, or the person has signed in again. */
  hurry(): void {
    if (this.retryTimer === null || this.topics.size === 0) return;
    this.options.world.clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.connect();
  }

  /** Stops following everything (signed out). */
  close(): void {
    this.topics.clear();
    this.stopTimers();
    this.drop();
    this.attempt = 0;
    this.options.onConnection({ type: "idle" });
  }

  private connect(): void {
    this.options.onConnection({
      type: "connecting",
      attempt: this.attempt,
      since: this.attempt > 0 ? this.downSince : null,
    });
    const socket = this.options.world.open(this.options.url);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.heartbeat.heard();
      this.options.onConnection({ type: "open" });
      for (const topic of this.topics.keys()) this.askFor(topic);
      this.heartbeat.start();
    };
    socket.onmessage = (event) => {
      this.heartbeat.heard();
      const message = JSON.parse(String(event.data)) as LiveMessage;
      if (message.type === "error" && message.topic && message.data.code === RETRY_TOPIC) this.askLater(message.topic);
      this.options.onMessage(message);
    };
    socket.onclose = (event) => this.lost(event.code);
  }

  private lost(code: number): void {
    this.drop();
    this.stopTimers();
    if (this.topics.size === 0) {
      this.options.onConnection({ type: "idle" });
      return;
    }
    const { world } = this.options;
    if (this.attempt === 0) this.downSince = this.heartbeat.lastHeard || world.now();
    this.attempt += 1;
    const isRefused = code === POLICY_VIOLATION || code === SIGNED_OUT;
    // Retrying does not help a refused session: start with long waits.
    const wait = delayMs(RECONNECT, isRefused ? this.attempt + 4 : this.attempt, world.random());
    this.retryTimer = world.setTimeout(() => {
      this.retryTimer = null;
      this.connect();
    }, wait);
    this.options.onConnection({
      type: "waiting",
      since: this.downSince,
      attempt: this.attempt,
      retryAt: world.now() + wait,
      isRefused,
    });
  }

  private askFor(topic: string): void {
    const { epoch, seq } = this.options.placeOf(topic);
    this.say(epoch === null ? { subscribe: topic } : { subscribe: topic, epoch, seq });
  }

  private askLater(topic: string): void {
    this.clearTopicTimer(topic);
    const { world } = this.options;
    const timer = world.setTimeout(
      () => {
        this.topicTimers.delete(topic);
        if (this.topics.has(topic)) this.askFor(topic);
      },
      delayMs(RECONNECT, 4, world.random()),
    );
    this.topicTimers.set(topic, timer);
  }

  private say(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private stopTimers(): void {
    const { clearTimeout } = this.options.world;
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.heartbeat.stop();
    for (const topic of [...this.topicTimers.keys()]) this.clearTopicTimer(topic);
  }

  private clearTopicTimer(topic: string): void {
    const timer = this.topicTimers.get(topic);
    if (timer === undefined) return;
    this.options.world.clearTimeout(timer);
    this.topicTimers.delete(topic);
  }
}
