"""What the form of a training sends."""

from editor.ui.components.settings_form import settings
from tests.conftest import TINY


def tiny(**changed):
    """Return what the form sends for the tiny preset, with some settings changed."""
    values = {setting.path: setting.of(TINY) for setting in settings()}
    return list((values | changed).values())
