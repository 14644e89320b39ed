import { beforeEach, describe, expect, it } from "vitest";
import { delayMs } from "@/model/backoff";
import { applyMessage, NOTHING_YET, type LiveMessage, type LiveTopic } from "./liveState";
import { PING_MS } from "./heartbeat";
import { LiveSocket, POLICY_VIOLATION, RECONNECT, SIGNED_OUT, type Connection } from "./socket";

class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  tell(message: LiveMessage) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  break(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let now = 0;
let timers: { at: number; act: () => void; id: number }[] = [];
let sockets: FakeSocket[] = [];
let connections: Connection[] = [];
let topics: Map<string, LiveTopic>;
let live: LiveSocket;

function pass(ms: number) {
  const until = now + ms;
  for (;;) {
    const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    timers = timers.filter((timer) => timer !== next);
    now = next.at;
    next.act();
  }
  now = until;
}
const last = () => sockets[sockets.length - 1] as FakeSocket;

beforeEach(() => {
  now = 1_000;
  timers = [];
  sockets = [];
  connections = [];
  topics = new Map();
  let ids = 0;
  live = new LiveSocket({
    url: "ws://here/ws/live",
    onConnection: (connection) => connections.push(connection),
    onMessage: (message) => {
      if (message.type !== "pong" && message.topic)
        topics.set(message.topic, applyMessage(topics.get(message.topic) ?? NOTHING_YET, message));
    },
    placeOf: (topic) => topics.get(topic) ?? NOTHING_YET,
    world: {
      open: () => {
        const made = new FakeSocket();
        sockets.push(made);
        return made as unknown as WebSocket;
      },
      now: () => now,
      random: () => 1,
      setTimeout: (act, ms) => {
        timers.push({ at: now + ms, act, id: ++ids });
        return ids;
      },
      clearTimeout: (id) => {
        timers = timers.filter((timer) => timer.id !== id);
      },
    },
  });
});

describe("the live socket", () => {
  it("asks once for a topic that two parts of the page follow, and lets go with the last", () => {
    const first = live.subscribe("run:1");
    const second = live.subscribe("run:1");
    last().accept();
    expect(last().sent).toEqual([{ subscribe: "run:1" }]);
    first();
    first();
    expect(last().sent).toHaveLength(1);
    second();
    expect(last().sent[1]).toEqual({ unsubscribe: "run:1" });
    expect(sockets).toHaveLength(1);
  });

  it("resumes after a break where it stood", () => {
    live.subscribe("run:1");
    last().accept();
    last().tell({ type: "snapshot", topic: "run:1", epoch: "e1", seq: 7, data: { run: { rev: 1 } } });
    last().break();
    expect(connections.at(-1)).toMatchObject({ type: "waiting", since: 1_000, attempt: 1 });
    pass(400);
    last().accept();
    expect(sockets).toHaveLength(2);
    expect(last().sent).toEqual([{ subscribe: "run:1", epoch: "e1", seq: 7 }]);
    expect(connections.at(-1)).toEqual({ type: "open" });
  });

  it("waits longer each time it is refused, and starts afresh after a success", () => {
    live.subscribe("clusters");
    last().break();
    pass(400);
    last().break();
    pass(799);
    expect(sockets).toHaveLength(2);
    pass(1);
    expect(sockets).toHaveLength(3);
    last().accept();
    last().break();
    pass(400);
    expect(sockets).toHaveLength(4);
  });

  it.each([POLICY_VIOLATION, SIGNED_OUT])("says that the session is refused by %d, and does not hammer", (code) => {
    live.subscribe("clusters");
    last().break(code);
    expect(connections.at(-1)).toMatchObject({ type: "waiting", isRefused: true });
    pass(6_000);
    expect(sockets).toHaveLength(1);
    live.hurry();
    last().break();
    expect(connections.at(-1)).toMatchObject({ type: "waiting", isRefused: false });
  });

  it("comes back at once when the network does", () => {
    live.subscribe("clusters");
    last().break();
    live.hurry();
    expect(sockets).toHaveLength(2);
    live.hurry();
    expect(sockets).toHaveLength(2);
  });

  it("gives up a connection that has gone silent", () => {
    live.subscribe("clusters");
    last().accept();
    pass(PING_MS);
    expect(last().sent.at(-1)).toEqual({ ping: 1 });
    pass(PING_MS);
    expect(connections.some((connection) => connection.type === "waiting")).toBe(true);
  });

  it("keeps a connection that answers, however late the timers of a background tab run", () => {
    live.subscribe("clusters");
    last().accept();
    for (let round = 0; round < 3; round += 1) {
      pass(PING_MS);
      last().tell({ type: "pong" });
      timers = timers.map((timer) => ({ ...timer, at: timer.at + 60_000 }));
      pass(60_000);
    }
    expect(connections.some((connection) => connection.type === "waiting")).toBe(false);
  });

  it("asks again for a topic that was unavailable for a moment", () => {
    live.subscribe("clusters");
    last().accept();
    last().tell({ type: "error", topic: "clusters", data: { code: "live.unavailable", detail: "try again" } });
    pass(5_000);
    expect(last().sent).toEqual([{ subscribe: "clusters" }, { subscribe: "clusters" }]);
  });

  it("does not reconnect for topics nobody follows any more", () => {
    const letGo = live.subscribe("clusters");
    last().accept();
    letGo();
    last().break();
    pass(60_000);
    expect(sockets).toHaveLength(1);
  });
});

describe("the waits between attempts", () => {
  it("double, stay within half and all of a step, and end at the longest", () => {
    expect([1, 2, 3].map((attempt) => delayMs(RECONNECT, attempt, 1))).toEqual([400, 800, 1600]);
    expect(delayMs(RECONNECT, 3, 0)).toBe(800);
    expect(delayMs(RECONNECT, 500, 1)).toBe(20_000);
  });
});
