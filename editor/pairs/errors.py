"""The error of pairs that a person has to put right."""

from editor.errors import UserError


class PairError(UserError):
    """Pairs that cannot be used as they are. The message is a sentence for the person who made them."""
