"""Folders to and from a stand-in of the Hub, which huggingface_hub's real client talks to."""

import logging
import os
import subprocess
import sys

import huggingface_hub
import pytest

from editor.hub import Hub, HubError, HubId
from tests.processes import ROOT
from tests.standins.hub import StandInHub

MINE, YOURS = "hf_secret_of_me", "hf_secret_of_you"
ALLOW = ["model.safetensors", "config.json", "README.md", "samples/*.png"]
CARD = b"---\ntags:\n- pairbrush\n---\n# Glasses\n"
FILES = {"model.safetensors": b"weights", "config.json": b"{}", "README.md": CARD, "samples/a.png": b"picture"}


@pytest.fixture
def standin():
    return StandInHub()


@pytest.fixture
def hub(standin, tmp_path, monkeypatch):
    """The stand-in as somebody sees it: `hub(token)`."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    with standin.served() as address:
        yield lambda token=False, cache="cache": Hub(token, address, tmp_path / cache)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "effect"
    for name, data in {**FILES, "secret.txt": b"mine", "pairs/source/me.png": b"my face"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def pull(hub, text="me/glasses", max_bytes=1000):
    folder = hub.pull(HubId.parse(text), allow=ALLOW, max_bytes=max_bytes)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("me/glasses", HubId("me/glasses")),
        ("me/glasses@v1.0", HubId("me/glasses", "v1.0")),
        ("me/glasses@refs/pr/1", HubId("me/glasses", "refs/pr/1")),
        ("glasses", None),
        ("/me/glasses", None),
        ("./glasses", None),
        ("../glasses", None),
        ("workspace/runs/glasses", None),
        ("C:/glasses", None),
        ("me/glasses@", None),
        ("me/glasses@../../x", None),
        ("me/glasses\n", None),
        ("", None),
    ],
)
def test_an_id_is_told_from_a_path(text, wanted):
    assert HubId.parse(text) == wanted


def test_what_is_pushed_is_private_and_comes_back_to_its_owner_only(hub, standin, folder):
    pushed = hub(MINE).push(folder, "me/glasses", allow=ALLOW)
    assert standin.repos["me/glasses"].is_private
    assert pushed.url.endswith("/me/glasses") and pushed.revision in standin.repos["me/glasses"].versions
    assert pull(hub(MINE)) == FILES  # and nothing else of the folder
    for other in (hub(YOURS, "b"), hub(False, "c")):
        with pytest.raises(HubError, match="There is no me/glasses on the Hub, or it is private"):
            pull(other)


def test_a_version_is_pinned(hub, folder):
    first = hub(MINE).push(folder, "me/glasses", allow=ALLOW).revision
    (folder / "config.json").write_bytes(b"{1}")
    (folder / "samples/a.png").unlink()
    second = hub(MINE).push(folder, "me/glasses", allow=ALLOW).revision
    assert pull(hub(MINE), f"me/glasses@{first}") == FILES
    newest = {**FILES, "config.json": b"{1}"}
    del newest["samples/a.png"]  # what was not picked again is not in the newest version
    assert pull(hub(MINE), "me/glasses") == pull(hub(MINE), f"me/glasses@{second}") == newest
    with pytest.raises(HubError, match="no such version on the Hub: me/glasses@v7"):
        pull(hub(MINE), "me/glasses@v7")


def test_nothing_of_somebody_is_written_over_or_shown(hub, standin, folder):
    standin.add("me/llama", {"model.safetensors": b"another model", "README.md": b"# Llama"}, is_private=True)
    with pytest.raises(HubError, match="holds no effect of Pairbrush"):
        hub(MINE).push(folder, "me/llama", allow=ALLOW)
    standin.add("me/open", {"README.md": CARD})
    with pytest.raises(HubError, match="is public"):
        hub(MINE).push(folder, "me/open", allow=ALLOW)
    hub(MINE).push(folder, "me/open", allow=ALLOW, is_private=False)
    with pytest.raises(HubError, match="You may not do that with you/hat"):
        hub(MINE).push(folder, "you/hat", allow=ALLOW)


def test_an_interrupted_first_push_can_be_repeated(hub, standin, folder):
    standin.create("me/glasses", True, "me")
    hub(MINE).push(folder, "me/glasses", allow=ALLOW)
    assert pull(hub(MINE)) == FILES


def test_errors_are_sentences(hub, standin, folder, tmp_path):
    for token in (None, False):
        with pytest.raises(HubError, match="has to know who you are. Log in with: hf auth login"):
            hub(token).push(folder, "me/glasses", allow=ALLOW)
    with pytest.raises(HubError, match="does not accept the token"):
        hub("hf_old").push(folder, "me/glasses", allow=ALLOW)
    for bad in ("glasses", "me/a/b", "me/a@v1", "me/a--b", "me/" + "a" * 97):
        with pytest.raises(HubError, match="name a repository as|no name that the Hub allows"):
            hub(MINE).push(folder, bad, allow=ALLOW)
    standin.add("you/gated", FILES, is_gated=True)
    with pytest.raises(HubError, match="The owner of you/gated decides who may have it. Ask on https://hugging"):
        pull(hub(MINE), "you/gated")
    with pytest.raises(HubError, match="There is no you/nothing on the Hub"):
        pull(hub(), "you/nothing")
    standin.add("you/llama", {"weights.bin": b"1"})
    with pytest.raises(HubError, match="holds no effect"):
        pull(hub(), "you/llama")
    standin.busy = True
    with pytest.raises(HubError, match="The Hub cannot be reached, and you/cap is not on this machine"):
        pull(hub(), "you/cap")
    with pytest.raises(HubError, match="cannot be reached"):
        pull(Hub(False, "http://127.0.0.1:9", tmp_path / "c"), "you/llama")


def test_without_a_connection_what_is_there_is_used(hub, standin, monkeypatch):
    standin.add("you/hat", FILES)
    online = hub()
    assert pull(online, "you/hat") == FILES
    offline = Hub(False, "http://127.0.0.1:9", online.cache_dir)
    assert pull(offline, "you/hat") == FILES
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert pull(online, "you/hat") == FILES
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set, and you/cap was not downloaded before"):
        pull(online, "you/cap")


def test_a_hostile_repository_takes_neither_disk_nor_paths(hub, standin):
    standin.add("you/big", FILES)
    standin.repos["you/big"].stated_sizes = {"model.safetensors": 2000}
    with pytest.raises(HubError, match="larger than any effect"):
        pull(hub(), "you/big")
    assert not [path for method, path, _ in standin.requests if method == "GET" and "/resolve/" in path]
    standin.add("you/odd", {**FILES, "../../evil.png": b"x", "samples/../../evil.png": b"x", "run.py": b"x"})
    with pytest.raises(HubError, match="The library refuses you/odd"):
        pull(hub(), "you/odd")
    standin.add("you/more", {**FILES, "../../evil.png": b"x", "run.py": b"x"})
    assert pull(hub(), "you/more") == FILES
    assert not list(hub().cache_dir.parent.rglob("evil.png"))


def test_no_token_is_in_a_log_a_repr_or_a_file(hub, standin, folder, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    mine = hub(MINE)
    mine.push(folder, "me/glasses", allow=ALLOW)
    pull(mine)
    standin.busy = True
    with pytest.raises(HubError) as failure:
        mine.push(folder, "me/glasses", allow=ALLOW)
    assert any(token == MINE for *_, token in standin.requests)
    written = "".join(capfd.readouterr()) + caplog.text + repr(mine) + repr(failure.getrepr(showlocals=False))
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert MINE not in written and not any(MINE.encode() in data for data in files)


def test_who_serves_others_does_not_act_as_the_one_who_runs_the_machine(hub, standin, monkeypatch):
    standin.add("me/private", FILES, is_private=True)
    monkeypatch.setenv("HF_TOKEN", MINE)
    assert huggingface_hub.get_token() == MINE
    assert pull(hub(None), "me/private") == FILES
    with pytest.raises(HubError, match="private"):
        pull(hub(False, "other"), "me/private")
    with pytest.raises(HubError, match="has to know who you are"):
        hub(False).push(hub().cache_dir, "me/private", allow=ALLOW)


def test_the_library_tells_nobody_what_runs_here(tmp_path):
    script = "import editor.hub, huggingface_hub.constants as known; print(known.HF_HUB_DISABLE_TELEMETRY)"
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_DISABLE_TELEMETRY"}
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "True"
