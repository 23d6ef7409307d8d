"""Names of the files that a person saves, by a pattern such as `{name}-{effect}`."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from editor.pairs.names import safe_name
from editor.workspace.errors import WorkspaceError

FIELDS = ("name", "effect", "number")
MAX_PATTERN = 100  # characters


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A text in which `{name}` is that of the photo, `{effect}` that of the effect, and `{number}` its place, from 1.

    Raises:
        WorkspaceError: It is too long, or has other fields or a brace that is not closed.
    """

    text: str = "{name}-{effect}"

    def __post_init__(self) -> None:
        if len(self.text) > MAX_PATTERN:
            raise WorkspaceError(f"The pattern of names is too long. Use at most {MAX_PATTERN} characters.")
        advice = "Use {name}, {effect} and {number}, for instance {name}-{effect}."
        try:
            parts = list(Formatter().parse(self.text))
        except ValueError as error:
            raise WorkspaceError(f"A brace of the pattern of names has no partner. {advice}") from error
        for _, field, form, conversion in parts:
            if field is not None and (field not in FIELDS or form or conversion):
                raise WorkspaceError(f"The pattern of names cannot have {{{field}}}. {advice}")

    def stem(self, *, name: str, effect: str, number: int) -> str:
        """Return the name of a file without its ending, as every file system takes it."""
        return safe_name(self.text.format(name=safe_name(name), effect=effect, number=f"{number:03d}"))


DEFAULT_NAMES = NamePattern()
