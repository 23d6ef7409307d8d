"""Attack a public server with many visitors, then kill a local one again and again: `python -m tests.siege`.

The visitors upload, store, edit, save, train, reload and come back, and all the while they ask for what belongs to
others, send what no page sends, and hold connections half open. Then `tests/faults/killing.py` kills a server with a
training, edits and saves in flight. Prints figures, and ends with 1 and says why where something was broken.
"""

import argparse
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx

from editor.models.editing_model import EditingModel
from editor.pairs.store import PairStore
from editor.training.checkpoint import save_weights
from editor.training.run_folder import RunFolder
from editor.ui.tabs.timeline import ALL_PREVIEWS
from editor.workspace import Visitors, Workspace
from tests.conftest import TINY, draw_toy_pair, fill_with_toy_pairs
from tests.faults.killing import png, survive
from tests.faults.sentences import check_sentence
from tests.faults.server import Answer, Page, Server, serving

PATIENCE = 120  # seconds for an answer: thirty people and a training share the cores
HELD = 3  # half-open connections of each visitor
TEMPLATE_PAIRS = 3
MAX_PAIRS = 20  # of a visitor; further ones go into the trash
TRAINING_MINUTES = 0.05


class Siege:
    """What the visitors have met so far. Shared by their threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()  # sentences about what must not be
        self.looks: list[float] = []  # seconds
        self.files: dict[str, bytes] = {}  # uploads of everybody
        self.pages: set[str] = set()  # ids of pages of everybody

    def note(self, what: str, number: int = 1) -> None:
        """Count something."""
        with self.lock:
            self.counts[what] += number

    def require(self, is_right: bool, sentence: str) -> None:
        """Note a sentence where something is not as it must be."""
        if not is_right:
            with self.lock:
                self.broken[sentence[:300]] += 1


class Visitor:
    """One of them, with a cookie of their own."""

    def __init__(self, siege: Siege, number: int) -> None:
        self.siege, self.choose, self.number = siege, random.Random(number), number
        self.page = Page(siege.server.url, patience=PATIENCE)
        self.page.http.get("/")
        self.stored = 0  # pairs whose storing the app has confirmed
        self.sessions: set[str] = set()  # ids of their own pages
        self.own: set[str] = set()  # files that were uploaded
        self.held: list[socket.socket] = []

    def visit(self, end: float) -> None:
        """Go on until then."""
        ways = (self.look, self.look, self.store, self.store, self.edit, self.save, self.train, self.reload)
        while time.monotonic() < end:
            way = self.choose.choice((*ways, self.peep, self.forge, self.hold_open))
            try:
                way()
            except (httpx.TransportError, AssertionError) as error:
                self.siege.require(False, f"{way.__name__}: {error!r}")
        for connection in self.held:
            connection.close()

    def call(self, event: str, data: list, **more) -> bool:
        """Send an event; whatever is refused must be refused in a sentence."""
        return self.answered(self.page.call(event, data, **more))

    def answered(self, answer: Answer) -> bool:
        """Note the answer to an event."""
        self.siege.note("events")
        if not answer.success:
            self.siege.note("refused in a sentence")
            check_sentence(answer.error)
        return answer.success

    def look(self) -> None:
        start = time.monotonic()
        if self.call("poll_page", [None] * len(self.page.events[self.page.named("poll_page")]["inputs"])):
            with self.siege.lock:
                self.siege.looks.append(time.monotonic() - start)
                self.siege.pages.add(self.page.session)
            self.sessions.add(self.page.session)

    def upload(self, data: bytes) -> str:
        response = self.page.http.post("/gradio_api/upload", files={"files": ("same.png", data)})
        if response.status_code != 200:
            check_sentence(response.text)
            raise Refused
        (path,) = response.json()
        self.own.add(path)
        with self.siege.lock:
            self.siege.counts["uploads"] += 1
            self.siege.files[path] = data
        return path

    def store(self) -> None:
        with suppress(Refused):
            sides = draw_toy_pair(self.choose.randrange(5), 64)  # the same files for all
            names = ("source/pair.png", "target/pair.png")
            files = [{"path": self.upload(png(side)), "name": name} for side, name in zip(sides, names)]
            if self.call("add_files", ["toy", None], event_data={"files": files}):
                self.siege.note("pairs stored")
                self.stored += 1
        for pair in PairStore(self.folder / "effects" / "toy").pairs()[MAX_PAIRS:]:
            self.call("change_pair", ["toy"], event_data={"name": pair.name, "action": "remove"})

    @property
    def folder(self) -> Path:
        """Their workspace."""
        return self.siege.server.workspace / "visitors" / Visitors.name_of(self.page.http.cookies["pairbrush"])

    def check(self) -> None:
        """See whether every pair that was said to be stored is there, in the effect or in the trash."""
        stores = [PairStore(path) for path in (self.folder / "effects" / "toy", *self.folder.glob("trash/*/content"))]
        found = sum(len(store.pairs()) for store in stores)
        self.siege.require(all(not store.problems() for store in stores), "a pair has lost a side")
        self.siege.require(found == self.stored + TEMPLATE_PAIRS, f"{found} pairs of {self.stored + TEMPLATE_PAIRS}")

    def edit(self) -> None:
        with suppress(Refused):
            photo = self.upload(png(draw_toy_pair(self.choose.randrange(99), 96)[0]))
            self.call("drop", [None, None], event_data={"files": [{"path": photo, "name": "photo.png"}]})
            self.call("edit", [None] * len(self.page.events[self.page.named("edit")]["inputs"]))

    def save(self) -> None:
        """Save all edits, and the story of a run."""
        for ask in (
            self.page.save_all,
            partial(self.page.call, "save_timeline", [None, "gif", ALL_PREVIEWS]),
        ):
            if self.answered(ask()):
                self.siege.note("saves")

    def train(self) -> None:
        if self.call("start_training", self.page.start_data(minutes=TRAINING_MINUTES)):
            self.siege.note("trainings")
        if self.choose.random() < 0.5:
            self.call("stop_training", [None])

    def reload(self) -> None:
        """Open the page anew; the cookie stays."""
        self.page.session = uuid4().hex
        self.page.http.get("/")
        self.look()

    def peep(self) -> None:
        """Ask for what belongs to others."""
        with self.siege.lock:
            files = [path for path in self.siege.files if path not in self.own]
            pages = [page for page in self.siege.pages if page not in self.sessions]
        for path in self.choose.sample(files, min(3, len(files))):
            response = self.page.http.get(f"/gradio_api/file={path}")
            self.siege.require(response.status_code in (403, 404), "somebody else's file was served")
            self.siege.note("files of others refused")
        for page in self.choose.sample(pages, min(3, len(pages))):
            for way in (f"queue/data?session_hash={page}", f"call/x/{page}"):
                with self.page.http.stream("GET", f"/gradio_api/{way}") as response:
                    is_nothing = response.status_code == 404 or b"session_not_found" in next(response.iter_bytes())
                self.siege.require(is_nothing, f"somebody else's {way.partition('/')[0]} was served")
                self.siege.note("pages of others refused")

    def forge(self) -> None:
        """Send what no page sends."""
        headers = {"content-type": "application/json"}
        for body in (b"{", b"[" * 50_000, b'{"session_hash": ["a"]}', b'{"data": [], "fn_index": 1e99}', b"\xff"):
            path = self.choose.choice(["queue/join", "cancel", "reset", "upload", "component_server"])
            response = self.page.http.post(f"/gradio_api/{path}", content=body, headers=headers)
            is_refused = 400 <= response.status_code < 500 or response.status_code == 507  # their workspace is full
            self.siege.require(is_refused, f"{path} answered {response.status_code}")
            self.siege.require("Traceback" not in response.text, f"{path} told of the code")
            self.siege.note("forged requests")

    def hold_open(self) -> None:
        """Begin requests and do not end them."""
        for connection in self.held:
            connection.close()
        address = httpx.URL(self.siege.server.url)
        self.held = [socket.create_connection((address.host, address.port), timeout=PATIENCE) for _ in range(HELD)]
        for connection in self.held:
            with suppress(OSError):
                connection.sendall(b"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        self.siege.note("half-open requests", HELD)


class Refused(Exception):
    """An upload was refused in a sentence."""


def attack(visitors: int, minutes: float) -> list[str]:
    """Let visitors come for some minutes, print what they met, and return one sentence for everything broken."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        template = Workspace(root / "template")
        with template.open():
            effect = template.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, TEMPLATE_PAIRS))
            store = template.store(effect.slug)
            run = RunFolder.create(template.runs_dir / "known", config=TINY, store=store, effect="Toy")
            save_weights(run.weights_path, EditingModel(run.config), step=1)  # that nobody trained, but that edit
        with serving(root, "--public") as server:
            siege = Siege(server)
            people = [Visitor(siege, number) for number in range(visitors)]
            start = _measure(server)
            end = time.monotonic() + 60 * minutes
            with ThreadPoolExecutor(visitors) as pool:
                list(pool.map(lambda visitor: visitor.visit(end), people))
            after = _measure(server)
            for visitor in people:
                visitor.check()
            answer = httpx.get(server.url, timeout=PATIENCE, trust_env=False)
            siege.require(answer.status_code == 200, "the server is silent")
    _tell(siege, visitors, minutes, start, after)
    return [f"{count} times: {sentence}" for sentence, count in siege.broken.items()]


def _measure(server: Server) -> dict[str, int]:
    process = Path("/proc") / str(server.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
    peak, now = (int(status[name].split()[0]) // 1024 for name in ("VmHWM", "VmRSS"))
    empty = sum(not any(path.iterdir()) for path in (server.workspace / "cache").iterdir() if path.is_dir())
    files = len(list((process / "fd").iterdir()))
    return {"MiB": now, "MiB at most": peak, "threads": int(status["Threads"]), "files": files, "empty folders": empty}


def _tell(siege: Siege, visitors: int, minutes: float, start: dict[str, int], after: dict[str, int]) -> None:
    print(f"{visitors} visitors in {minutes:g} minutes")
    for what, count in sorted(siege.counts.items()):
        print(f"{count:>8,} {what}")
    if len(siege.looks) > 1:
        times = statistics.quantiles(siege.looks, n=100)
        print(f"a look: median {times[49]:.2f} s, 95 % {times[94]:.2f} s, longest {max(siege.looks):.2f} s")
    for what in start:
        print(f"{what}: {start[what]} before, {after[what]} after")


def main() -> None:
    """Read the flags and attack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--kill-minutes", type=float, default=60.0, help="after these, no further server is started")
    args = parser.parse_args()
    broken = attack(args.visitors, args.minutes) if args.minutes else []
    if args.kills:
        with tempfile.TemporaryDirectory() as folder:
            print(survive(Path(folder) / "workspace", args.kills, seconds=60 * args.kill_minutes))
    sys.exit("\n".join(broken) or None)


if __name__ == "__main__":
    main()
