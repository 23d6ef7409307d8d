"""What is known of a run that was received as an effect file instead of trained here: its `shared.json`.

See `training.effect_file`, which carries the same facts.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StrictBool

from editor.json_files import JsonFormat
from editor.validation import Text, between

RECEIVED = JsonFormat()
RECEIVED_NAME = "shared.json"
MOST_AGREEMENT = 99.0  # dB: two edits that are equal in every level


class ReceivedEffect(BaseModel):
    """How an effect edits without the pairs that it was learned from.

    Attributes:
        needs_pairs: Whether edits go by pairs that came along, because they are worse without any.
        agreement: PSNR in dB between its edits and those with the pairs it was learned from, when the file was made, at
            most `MOST_AGREEMENT`; None where that was not measured.
        license: The terms that whoever made the file has chosen; empty if none.
    """

    needs_pairs: StrictBool = False
    agreement: Annotated[float, between(0, MOST_AGREEMENT)] | None = None
    license: Text = ""
