"""Public mode over plain requests: nobody reaches what another visitor has, however they ask."""

import json
import os
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from editor.workspace import Workspace
from tests.conftest import fill_with_toy_pairs
from tests.faults.pictures import WHOLE
from tests.faults.quick_app import KEPT_PAGES, PROGRAM
from tests.faults.sentences import check_sentence
from tests.faults.server import Page, Server, file_data, serving
from tests.processes import ROOT


@pytest.fixture(scope="module")
def public(tmp_path_factory, whole_run) -> Server:
    """The real app for everybody: a new visitor finds the effect "Toy" and a run."""
    root = tmp_path_factory.mktemp("public") / "root"
    template = Workspace(root / "template")
    with template.open():
        template.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 3))
        shutil.copytree(whole_run.path, template.runs_dir / "known")
    with serving(root, "--public", program=PROGRAM) as server:
        yield server


def visit(server: Server) -> Page:
    page = Page(server.url)
    assert page.http.get("/").status_code == 200
    assert page.look().success
    return page


@pytest.fixture(scope="module")
def ada(public) -> Page:
    """A visitor with an effect, a photo and a run of their own."""
    page = visit(public)
    assert page.call("create_effect", ["Private"]).success
    page.photo = page.upload("photo.png", WHOLE["png"])
    return page


@pytest.fixture(scope="module")
def eve(public) -> Page:
    return visit(public)


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(public):
    with httpx.Client(base_url=public.url, timeout=60) as http:
        (cookie,) = http.get("/").headers.get_list("set-cookie")
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=2592000" in cookie
        assert http.get("/").headers["set-cookie"].split(";")[0] == cookie.split(";")[0]  # the same visitor again
        assert "set-cookie" not in http.get("/theme.css").headers  # it is set where a page or a program begins
    cookie = httpx.get(public.url, headers={"x-forwarded-proto": "https"}, timeout=60).headers["set-cookie"]
    assert cookie.startswith("__Host-pairbrush=") and "Secure" in cookie


@pytest.mark.parametrize("cookie", ["", "x", "../../etc", "a" * 42, "a" * 44, '"', "a" * 5000, "=; ;"])
def test_without_a_cookie_of_ours_nothing_is_done(public, cookie):
    before = set((public.workspace / "visitors").iterdir())
    page = Page(public.url)
    page.http.headers["cookie"] = f"pairbrush={cookie}"
    assert "cookies" in check_sentence(page.call("create_effect", ["Mine"]).error)
    response = page.http.post("/gradio_api/upload", files={"files": ("a.png", WHOLE["png"])})
    assert response.status_code == 403 and "cookies" in check_sentence(response.text)
    assert set((public.workspace / "visitors").iterdir()) == before


def test_nobody_is_told_what_another_one_has(ada, eve):
    assert "Private" in json.dumps(ada.look().output)
    assert "Private" not in json.dumps(eve.look().output)
    for effect in ("private", "Private"):
        answer = eve.call("change_pair", [effect], event_data={"name": "0000", "action": "remove"})
        check_sentence(answer.error)


def test_a_file_of_one_is_no_file_for_the_others(public, ada, eve):
    path = ada.photo["path"]
    assert ada.http.get(f"/gradio_api/file={path}").content == WHOLE["png"]
    inner = Path(path).relative_to(public.workspace)
    ways = [path, f"{public.workspace}/cache/../{inner}", f"//{path}", path.replace("/visitors/", "/visitors/./")]
    ways += [f"file://{path}", f"/proc/self/root{path}", os.path.relpath(path, ROOT)]
    ways += [path.replace("visitors", "%76isitors"), path.replace("/", "%2f"), path.replace("cache", "cache/x/..")]
    for way in ways:
        for page in (eve, Page(public.url)):
            for method in ("GET", "HEAD"):
                response = page.http.request(method, f"/gradio_api/file={way}")
                assert response.status_code in (403, 404), way
    assert "orientation" not in json.dumps(eve.drop(ada.photo).output)
    check_sentence(eve.drop(ada.photo).error)
    answer = eve.call("add_files", ["toy", None], event_data={"files": [{"path": path, "name": "source/a.png"}]})
    check_sentence(answer.error)
    for way in (
        os.path.relpath(path, ROOT),
        f"/proc/self/root{path}",
        path.replace("/cache/", "/cache/./"),
        f"{path}\0",
    ):
        check_sentence(eve.drop(file_data(way)).error)
        for event in ("brush", "retouch"):
            check_sentence(eve.call(event, [None], event_data={"path": way}).error)
    assert ada.drop(ada.photo).success


def test_what_inspect_draws_is_served_to_its_visitor_only(public, ada, eve):
    answer = ada.call("inspect", [None, None, None, None, "wheel", 0, 0, 1, 1, None])
    paths = set(re.findall(r'"path": "(.*?)"', json.dumps(answer.output)))
    assert len(paths) > 15
    for path in paths:
        assert ada.http.get(f"/gradio_api/file={path}").headers["content-type"] == "image/png"
        for page in (eve, Page(public.url)):
            assert page.http.get(f"/gradio_api/file={path}").status_code == 404, path


def test_the_page_of_one_is_no_page_for_the_others(public, ada):
    """What lies on a page is kept by an id that the page made. Even who knows it gets nothing."""
    stranger = visit(public)
    assert ada.drop(ada.photo).success
    stranger.session = ada.session
    for event in ("edit", "save_shown", "variations", "clear"):
        key = stranger.named(event)
        response = stranger.join(
            {"fn_index": key, "data": [None] * len(stranger.events[key]["inputs"]), "session_hash": ada.session}
        )
        assert response.status_code == 200
    response = stranger.http.get("/gradio_api/queue/data", params={"session_hash": ada.session})
    assert response.status_code == 404
    assert ada.call("edit", [None, None]).error == ada.call("edit", [None, None]).error
    assert ada.photo["path"].rpartition("/")[2] in json.dumps(ada.drop(ada.photo).output)


def test_nobody_reads_the_messages_of_a_page(public, ada):
    """Who knows the id of a page, with a cookie of their own or without one, also before the page itself reads them."""
    stranger, nobody = visit(public), Page(public.url)
    key = ada.named("poll_page")
    data = [None] * len(ada.events[key]["inputs"])
    for session in (ada.session, uuid4().hex):
        joined = ada.join({"fn_index": key, "data": data, "session_hash": session}).json()["event_id"]
        body = {"event_id": joined, "session_hash": session, "fn_index": key}
        for other in (stranger.http, nobody.http):
            for route in ("call/x", "call/poll_page", "call/v2/poll_page"):
                for id in (session, joined):
                    assert other.get(f"/gradio_api/{route}/{id}").status_code == 404
            for way in (f"session_hash={session}", f"session_hash=x&session_hash={session}"):
                assert other.get(f"/gradio_api/queue/data?{way}").status_code == 404
            assert other.get(f"/gradio_api/heartbeat/{session}").status_code == 404
            assert other.post("/gradio_api/cancel", json=body).status_code == 404
    assert ada.look().success


def test_many_pages_of_one_visitor_cost_the_others_nothing(public, ada):
    """Gradio keeps the state of so many pages, of all visitors together."""
    assert ada.drop(ada.photo).success
    flood = visit(public)
    key = next(key for key, event in flood.events.items() if event["api_name"].startswith("lambda"))
    data = [None] * len(flood.events[key]["inputs"])
    for number in range(KEPT_PAGES + 20):
        while (answer := flood.join({"fn_index": key, "data": data, "session_hash": f"{number}"})).status_code == 503:
            time.sleep(0.02)  # 64 wait at once
        assert answer.status_code == 200
    assert ada.call("edit", [None, None]).success, "the photo is gone"


def test_equal_files_that_arrive_at_once_are_all_stored_and_leave_no_folder(public):
    pages = [visit(public) for _ in range(3)]
    names = ("same.png", "same.png", "other.png", "same.png")

    def upload(number: int) -> tuple[Page, str]:
        page = pages[number % len(pages)]
        return page, page.upload(names[number % len(names)], WHOLE["jpeg"])["path"]

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(upload, range(48)))
    assert len({path for _, path in stored}) == 48
    for page, path in stored:
        assert page.http.get(f"/gradio_api/file={path}").content == WHOLE["jpeg"]
    assert [path.name for path in (public.workspace / "cache").iterdir()] == ["visitors"]


@pytest.mark.parametrize("part", ["visitors", "template", "cache/visitors"])
def test_no_folder_of_anybody_is_served(public, ada, part):
    files = [path for path in (public.workspace / part).rglob("*") if path.is_file()]
    stranger = visit(public)
    for path in files[:40]:
        assert stranger.http.get(f"/gradio_api/file={path}").status_code in (403, 404), path


def test_two_who_upload_the_same_file_do_not_share_it(ada, eve):
    """Gradio stores equal files at one place, where the first to use it up would take it from the other."""
    one, two = (page.upload("same.png", WHOLE["jpeg"])["path"] for page in (ada, eve))
    assert one != two
    shutil.rmtree(Path(one).parent)
    assert eve.http.get(f"/gradio_api/file={two}").content == WHOLE["jpeg"]


def test_limits_hold_for_direct_calls(ada):
    assert "at most 10 minutes" in check_sentence(ada.call("start_training", ada.start_data(minutes=11)).error)


def test_trainings_of_two_visitors_take_turns(ada, eve):
    """The second one is told its place, may leave the queue, and sees nothing of the first one's run."""
    assert ada.call("start_training", ada.start_data(minutes=5)).success
    try:
        assert eve.call("start_training", eve.start_data(minutes=5)).success
        shown = json.dumps(eve.look().output)
        assert "first in line" in shown and re.search("in about [45] minutes", shown)
        assert "in line" not in json.dumps(ada.look().output)
        assert eve.call("stop_training", [None]).success
        assert "in line" not in json.dumps(eve.look().output)
        check_sentence(eve.call("stop_training", [None]).error)
    finally:
        assert ada.call("stop_training", [None]).success
