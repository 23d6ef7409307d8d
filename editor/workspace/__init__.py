"""Where everything lies on disk, and `Services`: the one object that the pages may call."""

from editor.inspection import Reading
from editor.views.affine import ColorRange
from editor.workspace.cards import RunCard
from editor.workspace.checkups import Checkup
from editor.workspace.edits import UNDO_STEPS, EditedPhoto, EditSettings, Photo, Scope, Take
from editor.workspace.effects import Effect
from editor.workspace.errors import WorkspaceError
from editor.workspace.export import PhotoToKeep
from editor.workspace.folders import Workspace
from editor.workspace.inspecting import Question
from editor.workspace.inspection import FlowView, Inspected, InspectionFacts, InspectionPictures
from editor.workspace.library import CorrectedPair, Library, Restored
from editor.workspace.limits import PublicLimits
from editor.workspace.matrix import Hardest, PairMatrix, hardest, reference_spread
from editor.workspace.runs import PreviewRow, RunSummary, Snapshot
from editor.workspace.services import Services
from editor.workspace.sizes import Storage
from editor.workspace.trash import Trashed
from editor.workspace.turns import Place
from editor.workspace.visitors import Visitors

__all__ = [
    "UNDO_STEPS",
    "Checkup",
    "ColorRange",
    "CorrectedPair",
    "EditSettings",
    "EditedPhoto",
    "Effect",
    "FlowView",
    "Hardest",
    "Inspected",
    "InspectionFacts",
    "InspectionPictures",
    "Library",
    "PairMatrix",
    "Photo",
    "PhotoToKeep",
    "Place",
    "PreviewRow",
    "PublicLimits",
    "Question",
    "Reading",
    "Restored",
    "RunCard",
    "RunSummary",
    "Scope",
    "Services",
    "Snapshot",
    "Storage",
    "Take",
    "Trashed",
    "Visitors",
    "Workspace",
    "WorkspaceError",
    "hardest",
    "reference_spread",
]
