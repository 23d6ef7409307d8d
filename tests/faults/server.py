"""The real app in a process of its own, and a page that sends it whatever a test wants."""

import json
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from tests.processes import start
from tests.waiting import wait_until

START_SECONDS = 240
AT_ONCE = 32  # events that wait; the queue holds twice as many


class Server(NamedTuple):
    """A running app."""

    url: str
    workspace: Path
    log: Path
    pid: int


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(workspace: Path, *flags: str, program: str = "app.py") -> Iterator[Server]:
    """Run the app until the block ends; it must never have met an error that it did not expect."""
    port, log = free_port(), workspace.with_name(f"{workspace.name}.log")
    given = ("--no-browser", "--device", "cpu", "--port", port, "--workspace", workspace, *flags)
    process = start(program, *given, output=log)
    try:
        wait_until(lambda: "ready at" in log.read_text() or not process.is_alive(), log.read_text, START_SECONDS)
        assert process.is_alive(), log.read_text()
        yield Server(f"http://127.0.0.1:{port}", workspace, log, process.pid)
        assert process.is_alive(), log.read_text()
    finally:
        process.terminate()
        process.join(60)
        process.kill()
        process.join()
    assert "Traceback" not in log.read_text(), log.read_text()


class Answer(NamedTuple):
    """The result of an event."""

    success: bool
    output: Any  # {"data": [...]} or {"error": sentence}

    @property
    def error(self) -> Any:
        """The error message."""
        return self.output.get("error")


class Page:
    """One open page, as far as the server can tell."""

    def __init__(self, url: str, *, patience: float = 30) -> None:
        """Open a page whose requests may take `patience` seconds."""
        self.http = httpx.Client(base_url=url, timeout=patience)
        self.session = uuid4().hex
        self.config = self.http.get("/config").json()
        self.events = {item["id"]: item for item in self.config["dependencies"] if item["backend_fn"]}

    def named(self, name: str) -> int:
        """Return the first event of that name on the page; Gradio numbers those whose name is taken."""
        on_page = {key: item["api_name"] for key, item in self.events.items() if item["targets"]}
        return next(key for key, known in on_page.items() if re.sub(r"_\d+$", "", known) == name)

    def join(self, body: Any) -> httpx.Response:
        """Send an event as it is."""
        # Not `json=`, which refuses to write NaN.
        headers = {"content-type": "application/json"}
        return self.http.post("/gradio_api/queue/join", content=json.dumps(body), headers=headers)

    def call(self, event: int | str, data: list[Any], **more: Any) -> Answer:
        """Send an event and wait for its answer."""
        key = self.named(event) if isinstance(event, str) else event
        response = self.join({"fn_index": key, "data": data, "session_hash": self.session, **more})
        if response.status_code != 200:
            return Answer(False, {"error": response.json()["detail"]})
        wanted = response.json()["event_id"]
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed" and message["event_id"] == wanted:
                    return Answer(message["success"], message["output"])
        raise AssertionError("no answer")

    @property
    def distinct(self) -> dict[int, dict[str, Any]]:
        """The events, but of those with the same handler and inputs only the first: many buttons end in a refresh."""
        found = {(re.sub(r"_\d+$", "", e["api_name"]), *e["inputs"]): key for key, e in reversed(self.events.items())}
        return {key: self.events[key] for key in sorted(found.values())}

    def call_all(self, calls: Sequence[tuple[int, list[Any], Any]]) -> list[Answer]:
        """Send many events, each with its values and what it brings along, and wait for all answers."""
        answers: dict[int, Answer] = {}
        for first in range(0, len(calls), AT_ONCE):
            wanted: dict[str, int] = {}
            for index, (key, data, event_data) in enumerate(calls[first : first + AT_ONCE], first):
                body = {"fn_index": key, "data": data, "session_hash": self.session, "event_data": event_data}
                response = self.join(body)
                if response.status_code == 200:
                    wanted[response.json()["event_id"]] = index
                else:
                    answers[index] = Answer(False, {"error": response.json()["detail"]})
            if wanted:
                self._collect(wanted, answers)
        return [answers[index] for index in range(len(calls))]

    def _collect(self, wanted: dict[str, int], answers: dict[int, Answer]) -> None:
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed" and message["event_id"] in wanted:
                    answers[wanted.pop(message["event_id"])] = Answer(message["success"], message["output"])
                    if not wanted:
                        return
        raise AssertionError("no answer")

    def look(self) -> Answer:
        """Refresh, as a page does first; afterwards its lists hold the effects and the runs."""
        key = self.named("poll_page")
        return self.call(key, [None] * len(self.events[key]["inputs"]))

    def start_data(self, effect: str = "toy", **changed: Any) -> list[Any]:
        """Return what a page sends to start a training, with something changed."""
        names = ("effect", "preset", "minutes", "seed")
        values = {item["id"]: item["props"].get("value") for item in self.config["components"]}
        data = [values[id] for id in self.events[self.named("start_training")]["inputs"]]
        for name, value in {"effect": effect, **changed}.items():
            data[names.index(name)] = value
        return data

    def drop(self, photo: dict[str, Any]) -> Answer:
        """Drop one photo, which was uploaded, on the Edit tab."""
        return self.call("drop", [None, None], event_data={"files": [{"path": photo["path"], "name": "photo.png"}]})

    def save_all(self) -> Answer:
        """Ask for the edits of all photos as one zip file, and get it."""
        key = self.named("save_all")
        answer = self.call(key, [None] * len(self.events[key]["inputs"]), event_data={"format": "PNG"})
        if answer.success:
            response = self.http.get(f"/{answer.output['data'][0]['url']}")
            assert response.content.startswith(b"PK") or response.status_code in (404, 429), response.text
        return answer

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        """Upload one file and return what a page would send for it."""
        response = self.http.post("/gradio_api/upload", files={"files": (name, data)})
        assert response.status_code == 200, response.text
        return file_data(response.json()[0])


def file_data(path: str, **more: Any) -> dict[str, Any]:
    """What a page sends for a file."""
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}, **more}
