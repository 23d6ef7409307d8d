"""A stand-in for the Hugging Face Hub: the requests that huggingface_hub makes for what `editor.hub` does, over HTTP.

It keeps every version of every repository in memory and stores all files as plain ones, never as LFS or Xet.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlparse


@dataclass
class Repo:
    is_private: bool
    owner: str
    is_gated: bool = False
    versions: dict[str, dict[str, bytes]] = field(default_factory=dict)  # commit -> files
    stated_sizes: dict[str, int] = field(default_factory=dict)  # where the Hub says another size than the true one

    def commit(self, files: dict[str, bytes]) -> str:
        sha = hashlib.sha1(repr((len(self.versions), sorted(files.items()))).encode()).hexdigest()
        self.versions[sha] = files
        return sha

    def at(self, revision: str) -> str | None:
        return [*self.versions][-1] if revision == "main" else revision if revision in self.versions else None

    @property
    def tags(self) -> list[str]:
        readme = self.versions[self.at("main")].get("README.md", b"").decode()
        front = readme.split("---")[1] if readme.startswith("---") else ""
        return [line.strip()[2:] for line in front.splitlines() if line.strip().startswith("- ")]


class StandInHub:
    """Its `repos` by name, the `requests` that came with the token of each, and `people` by their tokens."""

    def __init__(self):
        self.repos: dict[str, Repo] = {}
        self.people = {"hf_secret_of_me": "me", "hf_secret_of_you": "you"}
        self.requests: list[tuple[str, str, str | None]] = []
        self.busy = False  # answers 503 to everything

    def add(self, name: str, files: dict[str, bytes], *, is_private: bool = False, is_gated: bool = False) -> str:
        repo = self.repos.setdefault(name, Repo(is_private, name.split("/")[0], is_gated))
        return repo.commit({".gitattributes": b"", **files})

    def create(self, name: str, is_private: bool, who: str) -> None:
        self.repos[name] = Repo(is_private, who)
        self.repos[name].commit({".gitattributes": b""})

    @contextmanager
    def served(self) -> Iterator[str]:
        """Give the address at which it answers."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


MINE = "hf_secret_of_me"


@contextmanager
def logged_in(monkeypatch, cache, token) -> Iterator[StandInHub]:
    """Let everything that huggingface_hub does go to a stand-in, from a machine that is logged in with a token."""
    standin = StandInHub()
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    with standin.served() as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr("huggingface_hub.hf_api.api.endpoint", address)  # of the library's plain functions
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield standin


class _Handler(BaseHTTPRequestHandler):
    hub: StandInHub
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer()

    do_HEAD = do_POST = do_GET

    def _answer(self):
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("transfer-encoding") == "chunked":
            self.body = self._chunks()
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ") or None
        path = unquote(urlparse(self.path).path)
        self.hub.requests.append((self.command, path, token))
        if self.hub.busy:
            return self._send(503, {"error": "busy"})
        who = self.hub.people.get(token)
        if token is not None and who is None:
            message = "Invalid credentials in Authorization header"
            return self._send(401, {"error": message}, **{"X-Error-Message": message})
        parts = path.strip("/").split("/")
        if parts == ["api", "whoami-v2"]:
            return self._send(200, {"name": who, "type": "user"}) if who else self._send(401, {"error": "who?"})
        if parts == ["api", "validate-yaml"]:
            return self._send(200, {"errors": [], "warnings": []})
        if parts == ["api", "repos", "create"]:
            return self._create(who)
        name, rest = ("/".join(parts[2:4]), parts[4:]) if parts[0] == "api" else ("/".join(parts[:2]), parts[2:])
        repo = self.hub.repos.get(name)
        if repo is None or (repo.is_private and repo.owner != who):
            return self._send(404 if who else 401, {"error": "not found"}, **{"X-Error-Code": "RepoNotFound"})
        if repo.is_gated and repo.owner != who:
            return self._send(403, {"error": "gated"}, **{"X-Error-Code": "GatedRepo"})
        revision = repo.at(rest[1]) if len(rest) > 1 else repo.at("main")
        if revision is None:
            return self._send(404, {"error": "no revision"}, **{"X-Error-Code": "RevisionNotFound"})
        return self._repository(name, repo, rest, revision, who)

    def _create(self, who):
        wanted = json.loads(self.body)
        if who is None:
            return self._send(401, {"error": "log in"})
        owner = wanted["organization"] or who
        name = f"{owner}/{wanted['name']}"
        if owner != who:
            return self._send(403, {"error": "not yours"})
        if name in self.hub.repos:
            return self._send(409, {"error": "You already created this model repo", "url": name})
        self.hub.create(name, wanted.get("visibility") == "private", who)
        return self._send(200, {"url": f"http://{self.headers['host']}/{name}", "name": name})

    def _repository(self, name, repo, rest, revision, who):
        files = repo.versions[revision]
        match rest:
            case [] | ["revision", _]:
                siblings = [{"rfilename": path} for path in files]
                info = {"id": name, "sha": revision, "private": repo.is_private, "tags": repo.tags}
                return self._send(200, {**info, "siblings": siblings})
            case ["tree", *_]:
                sizes = {path: repo.stated_sizes.get(path, len(data)) for path, data in files.items()}
                return self._send(
                    200,
                    [{"type": "file", "path": path, "size": sizes[path], "oid": _oid(files[path])} for path in files],
                )
            case ["resolve", _, *path] if "/".join(path) in files:
                return self._file(repo, "/".join(path), files["/".join(path)], revision)
            case ["resolve", *_]:
                return self._send(404, {"error": "no file"}, **{"X-Error-Code": "EntryNotFound"})
        if who != repo.owner:
            return self._send(403, {"error": "not yours"})
        match rest:
            case ["preupload", _]:
                asked = json.loads(self.body)["files"]
                modes = [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in asked]
                return self._send(200, {"files": modes})
            case ["commit", _]:
                sha = repo.commit(self._committed(files))
                return self._send(
                    200, {"commitUrl": f"http://{self.headers['host']}/{name}/commit/{sha}", "commitOid": sha}
                )
        return self._send(404, {"error": f"the stand-in knows no {self.path}"})

    def _committed(self, files):
        files = dict(files)
        for line in self.body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        return files

    def _file(self, repo, path, data, revision):
        headers = {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": revision}
        if path in repo.stated_sizes:
            headers["X-Linked-Size"] = str(repo.stated_sizes[path])
        self.send_response(200)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _chunks(self):
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _send(self, status, values, **headers):
        data = json.dumps(values).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


def _oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
