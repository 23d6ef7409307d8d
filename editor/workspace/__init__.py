"""Where everything lies on disk, and `Services`: the one object that the pages may call."""

from editor.editing.frames import Frame
from editor.inspection.matrix import Hardest, PairMatrix, hardest, reference_deviation
from editor.inspection.pictures import FlowView, Inspected, InspectionFacts, InspectionPictures
from editor.inspection.trace import Closeness
from editor.sharing.formats import Choices
from editor.sharing.hub import HubChoices
from editor.views.affine import ColorRange
from editor.workspace.archive import Archive, packed
from editor.workspace.cards import RunCard
from editor.workspace.checkups import Checkup
from editor.workspace.clips import ClipStatus, can_edit_clips
from editor.workspace.download_names import NamePattern
from editor.workspace.downloads import DownloadItem, Downloads
from editor.workspace.edit_progress import EditProgress, Failure
from editor.workspace.edit_state import EditState, Steps
from editor.workspace.effects import Effect
from editor.workspace.errors import WorkspaceError
from editor.workspace.inspecting import Question
from editor.workspace.library import CorrectedPair, Damaged, Library, Restored
from editor.workspace.photos import UNDO_STEPS, EditedPhoto, EditSettings, EditVariant, MaskMode, Photo
from editor.workspace.public.limits import PublicLimits
from editor.workspace.public.visitors import Visitors
from editor.workspace.queue import QueuePosition
from editor.workspace.rented import LostMachineError
from editor.workspace.runs import PreviewRow, RunListing, RunStatus, RunSummary
from editor.workspace.services import Services
from editor.workspace.sharing import ShareFacts
from editor.workspace.sizes import Storage
from editor.workspace.suggestions import Suggestion
from editor.workspace.trash import TrashEntry
from editor.workspace.waiting_line import Turn
from editor.workspace.workspace import Workspace

__all__ = [
    "UNDO_STEPS",
    "Archive",
    "Checkup",
    "Choices",
    "ClipStatus",
    "Closeness",
    "ColorRange",
    "CorrectedPair",
    "Damaged",
    "EditProgress",
    "EditSettings",
    "Failure",
    "EditState",
    "EditedPhoto",
    "Effect",
    "FlowView",
    "Hardest",
    "HubChoices",
    "Inspected",
    "InspectionFacts",
    "InspectionPictures",
    "Library",
    "LostMachineError",
    "PairMatrix",
    "Photo",
    "DownloadItem",
    "Downloads",
    "QueuePosition",
    "PreviewRow",
    "PublicLimits",
    "Question",
    "Restored",
    "RunCard",
    "RunListing",
    "RunSummary",
    "Frame",
    "MaskMode",
    "NamePattern",
    "Services",
    "ShareFacts",
    "RunStatus",
    "Steps",
    "Storage",
    "EditVariant",
    "Suggestion",
    "TrashEntry",
    "Turn",
    "Visitors",
    "Workspace",
    "WorkspaceError",
    "hardest",
    "packed",
    "reference_deviation",
    "can_edit_clips",
]
