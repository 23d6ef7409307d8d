"""Why an effect cannot be shared in some form."""

from editor.errors import UserError


class SharingError(UserError):
    """What was asked for cannot be made of this run, or of this file. The message is for a person."""
