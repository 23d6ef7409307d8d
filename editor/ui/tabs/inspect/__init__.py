"""Step 3: look inside a run, at what happens from one pair to another."""

from editor.ui.tabs.inspect.layout import Tab, build

__all__ = ["Tab", "build"]
