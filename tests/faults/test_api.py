"""The one documented function, called as other programs call it: gradio_client and a running app."""

from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from editor import Editor
from editor.image_files import load_image
from editor.ui import api
from editor.workspace import Workspace
from tests.faults.server import Page, serving


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "me.png"
    Image.effect_mandelbrot((90, 60), (-2, -1, 1, 1), 50).convert("RGB").save(path)
    return path


@pytest.fixture(scope="module", params=[(), ("--public",)], ids=["own", "public"])
def server(request, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("api") / "workspace", *request.param) as server:
        yield server


def connected(server) -> Client:
    return Client(server.url, verbose=False, analytics_enabled=False)


def test_a_program_edits_a_picture_as_python_does(server, photo):
    edited = load_image(Path(connected(server).predict(handle_file(photo), "Sample: faded film", api_name="/edit")))
    root = server.workspace / "template" if (server.workspace / "template").is_dir() else server.workspace
    run = next(path for path in Workspace(root).runs_dir.iterdir() if "film" in path.name)
    known = Editor.load(run, "cpu").edit(photo).image
    assert edited.size == known.size == (90, 60)
    difference = np.abs(np.asarray(edited, float) - np.asarray(known, float))
    assert difference.max() <= 1 and np.abs(np.asarray(known, float) - np.asarray(load_image(photo), float)).max() > 10


def test_nothing_else_is_listed(server):
    info = httpx.get(f"{server.url}/gradio_api/info").json()
    assert list(info["named_endpoints"]) == [f"/{api.NAME}"] and not info["unnamed_endpoints"]
    described = info["named_endpoints"]["/edit"]
    assert [parameter["parameter_name"] for parameter in described["parameters"]] == ["image", "effect"]
    assert described["description"].startswith("Edit one picture")


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [("Nothing", "nothing called Nothing has learned"), ("<b>" * 90, "nothing")],
)
def test_what_it_refuses_is_said_in_a_sentence(server, photo, effect, sentence):
    with pytest.raises(AppError, match=sentence):
        connected(server).predict(handle_file(photo), effect, api_name="/edit")


def call(page, image):
    """Send the event of the function, which no control of the page has."""
    key = next(key for key, event in page.events.items() if event["api_name"] == "edit")
    return page.call(key, [image, "Sample: faded film"])


@pytest.mark.parametrize(
    "image",
    [None, "me.png", {}, {"path": "/etc/passwd"}, {"path": "http://127.0.0.1:9/a.png"}, {"path": 7}, {"path": "\0"}, []]
    + [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}],
    ids=str,
)
def test_only_what_was_uploaded_is_read(server, image):
    answer = call(Page(server.url), image)
    assert not answer.success and "passwd" not in str(answer.output)


def test_visitors_do_not_meet(server, photo):
    """In public mode, a program is a visitor: nobody else can have its files."""
    if not (server.workspace / "template").is_dir():
        pytest.skip("one workspace for all")
    first = connected(server)
    upload = first.endpoints[first._infer_fn_index("/edit", None)]._upload_file(handle_file(photo), 0)["path"]
    stranger = Page(server.url)
    stranger.http.get("/")
    assert not call(stranger, {"path": upload}).success
    assert stranger.http.get(f"/gradio_api/file={upload}").status_code == 404
