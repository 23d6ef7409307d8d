from concurrent.futures import ThreadPoolExecutor

import anyio
import mcp
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.sharing.mcp_server import server


def called(tool_server, **arguments):
    """Call the tool `edit` as an assistant does; return the tool as it is described, and the result."""

    async def call():
        async with mcp.Client(tool_server) as client:
            (tool,) = (await client.list_tools()).tools
            return tool, await client.call_tool("edit", arguments)

    with ThreadPoolExecutor(1) as pool:  # an event loop of its own: Playwright's runs in the thread of the tests
        return pool.submit(anyio.run, call).result()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "my photo.jpg"
    Image.new("RGB", (70, 50), "teal").save(path)
    return path


def test_an_assistant_edits_a_file(trained_run, photo, tmp_path):
    offered = server([trained_run.path], tmp_path / "edits", "cpu")
    name = trained_run.path.name
    tool, result = called(offered, image=str(photo), effect=name)
    assert not result.is_error
    (text,) = result.content
    with Image.open(text.text) as edit:
        assert text.text == str(tmp_path / "edits" / name / "my photo.png")
        assert edit.tobytes() == Editor.load(trained_run.path, "cpu").edit(photo).image.tobytes()
    assert tool.name == "edit" and "before/after pairs" in tool.description
    effect = tool.input_schema["properties"]["effect"]
    assert name in (effect.get("const"), *effect.get("enum", ()))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"image": "nowhere.jpg"}, "nowhere.jpg"),
        ({"effect": "other"}, "other"),
        ({"strength": 99}, "trength"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(trained_run, photo, tmp_path, changed, said):
    offered = server([trained_run.path], tmp_path / "edits", "cpu")
    _, result = called(offered, **{"image": str(photo), "effect": trained_run.path.name, **changed})
    assert result.is_error and said in result.content[0].text and "Traceback" not in result.content[0].text


def test_effects_must_be_there_and_have_names_of_their_own(trained_run, tmp_path):
    for effects, said in (([], "at least one"), ([tmp_path / "no"], "no"), ([trained_run.path] * 2, "same name")):
        with pytest.raises(UserError, match=said):
            server(effects, tmp_path, "cpu")
