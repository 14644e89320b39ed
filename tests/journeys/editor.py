"""The editor as a person's hands and eyes know it: roles, labels and words, no insides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stack import Stack


@dataclass(slots=True)
class Editor:
    """One open workflow in one browser tab."""

    page: Page
    stack: Stack
    workflow_id: str

    # --- what is there ---

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_role("application", name="Canvas")

    @property
    def inspector(self) -> Locator:
        return self.page.get_by_role("complementary", name="Inspector")

    @property
    def drawer(self) -> Locator:
        return self.page.get_by_role("region", name="Problems and runs")

    @property
    def run_button(self) -> Locator:
        return self.page.get_by_role("button", name="Run", exact=True)

    def card(self, name: str, kind: str) -> Locator:
        """A node's card, by its name and the label of its kind."""
        return self.canvas.get_by_role("group", name=re.compile(f"^{re.escape(f'{name}, {kind}')}(,|$)"))

    @property
    def cards(self) -> Locator:
        return self.canvas.locator(".react-flow__node")

    @property
    def lines(self) -> Locator:
        return self.canvas.locator(".react-flow__edge")

    def graph(self) -> dict[str, Any]:
        """What the server has, without what changes by itself."""
        graph = self.stack.api("GET", f"/api/v1/workflows/{self.workflow_id}/graph").body
        return {
            "nodes": sorted(graph["nodes"], key=lambda node: str(node["id"])),
            "edges": sorted(graph["edges"], key=lambda edge: str(edge["id"])),
        }

    def drawn(self) -> dict[str, Any]:
        """What the canvas shows: every card with its place, every line with its ends."""
        return dict(
            self.canvas.evaluate(
                """canvas => ({
                  nodes: [...canvas.querySelectorAll('.react-flow__node')]
                    .map(node => [node.dataset.id, node.firstElementChild.dataset.node, node.style.transform]).sort(),
                  edges: [...canvas.querySelectorAll('.react-flow__edge')]
                    .map(edge => [edge.dataset.id, edge.querySelector('[data-relation]').dataset.relation]).sort(),
                })"""
            )
        )

    def size(self) -> tuple[int, int]:
        graph = self.graph()
        return len(graph["nodes"]), len(graph["edges"])

    def wait_size(self, before: tuple[int, int], *, nodes: int = 0, edges: int = 0) -> None:
        """The edit is saved and the canvas stands still. (A card outside the window is not in the page.)"""
        wanted = before[0] + nodes, before[1] + edges
        until(lambda: self.size() == wanted, every_s=0.05, what=f"{wanted} nodes and lines are saved")
        self.settle()

    # --- getting about ---

    def open(self) -> Editor:
        self.page.goto(f"/workflows/{self.workflow_id}")
        expect(self.canvas).to_be_visible()
        return self

    def focus_canvas(self) -> None:
        """The selection let go, the canvas under the keys."""
        self.canvas.focus()
        self.page.keyboard.press("Escape")

    def fit(self) -> None:
        self.focus_canvas()
        self.page.keyboard.press("f")
        self.settle()

    def settle(self) -> None:
        """Wait until the canvas stands still: its place is the same in a row of frames."""
        self.page.evaluate(
            """() => new Promise(done => {
              const pane = document.querySelector('.react-flow__viewport');
              let last = '', still = 0;
              const look = () => {
                still = pane.style.transform === last ? still + 1 : 0;
                last = pane.style.transform;
                if (still > 15) done(); else requestAnimationFrame(look);
              };
              look();
            })"""
        )

    def choose(self, name: str, kind: str) -> Locator:
        """Select a node by click; gives the inspector."""
        card = self.card(name, kind)
        card.click(position={"x": 110, "y": 12})
        expect(self.inspector.get_by_label("Name", exact=True).first).to_have_value(name)
        self.settle()
        return self.inspector

    def choose_only(self, name: str, kind: str) -> None:
        """Select a node by keyboard."""
        self.focus_canvas()
        self.card(name, kind).focus()
        self.page.keyboard.press("Enter")
        expect(self.inspector.get_by_label("Name", exact=True).first).to_have_value(name)

    def tab(self, name: str) -> None:
        self.inspector.get_by_role("tab", name=name).click()

    # --- drawing ---

    def add_by_keyboard(self, words: str) -> None:
        before = self.size()
        self.focus_canvas()
        self.page.keyboard.press("/")
        self.page.get_by_role("searchbox", name="Find a kind").fill(words)
        self.page.keyboard.press("Enter")
        self.wait_size(before, nodes=1)

    def add_by_drag(self, kind: str, x: float, y: float) -> None:
        """From the palette to a place on the canvas, in pixels from its top left."""
        before = self.size()
        entry = self.page.get_by_role("navigation", name="Kinds").get_by_role("button", name=kind, exact=True)
        entry.drag_to(self.canvas, target_position={"x": x, "y": y})
        self.wait_size(before, nodes=1)

    def start_line(self, name: str, kind: str) -> None:
        """Press on the handle a line starts from, and pull a little."""
        card = self.card(name, kind)
        card.hover()
        box = card.locator(".react-flow__handle.source").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 30, box["y"] + 12, steps=4)

    def drop_on(self, name: str, kind: str) -> None:
        box = self.card(name, kind).bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
        self.page.mouse.up()

    def draw_line(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        before = self.size()
        self.start_line(*source)
        self.drop_on(*target)
        self.wait_size(before, edges=1)

    def connect_by_keyboard(self, source: tuple[str, str], target: str, relation: str | None = None) -> None:
        before = self.size()
        self.choose_only(*source)
        self.page.keyboard.press("c")
        dialog = self.page.get_by_role("dialog", name=f"Connect {source[0]}")
        dialog.get_by_role("searchbox").fill(target)
        expect(dialog.get_by_role("button", name=target)).to_have_attribute("aria-current", "true")
        self.page.keyboard.press("Enter")
        if relation is not None:
            menu = self.page.get_by_role("menu", name="Which relation")
            expect(menu).to_be_focused()
            self.page.keyboard.type(relation)
            expect(menu.get_by_role("menuitem", name=relation)).to_be_focused()
            self.page.keyboard.press("Enter")
        self.wait_size(before, edges=1)

    # --- forms ---

    def section(self, label: str) -> None:
        """Open a section of the form if it is folded."""
        head = self.inspector.get_by_role("button", name=label, exact=True)
        if head.get_attribute("aria-expanded") == "false":
            head.click()

    def fill(self, label: str, value: str) -> None:
        field = self.field(label)
        field.fill(value)
        field.blur()

    def field(self, label: str) -> Locator:
        """By its label; a required one carries a star."""
        return self.inspector.get_by_label(re.compile(rf"^{re.escape(label)}\*?$")).first

    # --- saving and running ---

    def wait_saved(self) -> None:
        expect(self.page.get_by_role("status").filter(has_text=re.compile(r"^saved"))).to_be_visible()

    def run(self) -> None:
        self.wait_saved()
        expect(self.run_button).not_to_have_attribute("aria-disabled", "true")
        self.run_button.click()

    @property
    def progress(self) -> Locator:
        """The one line of the run that is shown in the drawer."""
        return self.drawer.get_by_role("status").first

    def wait_run(self, number: int, word: str) -> None:
        toolbar = self.drawer.get_by_role("toolbar", name="Drawer")
        expect(toolbar.get_by_role("button", name=f"Run #{number} {word}")).to_be_visible()

    def health(self, name: str, kind: str, word: str) -> None:
        """Wait until the glyph of the card says `word`."""
        expect(self.card(name, kind).get_by_role("img", name=word, exact=True)).to_be_visible()

    def status_text(self) -> Locator:
        self.tab("Status")
        return self.inspector.get_by_role("region", name="Health")

    # --- the server's side ---

    def runs(self) -> list[dict[str, Any]]:
        return list(self.stack.api("GET", f"/api/v1/workflows/{self.workflow_id}/runs").body["results"])

    def start_run(self, **options: Any) -> dict[str, Any]:
        """Through the API: where the journey is about what comes after."""
        row = self.stack.api("GET", f"/api/v1/workflows/{self.workflow_id}").body
        answer = self.stack.api(
            "POST",
            f"/api/v1/workflows/{self.workflow_id}/runs",
            {"environment": row["environments"][0]["id"], **options},
        )
        assert answer.status == 202, answer
        return dict(answer.body)

    def run_to_the_end(self) -> dict[str, Any]:
        run = self.start_run()

        def ended() -> dict[str, Any] | None:
            row = dict(self.stack.api("GET", f"/api/v1/runs/{run['id']}").body)
            assert row["state"] not in ("failed", "canceled"), row
            return row if row["state"] == "succeeded" else None

        return dict(until(ended, every_s=0.2, what="the run succeeded") or {})


def a_workflow(
    stack: Stack, name: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """A drawn workflow in the sandbox, in a namespace called as it is."""
    answer = stack.api(
        "POST",
        "/api/v1/workflows",
        {
            "name": name,
            "graph": {"nodes": nodes, "edges": edges or []},
            "environment": {"name": "sandbox", "cluster": stack.sandbox()["id"], "namespace": name},
        },
    )
    assert answer.status == 201, answer
    return dict(answer.body)
