"""The doctor's findings, computed in background threads: pages poll every second and never wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from editor.errors import UserError
from editor.image_files import ImageError, load_image
from editor.pairs.doctor.evidence import Evidence, measure
from editor.pairs.doctor.examination import examine
from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair
from editor.workspace.workspace import Workspace

LARGE = 512  # pixels; of longer pictures the small copy is examined
MAX_REMEMBERED = 1000  # pairs, of about 0.1 MB each

logger = logging.getLogger(__name__)

Load = Callable[[Path], Image.Image]


class Checkup(NamedTuple):
    """What the doctor says of an effect.

    Attributes:
        flags: What a person should look at; of an earlier state while the examination is under way.
        is_done: Whether it is over.
        problem: Why there was none, if so.
    """

    flags: tuple[Flag, ...] = ()
    is_done: bool = False
    problem: str = ""


class Checkups:
    """Examines pairs in threads of its own. A pair is measured again only after its pictures changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._found: dict[str, tuple[tuple[int, ...], Checkup]] = {}  # by effect: of which version, and what
        self._busy: set[str] = set()
        self._evidence: dict[tuple[object, ...], Evidence] = {}

    def of(self, effect: str) -> Checkup:
        """Return what is known of an effect, and look again in the background if its pairs have changed.

        Raises:
            WorkspaceError: There is no such effect.
        """
        version = self._workspace.version(effect)
        with self._lock:
            known, found = self._found.get(effect, ((), Checkup()))
            if known == version:
                return found
            if effect not in self._busy:
                self._busy.add(effect)
                threading.Thread(target=self._examine, args=(effect, version), name="doctor", daemon=True).start()
            return found._replace(is_done=False)

    def _examine(self, effect: str, version: tuple[int, ...]) -> None:
        found = self._checkup(effect)
        with self._lock:
            self._busy.discard(effect)
            self._found[effect] = version, found

    def _checkup(self, effect: str) -> Checkup:
        fresh: dict[tuple[object, ...], Evidence] = {}

        def remembered(pair: Pair, load: Load) -> Evidence:
            key = _key(pair)
            evidence = self._evidence.get(key) or measure(pair, load)
            if len(fresh) < MAX_REMEMBERED:
                fresh[key] = evidence
            return replace(evidence, pair=pair)

        try:
            flags = examine(self._workspace.store(effect), self._load, remembered)
        except UserError as error:
            return Checkup(is_done=True, problem=str(error))
        except Exception as error:  # the page says so and goes on
            logger.exception("The pairs of %s could not be examined", effect)
            return Checkup(is_done=True, problem=f"The pairs could not be examined ({type(error).__name__}).")
        self._evidence = fresh
        return Checkup(tuple(flags), is_done=True)

    def _load(self, path: Path) -> Image.Image:
        try:
            width, height = self._workspace.thumbnails.size(path)
            small = self._workspace.thumbnails.get(path)  # the page needs it anyway
        except OSError as error:
            raise ImageError(f"{path.name} cannot be read ({error.strerror}).") from error
        is_thin = max(width, height) > 2 * min(width, height)  # the small copy would be smaller than what is examined
        return load_image(path if is_thin or max(width, height) <= LARGE else small)


def _key(pair: Pair) -> tuple[object, ...]:
    try:
        stats = [path.stat() for path in (pair.source, pair.target)]
    except FileNotFoundError as error:  # it went meanwhile
        raise ImageError(f"There is no file {pair.name}. Reload the list of pairs.") from error
    return tuple(number for stat in stats for number in (stat.st_ino, stat.st_mtime_ns, stat.st_size))
