"""The editor's canvas with many nodes, beside a bare xyflow page with the same cards and lines in the same browser.

Everything is on screen, drawn by software. A frame is what passes between two animation frames while the mouse pans;
opening is the time of all tasks longer than 50 ms from the address to a canvas that stands still.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import sign_in
from tests.perf._rows import percentile, report
from tests.support import stack as stacks
from tests.support.browser import CHROMIUM, FLAGS, at_home
from tests.support.workflows import a_node, an_edge

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
COUNTS = (200, 1000, 5000)
COLUMNS = 40
MOVES = 150

BARE = """
import { ReactFlow } from "@xyflow/react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/style.css";
const count = Number(new URLSearchParams(location.search).get("count"));
const nodes = Array.from({ length: count }, (_, n) => ({
  id: `w${n}`,
  position: { x: 260 * (n % 40), y: 110 * Math.floor(n / 40) },
  data: { label: `w${n}` },
}));
const edges = Array.from({ length: Math.floor((count - 1) / 3) }, (_, n) => ({
  id: `e${n}`,
  source: `w${3 * n}`,
  target: `w${3 * n + 1}`,
  type: "smoothstep",
}));
const flow = createElement(ReactFlow, { defaultNodes: nodes, defaultEdges: edges, fitView: true, minZoom: 0.005 });
createRoot(document.getElementById("root")).render(flow);
"""
INDEX = """<!doctype html><style>html, body, #root { height: 100%; margin: 0 }</style>
<div id="root"></div><script type="module" src="./main.ts"></script>"""

WATCH = """
window.tasks = []; window.frames = [];
new PerformanceObserver(list => list.getEntries().forEach(task => tasks.push(task.duration)))
  .observe({ entryTypes: ['longtask'] });
"""
FRAMES = """() => { frames.length = 0; let last = performance.now(); window.watching = true;
  const next = now => { frames.push(now - last); last = now; if (watching) requestAnimationFrame(next) };
  requestAnimationFrame(next); }"""
STILL = """() => new Promise(done => { let seen = -1, since = performance.now();
  const look = () => { if (tasks.length !== seen) { seen = tasks.length; since = performance.now() }
    if (performance.now() - since > 1500) done(); else setTimeout(look, 100) }; look(); })"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("counts", nargs="*", type=int, default=COUNTS)
    counts = arguments.parse_args().counts
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data_dir, bare_page() as bare, sync_playwright() as playwright:
        stack = stacks.start(Path(data_dir), sandbox=False)
        try:
            stack.register("ada@example.org")
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            for count in counts:
                workflow = stack.create_workflow(f"big-{count}", graph=a_graph(count))
                ours = measure(browser, f"{stack.url}/workflows/{workflow['id']}", stack.url)
                theirs = measure(browser, f"{bare}/index.html?count={count}")
                for name, must in (("pan", 33), ("open", 1000)):
                    bar = f"canvas_{count}_{name}"
                    report(bar, ours[name], unit="ms", must=must)
                    report(f"{bar}_bare", ours[name], max(1, theirs[name]), unit="ms")
                assert ours["seen"] == count, f"{ours['seen']} of {count} cards are on screen"
            browser.close()
        finally:
            stack.stop()


def a_graph(count: int) -> dict[str, Any]:
    nodes = [
        a_node(f"w{n}", x=260 * (n % COLUMNS), y=110 * (n // COLUMNS), image="nginx:1.27", port=80)
        for n in range(count)
    ]
    return {"nodes": nodes, "edges": [an_edge(f"w{n}", f"w{n + 1}", "after") for n in range(0, count - 1, 3)]}


def measure(browser: Browser, address: str, signed_in_at: str | None = None) -> dict[str, float]:
    context = browser.new_context(base_url=signed_in_at, viewport={"width": 1280, "height": 800})
    try:
        page = at_home(sign_in(context)) if signed_in_at else context.new_page()
        page.add_init_script(WATCH)
        page.goto(address)
        page.locator(".react-flow__node, canvas[data-cards]").first.wait_for()
        page.evaluate(STILL)
        opening = page.evaluate("tasks.reduce((sum, ms) => sum + ms, 0)")
        seen = page.evaluate("Number(document.querySelector('canvas[data-cards]')?.dataset.cards ?? -1)")
        if seen < 0:
            seen = page.locator(".react-flow__node").count()
        frames = pan(page)
        return {"open": opening, "seen": seen, "pan": percentile(frames, 0.95), "most": max(frames)}
    finally:
        context.close()


def pan(page: Page) -> list[float]:
    """Milliseconds between the frames while the mouse pans to and fro."""
    box = page.locator(".react-flow__pane").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.6, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 4, steps=4)
    page.evaluate(FRAMES)
    for move in range(MOVES):
        at = abs(move % 60 - 30)
        page.mouse.move(x - 10 * at, y + 8 * at)
    page.mouse.up()
    frames = page.evaluate("() => { watching = false; return frames }")
    return [float(ms) for ms in frames[1:]]


@contextmanager
def bare_page() -> Iterator[str]:
    """A page of xyflow alone, built by the same tools; gives its address."""
    with tempfile.TemporaryDirectory(dir=FRONTEND / "node_modules", prefix=".bare-") as folder:
        (Path(folder) / "index.html").write_text(INDEX)
        (Path(folder) / "main.ts").write_text(BARE)
        command = [str(FRONTEND / "node_modules" / ".bin" / "vite"), "build", folder, "--base", "./"]
        subprocess.run([*command, "--outDir", "dist", "--logLevel", "error"], cwd=FRONTEND, check=True)
        quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_request": lambda *_: None})
        handler = functools.partial(quiet, directory=str(Path(folder) / "dist"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


if __name__ == "__main__":
    main()
