"""Plain requests to the real server: host names, other origins, uploads, files, and unused routes of Gradio."""

import contextlib
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.faults.pictures import WHOLE
from tests.faults.sentences import check_sentence
from tests.faults.server import Page


@pytest.fixture(scope="module")
def http(server):
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def uploads(server) -> set[str]:
    return {str(path) for path in (server.workspace / "cache").rglob("*") if "thumbnails" not in path.parts}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:80", "localhost:7860", "[::1]:7860", "[::1]"])
def test_this_machine_may_be_called_by_its_own_names(http, host):
    assert http.get("/config", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:7860", "localhost@evil.example"]
    + ["0.0.0.0", "[::]", "", "www.localhost", "192.168.0.1", "localhost:7860:1", "[::1", "2130706433"],
)
def test_any_other_name_is_refused(http, host):
    """A web site could make its own host name resolve to this machine."""
    assert http.get("/config", headers={"Host": host}).status_code == 400


SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "SELF"},
    ],
)
@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/cancel", "/login"])
def test_other_sites_cannot_make_a_browser_send_anything(server, http, path, headers):
    headers = {name: value.replace("SELF", server.url) for name, value in headers.items()}
    before = uploads(server)
    response = http.post(path, files={"files": ("a.png", WHOLE["png"])}, headers=headers)
    assert response.status_code == 403
    check_sentence(response.text)
    assert uploads(server) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize("path", ["/config", "/", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x"])
def test_other_sites_cannot_read_anything_either(http, path, headers):
    """Gradio would let any site read what the browser's cookies open, wherever the app is not on this machine."""
    response = http.get(path, headers=headers)
    assert response.status_code == 403
    check_sentence(response.text)


def test_a_link_on_another_site_still_opens_the_page(http):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert http.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, SAME, {"Sec-Fetch-Site": "none"}, {"Origin": "SELF"}])
def test_the_page_itself_may(server, http, headers):
    headers = {name: value.replace("SELF", server.url) for name, value in headers.items()}
    assert http.post("/gradio_api/upload", files={"files": ("a.png", WHOLE["png"])}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "//etc/passwd", "../../../../etc/passwd", "%2fetc%2fpasswd", "..%2f..%2fapp.py", "app.py"]
    + ["README.md", ".git/config", "file:///etc/passwd", "WORKSPACE/effects/toy/effect.json", "WORKSPACE/.lock"]
    + ["WORKSPACE/runs/toy/config.json", "WORKSPACE/effects/toy/source/0000.png"]
    + ["WORKSPACE/cache/../runs/toy/weights.safetensors", "WORKSPACE/cache", "", "%00", "/proc/self/environ"]
    + [
        "x" * 5000,
        "http://127.0.0.1:1/",
        "HTTP://example.org/a.png",
        "https://example.org/a.png",
        "//example.org/a.png",
    ],
)
def test_only_the_cache_is_served(server, http, path):
    response = http.get(f"/gradio_api/file={path.replace('WORKSPACE', str(server.workspace))}")
    assert response.status_code in (400, 403, 404)
    assert "root:" not in response.text


@pytest.mark.parametrize(
    "name",
    ["a.html", "a.svg", "a.xhtml", "a.js", "a.xml", "a.pdf", "a.htm", "noname", "a.PNG.html"]
    + ["a.txt", "a.json", "a.mp4", "a.csv", "a.mp3", "a.webm", "a.md"],
)
def test_an_upload_is_never_shown_as_a_page(server, http, name):
    script = b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(document.cookie)</script></html>"
    (path,) = http.post("/gradio_api/upload", files={"files": (name, script)}).json()
    response = http.get(f"/gradio_api/file={path}")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == script
    part = http.get(f"/gradio_api/file={path}", headers={"Range": "bytes=0-4"})
    assert part.content == script[:5] and part.headers["content-type"] == "application/octet-stream"
    assert part.headers["content-disposition"].startswith("attachment")


def test_a_page_that_nobody_knows_is_told_so_without_a_failure(server, http):
    """As after a restart. The fixture of the server makes sure that its log holds no traceback."""
    for query in ("session_hash=unknown", "session_hash=", "session_hash=a&session_hash=b"):
        answer = http.get(f"/gradio_api/queue/data?{query}")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        message = json.loads(answer.text.removeprefix("data: "))
        assert message["msg"] == "unexpected_error" and message["session_not_found"]


@pytest.mark.parametrize(
    "name",
    [
        "../../../x.png",
        "/etc/x.png",
        "..",
        ".",
        "",
        "a" * 300 + ".png",
        "ä" * 200,
        "\\..\\x.png",
        "C:\\x.png",
        "a\nb.png",
    ]
    + ["<img src=x>.png", "a\u202egnp.exe", "CON.png", "~", "$(reboot).png", "%2e%2e%2fx.png", "👩‍🎨.png", "a;b.png"],
)
def test_odd_names_of_uploads_stay_in_the_cache(server, http, name):
    outside = {path for path in server.workspace.iterdir()}
    response = http.post("/gradio_api/upload", files={"files": (name, WHOLE["png"])})
    assert response.status_code in (200, 400, 422)
    for path in response.json() if response.status_code == 200 else ():
        assert path.startswith(f"{server.workspace / 'cache'}/") and ".." not in Path(path).parts
    assert {path for path in server.workspace.iterdir()} == outside


BOUNDARY = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
BODIES = {
    "nothing": b"",
    "no-boundary": b"hello",
    "half-a-header": b"--x\r\nContent-Disp",
    "no-name": b"--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n",
    "no-end": BOUNDARY + b"hello",
    "field": b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nhello\r\n--x--\r\n',
    "long-header": b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 20_000 + b'"\r\n\r\n\r\n--x--\r\n',
    "two-thousand-files": (BOUNDARY + b"1\r\n") * 2000 + b"--x--\r\n",
    "two-thousand-fields": BOUNDARY.replace(b'; filename="a.png"', b"") * 2000 + b"--x--\r\n",
}


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_malformed_upload_is_refused_and_leaves_nothing(server, http, body, kind):
    before = uploads(server)
    response = http.post("/gradio_api/upload", content=body, headers={"content-type": kind})
    assert "Traceback" not in response.text and "site-packages" not in response.text
    assert response.status_code in (200, 400, 413, 422)
    assert response.status_code != 200 or response.json() == []
    assert uploads(server) == before


def test_an_upload_that_says_that_it_is_too_large_is_refused_at_once(server, http):
    with socket.create_connection(("127.0.0.1", http.base_url.port), timeout=60) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: 600000000\r\n\r\n"
        )
        answer = ""
        while "512 MB" not in answer and (more := connection.recv(4000)):  # headers and text may come one by one
            answer += more.decode()
    assert " 413 " in answer and "512 MB" in answer


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/reset", "/login", "/gradio_api/cancel"])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_body_that_is_too_large_is_refused(http, path, is_told):
    """Whether the request says how long it is or not."""
    parts = [b" " * 2**20] * 6
    content = b"".join(parts) if is_told else iter(parts)
    try:
        response = http.post(path, content=content, headers={"content-type": "application/json"})
    except httpx.WriteError:  # the server hung up while we were still sending
        return
    assert response.status_code in (400, 413, 422)


def test_an_upload_that_breaks_off_leaves_nothing(server, http):
    before = uploads(server)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", http.base_url.port), timeout=60) as connection:
            connection.sendall(
                b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
                + BOUNDARY
                + b"x" * 300_000
            )
    end = time.monotonic() + 60
    while uploads(server) != before:
        assert time.monotonic() < end
        assert http.get("/config").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/monitoring", "/monitoring/summary", "/monitoring/key", "/docs", "/redoc", "/openapi.json", "/gradio_api/runs"]
    + [
        "/gradio_api/proxy=https://example.org/",
        "/gradio_api/dev/reload",
        "/gradio_api/vibe-code/",
        "/gradio_api/mcp/sse",
    ]
    + ["/gradio_api/token", "/gradio_api/token/", "/gradio_api/deep_link?session_hash=x", "/gradio_api/TOKEN"]
    + ["/gradio_api/custom_component/x/client/y/z", "/gradio_api/run-history/buckets"]
    + [
        f"/{part}/{way}"
        for part in ("svelte", "static", "assets")
        for way in ("..%2f..%2froutes.py", "%2fetc%2fpasswd")
    ]
    + ["/gradio_api/file/etc/passwd", "/gradio_api/stream/a/b/1/playlist.m3u8", "/gradio_api/profiling/traces"],
)
def test_doors_that_are_not_used_are_closed(http, path):
    assert http.get(path).status_code in (403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "call/edit",
        "call/v2/edit",
        "api/edit",
        "process_recording",
        "component_server",
        "vibe-edit",
        "undo-vibe-edit",
        "stream/x",
        "stream/x/close",
    ],
)
def test_doors_that_are_not_used_take_nothing(http, path):
    assert http.post(f"/gradio_api/{path}", json={}).status_code == 404


def test_the_description_of_the_api_names_no_private_event(server, http):
    private = {"look", "references", "_inspecting", "lambda"}
    for path in ("/gradio_api/info", "/gradio_api/openapi.json"):
        described = http.get(path).json()
        names = {name.rsplit("/", 1)[-1] for name in described.get("named_endpoints", described.get("paths", {}))}
        assert not names & private
    assert json.dumps(Page(server.url).config).count("/etc/") == 0


def test_a_look_never_fails_for_an_old_list(server):
    """A page may have an effect selected that its list lacks: the look is what brings the list up to date."""
    page = Page(server.url)
    key = page.named("poll_page")
    rest = [None] * (len(page.events[key]["inputs"]) - 1)
    for effect in ("toy", "gone"):
        look = page.call(key, [effect, *rest])
        assert look.success, look.error
    assert "Toy" in json.dumps(look.output)


def test_no_other_site_may_show_the_page_in_a_frame(http):
    assert "frame-ancestors 'self'" in http.get("/").headers["content-security-policy"]


def test_long_headers_and_odd_ranges_are_refused(server, http):
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):  # the server may hang up while we are still sending
        assert http.get("/config", headers={"X-Long": "a" * 200_000}).status_code in (400, 431)
    (path,) = http.post("/gradio_api/upload", files={"files": ("a.png", WHOLE["png"])}).json()
    many = ",".join(f"{n}-{n}" for n in range(5000))
    for wanted in (f"bytes=0-{'9' * 500}", "bytes=5-2", f"bytes={many}", "x", "bytes=a-b", "bytes=-" + "9" * 50):
        response = http.get(f"/gradio_api/file={path}", headers={"Range": wanted})
        assert response.status_code in (200, 206, 400, 416)
        assert len(response.content) <= len(WHOLE["png"]) + 1000


def test_no_address_makes_the_server_ask_another_one(http, elsewhere):
    addresses = (elsewhere, elsewhere.upper(), elsewhere.replace(":", "%3A"), elsewhere.removeprefix("http:"))
    for way in ("file={}", "proxy={}", "file=/{}", "proxy=/{}", "FILE={}"):
        for address in addresses:
            assert http.get(f"/gradio_api/{way.format(address)}").status_code in (400, 403, 404)


def test_a_flood_of_events_is_refused_in_words_and_passes(server):
    page = Page(server.url, patience=120)  # the last one waits for all that were let in
    key = page.named("stop_training")
    told = []

    def flood(number):
        for turn in range(20):
            body = {"fn_index": key, "data": [None] * len(page.events[key]["inputs"])}
            response = page.join(body | {"session_hash": f"flood-{number}-{turn}"})
            told.append((response.status_code, response.json().get("detail")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flood, range(8)))
    assert {status for status, _ in told} <= {200, 503}
    for status, detail in told:
        if status == 503:
            assert "Wait a moment" in check_sentence(detail)
    end = time.monotonic() + 240
    while not (look := page.look()).success:  # what was let in is still being answered
        assert time.monotonic() < end
        assert "Wait a moment" in check_sentence(look.error)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "NONSENSE"])
@pytest.mark.parametrize("path", ["/", "/gradio_api/upload", "/gradio_api/queue/join"])
def test_odd_methods_are_refused(http, method, path):
    assert 400 <= http.request(method, path).status_code < 500
