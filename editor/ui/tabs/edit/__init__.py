"""Step 4: edit photos with what a run has learned."""

from editor.ui.tabs.edit.layout import Tab, build, render_hint, watching

__all__ = ["Tab", "build", "render_hint", "watching"]
