import shutil
import zipfile
from io import BytesIO

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from editor.ui import archive_route
from editor.ui.archive_route import archive_address
from editor.ui.guard import Guard
from editor.workspace import DownloadItem, EditSettings, NamePattern
from tests.conftest import draw_toy_pair
from tests.services import open_visitors


def client(services, **guard) -> TestClient:
    """The route behind the guard, as the app has it."""
    routes = [Route("/", lambda request: PlainTextResponse("page")), archive_route.archive_route(services)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Guard, may_be_framed=False, **guard)]))


def asked(services, folder) -> str:
    """Ask for an archive of one photo, and return its address."""
    draw_toy_pair(1, 64)[0].save(folder / "me.png")
    run = services.training.runs()[0].id
    settings = EditSettings(run=run, version=services.editing.version(run))
    item = DownloadItem(services.editing.open_photo(folder / "me.png"))
    return archive_address(services.archives.add([item], settings, "PNG", NamePattern())[0])


def test_a_browser_gets_the_archive_as_a_file(services, trained, tmp_path):
    http, address = client(services), asked(services, tmp_path)
    response = http.get(f"/{address}")
    assert response.headers["content-disposition"] == 'attachment; filename="toy-edits.zip"'
    assert response.headers["content-type"] == "application/zip" and "content-length" not in response.headers
    again = http.get(f"/{address}")  # as a browser may; only the times in it may differ
    first, second = (zipfile.ZipFile(BytesIO(answer.content)) for answer in (response, again))
    assert first.namelist() == second.namelist() == ["me-toy.png"]
    assert first.read("me-toy.png") == second.read("me-toy.png")
    assert http.get(f"/{address}x").status_code == 404
    assert http.get(f"/{address}", headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.fixture(scope="module")
def public(tmp_path_factory, trained_run):
    root = tmp_path_factory.mktemp("public")
    with open_visitors(root) as visitors:
        shutil.copytree(trained_run.path, root / "template" / "runs" / "known")
        yield visitors


def test_an_archive_is_for_the_visitor_who_asked_for_it(public, tmp_path):
    ada, eve, nobody = (client(public, visitors=public) for _ in range(3))
    for http in (ada, eve):
        http.get("/")
    with public.services_of(ada.cookies["pairbrush"]) as services:
        address = asked(services, tmp_path)
    assert ada.get(f"/{address}").status_code == 200
    assert eve.get(f"/{address}").status_code == nobody.get(f"/{address}").status_code == 404


def test_one_visitor_gets_a_few_archives_at_once(public, tmp_path, monkeypatch):
    ada = client(public, visitors=public)
    ada.get("/")
    with public.services_of(ada.cookies["pairbrush"]) as services:
        address = asked(services, tmp_path)
    monkeypatch.setattr(archive_route, "MAX_AT_ONCE", 0)
    assert ada.get(f"/{address}").status_code == 429
