"""Where everything lies on disk, and `Services`: the one object that the pages may call."""

from editor.workspace.editing import EditedPhoto
from editor.workspace.folders import Effect, Workspace, WorkspaceError
from editor.workspace.inspection import InspectionPictures
from editor.workspace.services import Services
from editor.workspace.training import PreviewRow, RunSummary, Snapshot

__all__ = [
    "EditedPhoto",
    "Effect",
    "InspectionPictures",
    "PreviewRow",
    "RunSummary",
    "Services",
    "Snapshot",
    "Workspace",
    "WorkspaceError",
]
