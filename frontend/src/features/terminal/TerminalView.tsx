import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/ui";
import { isAnswer, NOT_FOR_CONTAINERS } from "@/model/terminal";
import { Shell, type ShellPlace, type ShellState } from "./shell";

/** One tab: a terminal, and what is the matter with its connection. */
export default function TerminalView({
  place,
  remembered,
  onRemember,
  onAgain,
}: {
  place: ShellPlace;
  /** The shell to attach to. */
  remembered: string | null;
  onRemember: (id: string | null) => void;
  /** A new shell in the place of this one, with an image in a container of its own. */
  onAgain: (debug?: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<ShellState>({ type: "connecting" });
  const remember = useRef(onRemember);
  useEffect(() => {
    remember.current = onRemember;
  });
  const first = useRef(remembered);
  const { cluster, namespace, pod, container, debug } = place;
  const [image, setImage] = useState("busybox:1.37");
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const terminal = new Terminal({
      fontFamily: style.getPropertyValue("--font-mono") || "monospace",
      fontSize: 13,
      scrollback: 10_000,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      screenReaderMode: true,
      theme: {
        background: style.getPropertyValue("--term-bg").trim(),
        foreground: style.getPropertyValue("--term-text").trim(),
        cursor: style.getPropertyValue("--term-name").trim(),
      },
    });
    // What runs in the container sets no links, no clipboard and no title of this page.
    for (const code of NOT_FOR_CONTAINERS) terminal.parser.registerOscHandler(code, () => true);
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(element);
    fit.fit();
    let replaying = 0;
    const shell = new Shell({
      place: { cluster, namespace, pod, container, debug },
      id: first.current,
      size: () => ({ columns: terminal.cols, rows: terminal.rows }),
      onOutput: (bytes, isOld) => {
        if (isOld) replaying += 1;
        terminal.write(bytes, () => {
          if (isOld) replaying -= 1;
        });
      },
      onState: setState,
      onId: (id) => {
        first.current = id;
        remember.current(id);
      },
      onAnew: () => terminal.reset(),
    });
    // Questions of programs were answered when they were printed; an answer now would be typed into the shell.
    const typed = terminal.onData((text) => {
      if (replaying === 0 || !isAnswer(text)) shell.type(text);
    });
    const resized = terminal.onResize(() => shell.resize());
    const watch = new ResizeObserver(() => fit.fit());
    watch.observe(element);
    terminal.focus();
    return () => {
      watch.disconnect();
      typed.dispose();
      resized.dispose();
      shell.leave();
      terminal.dispose();
    };
  }, [cluster, namespace, pod, container, debug]);
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-term text-term-text">
      {state.type !== "open" && (
        <div
          role="status"
          className="flex min-h-9 shrink-0 flex-wrap items-center gap-3 border-b border-term-line px-3 py-1 text-12"
        >
          {state.type === "ended" ? (
            <>
              <span className="text-term-warn">
                {state.code === "no_shell"
                  ? "There is no shell in this container: its image has none. A container with one can be added beside it: it sees the same processes, ends with its shell, and stays listed in the pod until the pod goes."
                  : state.words}
              </span>
              {state.code !== "pod.simulated" && (
                <Button size="sm" onClick={() => onAgain(debug)}>
                  Open a new shell
                </Button>
              )}
              {state.code === "no_shell" && (
                <form
                  className="flex items-center gap-2"
                  onSubmit={(event) => {
                    event.preventDefault();
                    if (image.trim()) onAgain(image.trim());
                  }}
                >
                  <input
                    value={image}
                    onChange={(event) => setImage(event.target.value)}
                    aria-label="Image with a shell"
                    className="h-7 w-48 rounded-sm border border-term-line bg-transparent px-2 font-mono text-12 text-term-text"
                  />
                  <Button size="sm" type="submit">
                    Debug beside it
                  </Button>
                </form>
              )}
            </>
          ) : (
            <span className="text-term-muted">
              {state.type === "connecting" ? "Connecting…" : "The connection is lost; the shell goes on. Trying again…"}
            </span>
          )}
        </div>
      )}
      <div ref={box} data-testid="terminal" className="min-h-0 flex-1 overflow-hidden p-2" />
    </div>
  );
}
