"""Step 5: make something of a run for other people and other programs."""

from editor.ui.tabs.share.layout import Tab, build, render

__all__ = ["Tab", "build", "render"]
