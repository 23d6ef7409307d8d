import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

import app as program
from editor.ui import access as access_module
from editor.ui.access import Access, AccessError, Account
from editor.ui.app import build_app, launch
from editor.workspace import Visitors

AUTH = "ada:lovelace-1815"


def decide(*, host=None, share=False, auth=None, is_space=False, public=False):
    return Access.decide(host=host, share=share, auth=auth, is_space=is_space, public=public)


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.5"])
def test_this_machine_needs_no_password_and_trusts_only_its_own_names(host):
    access = decide(host=host)
    assert access.account is None
    assert {"127.0.0.1", "localhost", "[::1]"} <= set(access.trusted_hosts)
    assert len(access.trusted_hosts) <= 4


def test_the_default_is_this_machine():
    assert decide().host == "127.0.0.1"
    assert decide(host="::1").host == "[::1]"  # as Gradio wants it


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "example.org", "localhost.evil.example", ""]
)
def test_anything_else_needs_one(host):
    if not host:
        assert decide(host=host).host == "127.0.0.1"
        return
    with pytest.raises(AccessError, match=r"--auth user:password.*PAIRBRUSH_AUTH"):
        decide(host=host)
    access = decide(host=host, auth=AUTH)
    assert access.account and not access.trusted_hosts


def test_a_public_link_needs_one():
    with pytest.raises(AccessError, match="With --share"):
        decide(share=True)
    assert decide(share=True, auth=AUTH).account


def test_a_space_is_open_unless_it_has_a_password():
    assert decide(is_space=True) == Access(None, is_public=True)
    access = decide(is_space=True, auth=AUTH)
    assert access.account and not access.is_public
    with pytest.raises(AccessError, match="public address already"):
        decide(is_space=True, share=True)


def test_public_mode_needs_no_password_anywhere():
    assert not decide().is_public
    for options in ({}, {"host": "0.0.0.0"}, {"share": True}, {"auth": AUTH}):
        assert decide(public=True, **options).is_public
    assert decide(public=True).trusted_hosts  # on this machine, other sites stay out


def test_logins_of_this_machine_serve_only_who_sits_at_it():
    assert decide().is_personal and decide(auth=AUTH).is_personal
    for options in ({"host": "0.0.0.0"}, {"share": True}, {"is_space": True}):
        assert not decide(auth=AUTH, **options).is_personal
    assert not decide(public=True).is_personal and not decide(is_space=True).is_personal


@pytest.mark.parametrize(
    "auth", ["ada", ":", "ada:", ":lovelace-1815", "ada:short", "  :lovelace-1815", "ada lovelace"]
)
def test_an_account_is_a_name_and_a_password_of_some_length(auth):
    with pytest.raises(AccessError, match="user:password"):
        decide(auth=auth)


def finish(coroutine):
    """Run a coroutine in a thread of its own: after tests in a browser, this one still has a running loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_a_password_may_hold_colons():
    assert finish(Account.parse("ada:love:lace").admits("ada", "love:lace"))


def test_guessing_is_slow_however_many_guess_at_once(monkeypatch):
    monkeypatch.setattr(access_module, "WRONG_SECONDS", 0.02)
    account = Account.parse(AUTH)

    async def guess():
        return await asyncio.gather(*(account.admits("ada", f"guess {n}") for n in range(10)))

    start = time.perf_counter()
    assert not any(finish(guess()))
    assert time.perf_counter() - start >= 10 * 0.02


@pytest.mark.parametrize(
    "flags", [["--host", "0.0.0.0"], ["--share"], ["--auth", "ada"], ["--host", "::", "--auth", ":"]]
)
def test_the_program_says_so_before_it_opens_anything(monkeypatch, tmp_path, flags):
    for name in ("PAIRBRUSH_AUTH", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR", "no_proxy", "NO_PROXY"):  # the program sets them
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "argv", ["app.py", "--workspace", str(tmp_path / "workspace"), *flags])
    with pytest.raises(SystemExit, match="user:password"):
        program.main()
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize(
    "flags", [["--port", "0"], ["--port", "99999"], ["--port", "x"], ["--workspace-limit", "x"], ["x"]]
)
def test_flags_that_make_no_sense_are_refused(capsys, flags):
    with pytest.raises(SystemExit):
        program.parse(flags)
    assert "error:" in capsys.readouterr().err


def test_the_account_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("PAIRBRUSH_AUTH", AUTH)
    assert program.parse([]).auth == AUTH
    assert program.parse(["--auth", "eve:password"]).auth == "eve:password"


@pytest.fixture
def locked(services, monkeypatch):
    """The address of an app that has a password."""
    monkeypatch.setattr(access_module, "WRONG_SECONDS", 0.01)
    app = build_app(services)
    url, _ = launch(app, services, access=decide(auth=AUTH), port=None, open_browser=False)
    yield url
    app.close()


def test_without_the_password_nothing_is_told_and_nothing_done(locked):
    with httpx.Client(base_url=locked, timeout=60) as http:
        for path in ("config", "gradio_api/info", "gradio_api/openapi.json", "gradio_api/queue/data?session_hash=a"):
            assert http.get(path).status_code == 401
        for path in ("gradio_api/upload", "gradio_api/queue/join", "gradio_api/call/edit", "gradio_api/run/edit"):
            assert http.post(path, json={"data": [], "fn_index": 0}).status_code in (400, 401)
        assert http.post("gradio_api/upload", files={"files": ("a.png", b"x")}).status_code == 401
        assert http.get("gradio_api/file=/etc/passwd").status_code == 401
        for user, password in (("ada", "wrong"), ("eve", "lovelace-1815"), ("", ""), ("ada", "")):
            assert http.post("login", data={"username": user, "password": password}).status_code in (400, 422)
        assert http.get("config").status_code == 401
        assert "Toy" not in http.get("").text
        for path in ("app_id", "startup-events", "heartbeat/a", "queue/status", "upload_progress?upload_id=a"):
            assert http.get(f"gradio_api/{path}").status_code == 401, path
        for path in ("cancel", "reset"):
            body = {"event_id": "a", "session_hash": "a", "fn_index": 0}
            assert http.post(f"gradio_api/{path}", json=body).status_code == 401, path
        assert {http.get(path).status_code for path in ("gradio_api/theme.css", "theme.css", "favicon.ico")} == {200}


def test_with_the_password_one_is_in(locked):
    with httpx.Client(base_url=locked, timeout=60) as http:
        assert http.post("login", data={"username": "ada", "password": "lovelace-1815"}).status_code == 200
        assert http.get("config").status_code == 200
        for path in ("app_id", "startup-events"):
            assert http.get(f"gradio_api/{path}").status_code == 200, path
        body = {"event_id": "a", "session_hash": "a", "fn_index": 0}
        assert http.post("gradio_api/cancel", json=body).status_code == 200


def test_only_the_page_itself_logs_out_and_only_its_own_browser(locked):
    """Gradio would follow a link from anywhere, and log out everybody who knows the password."""
    here, elsewhere = (httpx.Client(base_url=locked, timeout=60, trust_env=False) for _ in range(2))
    for http in (here, elsewhere):
        http.post("login", data={"username": "ada", "password": "lovelace-1815"})
        # Gradio sets both cookies, of which browsers send the safe one to this machine and HTTPX does not.
        assert http.get("config").status_code == 200
    link = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    for site in ("cross-site", "same-site"):
        for path in ("logout", "logout?all_session=true", "logout/"):
            assert here.get(path, headers={**link, "sec-fetch-site": site}).status_code == 403
    for headers in ({}, {"referer": "https://evil.example/"}, {"origin": "https://evil.example"}):
        assert here.get("logout", headers=headers).status_code == 403
    assert here.get("config").status_code == 200
    token = [cookie.value for cookie in here.cookies.jar]
    answer = here.get("logout?all_session=true", headers={**link, "sec-fetch-site": "same-origin"})
    assert answer.status_code == 302
    assert here.get("config").status_code == 401 and elsewhere.get("config").status_code == 200
    for value in token:  # what somebody has copied is worth nothing
        names = [cookie.name for cookie in elsewhere.cookies.jar]
        stolen = {"cookie": "; ".join(f"{name}={value}" for name in names)}
        assert httpx.get(f"{locked}config", headers=stolen, timeout=60).status_code == 401


def test_a_space_keeps_things_in_its_bucket_where_it_has_one(tmp_path, monkeypatch):
    assert program.default_workspace(is_space=True, bucket=tmp_path) == Path("workspace")
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    assert program.default_workspace(is_space=True, bucket=tmp_path) == tmp_path / "pairbrush"
    assert program.default_workspace(is_space=False, bucket=tmp_path) == Path("workspace")


def test_a_space_without_a_bucket_says_before_anybody_trains_that_it_keeps_nothing(tmp_path):
    for is_lasting in (True, False):
        with closing(Visitors(tmp_path / str(is_lasting), device="cpu", is_lasting=is_lasting)) as visitors:
            app = build_app(visitors)
        (limits,) = [block.value for block in app.blocks.values() if block.elem_id == "public-limits"]
        assert ("When this Space restarts, everything is gone" in limits) is not is_lasting
