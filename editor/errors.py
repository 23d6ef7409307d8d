"""The one kind of error whose message is written for the person at the screen."""

from __future__ import annotations


class UserError(ValueError):
    """Something a person can mend. The message is a sentence that says what is wrong and what to do."""
