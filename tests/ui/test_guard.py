import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from editor.errors import UserError
from editor.ui import guard as guard_module
from editor.ui import messages
from editor.ui.guard import Guard
from tests.services import open_visitors

FULL = "The disk is almost full. Free some space first."


def client(*, room=10**12, looks=100, may_be_framed=False) -> TestClient:
    """An app that takes uploads, behind the guard; the disk is full after some looks at it."""
    left = iter(range(looks))

    async def upload(request):
        form = await request.form()
        return PlainTextResponse(str([part.size for part in form.getlist("files")]))

    def fail(request):
        raise KeyError("no such event")

    def require_space(coming):
        if coming > room or next(left, None) is None:
            raise UserError(FULL)

    guard = Middleware(Guard, require_space=require_space, may_be_framed=may_be_framed)
    routes = [
        Route("/gradio_api/upload", upload, methods=["POST"]),
        Route("/gradio_api/queue/join", fail, methods=["POST"]),
        Route("/", lambda request: PlainTextResponse("page")),
    ]
    return TestClient(Starlette(routes=routes, middleware=[guard]))


FILE = {"files": ("a.png", b"x" * 1000)}


def test_an_upload_goes_through():
    assert client().post("/gradio_api/upload", files=FILE).text == "[1000]"


def test_a_request_with_long_headers_is_refused_however_it_arrives():
    response = client().get("/", headers={"X-Long": "a" * 70_000})
    assert (response.status_code, response.text) == (431, messages.errors.LONG_HEADERS)
    assert client().get("/", headers={"Cookie": "a" * 8_000}).text == "page"


def test_a_full_disk_is_told_before_anything_arrives():
    response = client(room=500).post("/gradio_api/upload", files=FILE)
    assert (response.status_code, response.text) == (507, FULL)


def test_the_disk_is_looked_at_again_while_a_long_upload_arrives(monkeypatch):
    monkeypatch.setattr(guard_module, "SPACE_CHECK_BYTES", 100)
    response = client(looks=1).post("/gradio_api/upload", files=FILE)
    assert response.status_code == 400 and FULL in response.text


@pytest.mark.parametrize("is_told", [True, False])
def test_a_limit_holds_whether_the_length_is_told_or_not(monkeypatch, is_told):
    monkeypatch.setattr(guard_module, "MAX_UPLOAD_BYTES", 500)
    body = httpx.Request("POST", "http://a", files=FILE)
    content = body.read() if is_told else iter([body.read()])
    response = client().post(
        "/gradio_api/upload", content=content, headers={"content-type": body.headers["content-type"]}
    )
    assert response.status_code in (400, 413)
    assert "maximum allowed size" in response.text


def test_what_fails_behind_the_guard_is_told_in_a_sentence():
    response = client().post("/gradio_api/queue/join", json={})
    assert (response.status_code, response.json()) == (400, {"detail": messages.errors.STALE_PAGE})


def test_a_full_queue_is_told_in_a_sentence():
    """In place of the message of Gradio."""

    def full(request):
        return JSONResponse({"detail": "Queue is full. Max size is 64 and size is 64."}, 503)

    routes = [Route("/gradio_api/queue/join", full, methods=["POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(Guard, may_be_framed=False)])
    response = TestClient(app).post("/gradio_api/queue/join", json={})
    assert (response.status_code, response.json()) == (503, {"detail": messages.errors.QUEUE_FULL})
    assert response.headers["x-content-type-options"] == "nosniff"


def test_only_a_space_may_be_shown_in_a_frame():
    assert "frame-ancestors" in client().get("/").headers["content-security-policy"]
    assert "content-security-policy" not in client(may_be_framed=True).get("/").headers


def test_inside_the_frame_of_a_space_the_cookie_is_for_that_frame_alone(tmp_path):
    with open_visitors(tmp_path / "public") as visitors:
        middleware = [Middleware(Guard, visitors=visitors, may_be_framed=True)]
        app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("page"))], middleware=middleware)
        cookie = TestClient(app, base_url="http://user-app.hf.space").get("/").headers["set-cookie"]
        assert cookie.startswith("__Host-pairbrush=")
        assert all(part in cookie for part in ("SameSite=None", "Partitioned", "Secure", "HttpOnly", "Path=/"))


def test_a_full_workspace_of_one_visitor_stops_their_uploads_only(tmp_path):
    with open_visitors(tmp_path / "public", megabytes=0.1) as visitors:
        guard = Middleware(Guard, visitors=visitors, may_be_framed=False)

        async def upload(request):
            path = tmp_path / "arrived.png"
            path.write_bytes(await (await request.form())["files"].read())
            return JSONResponse([str(path)])

        routes = [Route("/", lambda request: PlainTextResponse("page"))]
        routes.append(Route("/gradio_api/upload", upload, methods=["POST"]))
        ada, eve = (TestClient(Starlette(routes=routes, middleware=[guard])) for _ in range(2))
        for client in (ada, eve):
            client.get("/")
        large = {"files": ("a.png", b"x" * 90_000)}
        assert ada.post("/gradio_api/upload", files=large).status_code == 200
        response = ada.post("/gradio_api/upload", files=large)
        assert response.status_code == 507 and "empty the trash" in response.text
        (path,) = eve.post("/gradio_api/upload", files=FILE).json()
        assert path.startswith(str(tmp_path / "public" / "cache" / "visitors"))
