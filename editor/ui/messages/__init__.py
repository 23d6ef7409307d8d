"""The words that the pages say themselves, a module for each page or panel: labels, sentences, screen reader texts.

Plain words; what to do next comes last. No other module of the pages, no template and no script has words of its own,
which `tests/ui/test_messages.py` sees to. Not here are the sentences of errors, of the doctor and of what an import
leaves over: they are written where they arise, next to the numbers and names that they mention, and reach the page as
they are.
"""

from editor.ui.messages import (
    app,
    common,
    edit,
    effects,
    errors,
    importing,
    inspect,
    pairs,
    runs,
    settings,
    share,
    train,
)

__all__ = [
    "app",
    "common",
    "edit",
    "effects",
    "errors",
    "importing",
    "inspect",
    "pairs",
    "runs",
    "settings",
    "share",
    "train",
]
