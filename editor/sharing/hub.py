"""A run as a repository on the Hugging Face Hub: the parts of its effect file, and a model card."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.hub import TAG, Hub, HubId, Pushed
from editor.image_files import load_image
from editor.sharing.effect import export_effect
from editor.sharing.formats import Choices
from editor.training.effect_file import SUFFIX
from editor.training.effect_repo import MAX_SAMPLES, PARTS
from editor.training.run_folder import RunFolder

FILES = (*PARTS, "README.md", "samples/*.jpg")
LICENSES = (  # as the Hub calls them; any other becomes "other" with that name
    *("apache-2.0", "mit", "bsd-3-clause", "gpl-3.0", "unlicense", "openrail", "cc0-1.0"),
    *(f"cc-{kind}-4.0" for kind in ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")),
)
SAMPLE_SIDE = 512  # pixels


@dataclass(frozen=True, slots=True)
class HubChoices(Choices):
    """What a person decides on for an effect on the Hub.

    Attributes:
        samples: Names of pairs whose pictures before, and their edits, the model card shows; none by default.
        is_private: Whether only its owner may see it.
    """

    samples: tuple[str, ...] = ()
    is_private: bool = True


CAREFUL = HubChoices()  # nothing but the effect, for its owner alone


def push_run(run: RunFolder, repo: str, choices: HubChoices = CAREFUL, *, hub: Hub | None = None) -> Pushed:
    """Upload a run as an effect.

    Args:
        run: A run that has learned something.
        repo: "user/effect".
        choices: What goes along, under which terms, and who may see it.
        hub: As whom; None for the one that this machine is logged in as.

    Raises:
        UserError: It cannot become an effect, there is no such pair, or the Hub refuses; the message says why.
        OSError: The disk is full.
    """
    if HubId.parse(repo) is None:
        raise UserError(f"{repo:.200}: name a repository as user/effect.")
    with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
        folder, file = Path(scratch, "parts"), Path(scratch, f"effect{SUFFIX}")
        folder.mkdir()
        shown = _save_samples(run, choices.samples, folder / "samples")
        export_effect(run, file, pairs=choices.pairs, license=choices.license)
        with zipfile.ZipFile(file) as archive:  # made a moment ago, by us
            archive.extractall(folder)
        card = (folder / "card.md").read_text(encoding="utf-8")
        (folder / "README.md").write_text(model_card(card, repo, choices.license, shown), encoding="utf-8")
        hub, message = hub or Hub(), run.effect[:100]
        return hub.push(folder, repo, allow=FILES, is_private=choices.is_private, message=message)


def model_card(card: str, repo: str, license: str = "", samples: Sequence[str] = ()) -> str:
    """Return the README.md of a repository: what the Hub reads, pictures, and the card of the effect.

    Args:
        card: See `card.card_text`.
        repo: "user/effect".
        license: The terms; may be empty.
        samples: Names of the samples: `samples/NAME-before.jpg` and `samples/NAME-after.jpg`.
    """
    terms = re.sub(r"[^a-z0-9.]+", "-", license.strip().lower()).strip("-.")[:100]
    front = ["---", f"library_name: {TAG}", "pipeline_tag: image-to-image"]
    if terms:
        front += [f"license: {terms}"] if terms in LICENSES else ["license: other", f"license_name: {terms}"]
    front += ["tags:", f"- {TAG}", "- image-editing", "---"]
    title, _, rest = card.partition("\n\n")
    rest = rest.replace("Drop this file on any page of Pairbrush, or:", "With Pairbrush, from its folder:")
    rest = rest.replace('Path("EFFECT.pairbrush")', f'"{repo}"').replace("EFFECT.pairbrush", repo)
    rows = ["| Before | Edited |", "|---|---|"]
    rows += [f"| ![before](samples/{name}-before.jpg) | ![edited](samples/{name}-after.jpg) |" for name in samples]
    return "\n".join(front) + "\n\n" + "\n\n".join([title, *(["\n".join(rows)] if samples else []), rest])


def _save_samples(run: RunFolder, names: Sequence[str], folder: Path) -> list[str]:
    """Write pictures before and their edits, small and under names of their own, and return these."""
    if len(names) > MAX_SAMPLES:
        raise UserError(f"The card shows at most {MAX_SAMPLES} pictures, not {len(names)}.")
    files = {pair.name: run.large_files().get(pair.name, pair) for pair in run.store.pairs()}
    if unknown := [name for name in names if name not in files]:
        raise UserError(f"This run has no pair named {unknown[0]!r}. It has: {', '.join(files)}.")
    if names:
        folder.mkdir()
        editor = Editor.load(run.path, "cpu")
    for number, name in enumerate(names, 1):
        before = load_image(files[name].source)
        for side, image in (("before", before), ("after", editor.edit(before).image)):
            image.thumbnail((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.LANCZOS)
            image.save(folder / f"{number}-{side}.jpg", quality=90)
    return [str(number) for number in range(1, len(names) + 1)]
