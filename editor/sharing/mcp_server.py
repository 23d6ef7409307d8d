"""Effects as a tool for assistants that speak the Model Context Protocol (MCP): `edit(image, effect)`.

The assistant's program starts this as a process of its own and talks to it over stdin and stdout, so no port is opened
and nothing leaves the machine here. Pictures are opened wherever the person who runs the assistant may; edits are
written into one folder only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from editor.editing.batch import Manner, carry_out, tasks_of
from editor.editing.editor import Editor
from editor.errors import UserError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

MISSING = "Effects as a tool for assistants need the package mcp: .venv/bin/pip install 'mcp>=2,<3'"
ABOUT = "Edit a picture file of this machine with an effect that was learned from before/after pairs."
LOADED = 2  # editors that are kept in memory


def server(effects: Sequence[Path], output: Path, device: str) -> MCPServer:
    """Return a server with the tool `edit`; its `run` serves until stdin is closed.

    Args:
        effects: Folders of runs and effect files. Their names are those of the files without an ending.
        output: Folder for the edits.
        device: Where to compute, see `device.pick_device`.

    Raises:
        UserError: The package is missing, there is no effect, or two have the same name.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError as error:
        raise UserError(MISSING) from error

    paths = {path.resolve().stem: path for path in effects}
    if len(paths) < len(effects):
        raise UserError("Two of the effects have the same name. Rename one of them, or leave it out.")
    if not paths:
        raise UserError("Name at least one effect: a run's folder, or an effect file.")
    for path in effects:
        if not path.exists():
            raise UserError(f"There is no {path}.")

    @lru_cache(LOADED)
    def editor(effect: str) -> Editor:
        return Editor.load(paths[effect], device)

    def edit(image: str, effect: str, strength: float = 1.0) -> str:
        try:
            manner = Manner(strength=strength)
            manner.require_possible(editor(effect))
            (task,) = tasks_of([Path(image).expanduser()], output / effect)
            carry_out(editor(effect), task, manner)
        except (UserError, OSError) as error:
            raise ToolError(str(error)) from error
        return str(task.edit.resolve())

    edit.__doc__ = f"""{ABOUT}

    Args:
        image: Path of a picture or clip.
        effect: One of {", ".join(paths)}.
        strength: How much of the edit is made; 1 is what the pairs show.

    Returns:
        The path of the edit, a PNG file of the same size, or a clip.
    """
    edit.__annotations__["effect"] = Literal[tuple(paths)]
    result = MCPServer("pairbrush", instructions=ABOUT)
    result.add_tool(edit)
    return result
