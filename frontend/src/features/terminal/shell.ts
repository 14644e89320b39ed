import { delayMs, type Backoff } from "@/model/backoff";

const AGAIN: Backoff = { firstMs: 200, mostMs: 5_000, jitter: 1 };
const PIECE = 16 * 1024;
/** Input is kept so little ahead of what the cluster took, however much is pasted. */
const AHEAD = 128 * 1024;
/** Proxies close what is silent for a minute; the server pings, and this is for those that count only what we send. */
const SIZE_EVERY_MS = 20_000;
const SETTLED_MS = 100;
const ELSEWHERE = 4410;
const FINAL = new Set([4401, 4403, 4029, 1008, 4008, 4009]);

export interface ShellPlace {
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  /** The image of a container that is added beside this one, for a shell that it has not. */
  debug?: string | undefined;
}
export type ShellState =
  | { type: "connecting" }
  | { type: "open"; container: string }
  | { type: "waiting" }
  | { type: "ended"; words: string; code: string };

interface Options {
  place: ShellPlace;
  /** Of a shell that is there already. */
  id: string | null;
  size: () => { columns: number; rows: number };
  /** `isOld`: it was printed before this page looked at the shell, which has been answered already. */
  onOutput: (bytes: Uint8Array, isOld: boolean) => void;
  onState: (state: ShellState) => void;
  /** The id to attach with again, null once the shell has ended. */
  onId: (id: string | null) => void;
  /** What was shown is to be cleared: all of it comes again. */
  onAnew: () => void;
}

const REASONS: Record<string, string> = {
  idle: "The shell was closed, since nothing was typed for 30 minutes.",
  alone: "The shell was closed, since nobody looked at it for 10 minutes.",
  too_long: "The shell was closed after 8 hours.",
  revoked: "The shell was closed: you may not use it any more.",
  changed: "The shell was closed: your access to the cluster, or its credentials, have changed. Open a new one.",
  closed: "The shell was closed.",
};

function newSocket(): WebSocket {
  const address = new URL("/ws/exec", window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address);
}

/** Ends a shell that is not shown. */
export function endShell(id: string): void {
  const socket = newSocket();
  socket.onopen = () => {
    socket.send(JSON.stringify({ attach: id, after: Number.MAX_SAFE_INTEGER }));
    socket.send(JSON.stringify({ close: true }));
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string" && /"(ended|refused)"/.test(data)) socket.close();
  };
}

/** One shell, through lost connections: it attaches again, and shows what was printed meanwhile. */
export class Shell {
  private socket: WebSocket | null = null;
  private id: string | null;
  private at = 0;
  private until = 0;
  private attempt = 0;
  private sent = 0;
  private took = 0;
  private waiting: Uint8Array[] = [];
  private stopped = false;
  private timer: number | undefined;
  private resizing: number | undefined;
  private readonly beat: number;

  constructor(private readonly options: Options) {
    this.id = options.id;
    this.beat = window.setInterval(() => this.resize(), SIZE_EVERY_MS);
    this.connect();
  }

  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let start = 0; start < bytes.length; start += PIECE) this.waiting.push(bytes.slice(start, start + PIECE));
    this.push();
  }

  /** Told once it has not changed for a moment. */
  resize(): void {
    window.clearTimeout(this.resizing);
    this.resizing = window.setTimeout(() => this.tell({ resize: this.options.size() }), SETTLED_MS);
  }

  /** Stops looking at it. */
  leave(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.resizing);
    window.clearInterval(this.beat);
    this.socket?.close();
  }

  private connect(): void {
    this.options.onState({ type: "connecting" });
    const socket = (this.socket = newSocket());
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      const size = this.options.size();
      this.tell(this.id ? { attach: this.id, after: this.at, ...size } : { open: this.options.place, ...size });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.hear(JSON.parse(data) as Record<string, unknown>);
      else {
        const isOld = this.at < this.until;
        this.at += data.byteLength;
        this.options.onOutput(new Uint8Array(data), isOld);
      }
    };
    socket.onclose = ({ code, reason }) => {
      if (this.stopped || socket !== this.socket) return;
      if (code === ELSEWHERE) this.end("The shell was opened in another tab.", "elsewhere");
      else if (FINAL.has(code)) this.end(reason || "The server closed the connection.", "closed");
      else {
        this.attempt += 1;
        this.options.onState({ type: "waiting" });
        this.timer = window.setTimeout(() => this.connect(), delayMs(AGAIN, this.attempt, Math.random()));
      }
    };
  }

  private hear(said: Record<string, unknown>): void {
    switch (said.type) {
      case "opened": {
        this.attempt = 0;
        const isAnew = this.id === null || this.at === 0 || Number(said.lost) > 0;
        if (isAnew) this.options.onAnew();
        this.id = String(said.id);
        this.at = Number(said.at);
        this.until = Number(said.until);
        // What was sent and not taken when the connection was lost may have arrived or not: it is not sent again.
        this.sent = this.took = Number(said.took);
        this.options.onId(this.id);
        this.options.onState({ type: "open", container: String(said.container) });
        this.push();
        break;
      }
      case "took":
        this.took = Number(said.bytes);
        this.push();
        break;
      case "lost":
        this.at += Number(said.bytes);
        break;
      case "ended": {
        const code = said.exit_code;
        const words =
          REASONS[String(said.reason)] ??
          (typeof code === "number" && !/executable file not found|no such file/.test(String(said.detail))
            ? `The shell has ended with exit code ${code}.`
            : String(said.detail));
        this.end(words, /executable file not found|no such file/.test(String(said.detail)) ? "no_shell" : "ended");
        break;
      }
      case "refused":
        if (said.code === "terminal.not_found" && this.id) {
          this.id = null;
          this.at = 0;
          this.options.onId(null);
          this.end(String(said.detail), "gone");
        } else this.end(String(said.detail), String(said.code));
    }
  }

  private push(): void {
    while (this.waiting.length > 0 && this.socket?.readyState === WebSocket.OPEN && this.id) {
      const piece = this.waiting[0];
      if (!piece || this.sent + piece.length - this.took > AHEAD) return;
      this.waiting.shift();
      this.sent += piece.length;
      this.socket.send(piece as Uint8Array<ArrayBuffer>);
    }
  }

  private tell(command: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command));
  }

  private end(words: string, code: string): void {
    this.options.onId(null);
    this.options.onState({ type: "ended", words, code });
    this.leave();
  }
}
