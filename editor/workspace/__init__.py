"""Where everything lies on disk, and `Services`: the one object that the pages may call."""

from editor.workspace.cards import RunCard
from editor.workspace.edits import EditedPhoto, EditSettings, Photo, Scope, Take
from editor.workspace.effects import Effect
from editor.workspace.errors import WorkspaceError
from editor.workspace.folders import Workspace
from editor.workspace.inspection import InspectionPictures
from editor.workspace.library import Library, Restored
from editor.workspace.runs import PreviewRow, RunSummary, Snapshot
from editor.workspace.services import Services
from editor.workspace.sizes import Storage
from editor.workspace.trash import Trashed

__all__ = [
    "EditSettings",
    "EditedPhoto",
    "Effect",
    "InspectionPictures",
    "Library",
    "Photo",
    "PreviewRow",
    "Restored",
    "RunCard",
    "RunSummary",
    "Scope",
    "Services",
    "Snapshot",
    "Storage",
    "Take",
    "Trashed",
    "Workspace",
    "WorkspaceError",
]
