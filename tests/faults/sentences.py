"""What every refusal must be: a sentence for a person."""

import hashlib
from pathlib import Path

MAX_LENGTH = 1200  # characters


def check_sentence(text: object) -> str:
    """Return the text after making sure that a person can read it."""
    assert isinstance(text, str), text
    assert len(text.split()) >= 4, text
    assert len(text) <= MAX_LENGTH, text[:3000]
    for alien in ("Traceback", "[Errno", "object at 0x", 'File "', "NoneType", "site-packages", "<class"):
        assert alien not in text, text
    return text


def fingerprint(*folders: Path) -> str:
    """Return one line that changes with any file in the folders: its name or what is in it."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            digest.update(str(path.relative_to(folder)).encode(errors="replace"))
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()
