"""Small JSON files with a format number, so that no program misreads, or writes over, what a newer one wrote."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from editor.errors import UserError
from editor.files import MAX_JSON_BYTES, read_json, replace_file
from editor.validation import explain

Values = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


class JsonFileError(UserError):
    """A JSON file that cannot be used. The message is a sentence for the person who has it."""


class NewerFileError(JsonFileError):
    """A file that a newer Pairbrush wrote. It is left as it is."""


@dataclass(frozen=True)
class JsonFormat:
    """The format of one kind of file: a JSON object with its format number under "format".

    Attributes:
        upgrades: Each turns the values of one format into those of the next one, beginning with format 1. A change of
            a format is one more of these.
    """

    upgrades: tuple[Callable[[Values], Values], ...] = ()

    @property
    def number(self) -> int:
        """The newest format, which is the one that is written."""
        return 1 + len(self.upgrades)

    def read(self, path: Path) -> Values:
        """Return what a file says, without its format number. A file without one is of format 1. Nothing is written.

        Raises:
            NewerFileError: It was written by a newer Pairbrush.
            JsonFileError: It is damaged.
            OSError: It is missing or cannot be read.
        """
        try:
            values = read_json(path)
        except ValueError as error:
            raise JsonFileError(f"{path} is damaged ({error}).") from error
        number = values.pop("format", 1) if isinstance(values, dict) else None
        if type(number) is not int or number < 1:
            raise JsonFileError(f"{path} is damaged or was not written by Pairbrush.")
        if number > self.number:
            raise NewerFileError(
                f"{path} was written by a newer version of Pairbrush (format {number}, and this version knows "
                f"{self.number}). Update Pairbrush to use it; it was left as it is."
            )
        for upgrade in self.upgrades[number - 1 :]:
            values = upgrade(values)
        return values

    def read_as(self, cls: type[Model], path: Path) -> Model:
        """Return what a file says as an object whose fields are checked. What it says beyond these is ignored.

        Args:
            cls: A pydantic model.
            path: The file.

        Raises:
            NewerFileError, JsonFileError, OSError: As `read`, and where a field is missing or of the wrong kind.
        """
        try:
            return cls.model_validate(self.read(path))
        except ValidationError as error:
            raise JsonFileError(f"{path} is damaged ({explain(error, cls)}).") from error

    def write(self, path: Path, values: Mapping[str, Any]) -> None:
        """Write a file, whole or not at all. A damaged one is replaced.

        Raises:
            NewerFileError: What is there was written by a newer Pairbrush.
            OSError: The disk is full, the folder cannot be written, or the file would be larger than `read` allows.
        """
        if path.is_file():
            try:
                self.read(path)
            except NewerFileError:
                raise
            except JsonFileError:
                pass  # of no use to anybody
        text = json.dumps({"format": self.number, **values}, indent=2, ensure_ascii=False)
        data = (text + "\n").encode()
        if len(data) > MAX_JSON_BYTES:  # which `read` would refuse, when it is needed
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        replace_file(path, data)
