import { delayMs, type Backoff } from "@/model/backoff";

const AGAIN: Backoff = { firstMs: 300, mostMs: 10_000, jitter: 1 };
/** The server sends something every 15 s; longer silence is a dead connection. */
const SILENCE_MS = 40_000;

export interface StreamEvent {
  name: string;
  data: unknown;
}
export type StreamState = "connecting" | "open" | "waiting" | "over" | { code: string; detail: string };

/**
 * Follows an event stream, and goes on from the last event's id after an interruption, until the returned function is
 * called. Refusals end it. While the tab is hidden for a minute it rests, since a browser holds few such connections.
 */
export function followEvents(
  url: string,
  onEvent: (event: StreamEvent) => void,
  onState: (state: StreamState) => void,
): () => void {
  let lastId = "";
  let attempt = 0;
  let stopped = false;
  let connection: AbortController | null = null;
  let timer: number | undefined;

  const say = (state: StreamState) => {
    if (!stopped) onState(state);
  };
  const again = () => {
    if (stopped) return;
    attempt += 1;
    say("waiting");
    timer = window.setTimeout(() => void run(), delayMs(AGAIN, attempt, Math.random()));
  };
  const end = (state: StreamState) => {
    say(state);
    stopped = true;
  };

  async function run(): Promise<void> {
    const own = (connection = new AbortController());
    let silence = window.setTimeout(() => own.abort(), SILENCE_MS);
    say("connecting");
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId) headers["Last-Event-ID"] = lastId;
      const response = await fetch(url, { headers, credentials: "same-origin", signal: own.signal });
      if (!response.ok || !response.body) {
        if (response.status >= 500 || response.status === 429) return again();
        const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
        return end({
          code: problem.code ?? "http.unexpected",
          detail: problem.detail ?? `the server answered ${response.status}`,
        });
      }
      say("open");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parse = parser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        window.clearTimeout(silence);
        silence = window.setTimeout(() => own.abort(), SILENCE_MS);
        for (const { id, ...event } of parse(value)) {
          attempt = 0;
          if (id) lastId = id;
          if (stopped) return;
          if (event.name === "complete") return end("over");
          if (event.name === "refused") return end(event.data as { code: string; detail: string });
          onEvent(event);
        }
      }
      again();
    } catch {
      // The network failed, or the connection was silent: the same cure.
      if (!own.signal.aborted || !resting) again();
    } finally {
      window.clearTimeout(silence);
    }
  }

  let resting = false;
  let hidden: number | undefined;
  const onVisibility = () => {
    window.clearTimeout(hidden);
    if (document.hidden)
      hidden = window.setTimeout(() => {
        resting = true;
        window.clearTimeout(timer);
        connection?.abort();
      }, 60_000);
    else if (resting) {
      resting = false;
      if (!stopped) void run();
    }
  };
  document.addEventListener("visibilitychange", onVisibility);
  void run();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
    window.clearTimeout(hidden);
    document.removeEventListener("visibilitychange", onVisibility);
    connection?.abort();
  };
}

/** Text of a stream in pieces → the events that are complete. */
export function parser(): (piece: string) => (StreamEvent & { id: string })[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      let id = "";
      let name = "message";
      let data = "";
      for (const line of block.split("\n")) {
        const at = line.indexOf(": ");
        const [field, value] = at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 2)];
        if (field === "id") id = value;
        else if (field === "event") name = value;
        else if (field === "data") data += value;
      }
      return data ? [{ id, name, data: JSON.parse(data) as unknown }] : [];
    });
  };
}
