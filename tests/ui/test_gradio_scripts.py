import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from editor.ui.gradio_scripts import CHANGES, QuickScripts, changed_scripts


@pytest.fixture
def client():
    routes = [Route("/assets/{path}", lambda request: PlainTextResponse("Gradio's"))]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(QuickScripts)]))


def test_what_is_changed_is_in_the_scripts_of_the_installed_gradio():
    assert len(changed_scripts()) == len(CHANGES)


def test_changed_scripts_are_served_in_place_of_gradios_and_others_pass(client):
    for name, script in changed_scripts().items():
        response = client.get(f"/assets/{name}")
        assert response.text == script
        assert response.headers["content-type"].startswith("text/javascript")
    assert client.get("/assets/other.js").text == "Gradio's"
