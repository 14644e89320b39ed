/** The server's end of the live socket, for tests: its messages reach the page as those of a real server. */
import { useTopic } from "@/realtime";

class Ear extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly readyState = Ear.OPEN;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor() {
    super();
    ears.push(this);
  }
  send(): void {}
  close(): void {}
  hear(message: unknown): void {
    const event = new MessageEvent("message", { data: JSON.stringify(message) });
    this.onmessage?.(event);
    this.dispatchEvent(event);
  }
}

const ears: Ear[] = [];
let seq = 0;

export function followedTopics(): { say: (topic: string, data: Record<string, unknown>) => void; end: () => void } {
  const real = globalThis.WebSocket;
  globalThis.WebSocket = Ear as unknown as typeof WebSocket;
  return {
    say: (topic, data) => {
      const latest = ears.at(-1);
      if (!latest) throw new Error("The page follows nothing.");
      seq += 1;
      latest.hear({ topic, epoch: "test", seq, type: seq === 1 ? "snapshot" : "delta", data });
    },
    end: () => void (globalThis.WebSocket = real),
  };
}

export function Follow({ topic }: { topic: string }) {
  useTopic(topic);
  return null;
}
