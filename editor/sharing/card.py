"""The card of an effect: what it does, how well, what it reveals and how to use it, for people, in Markdown."""

from __future__ import annotations

from html import escape

from editor.training.history import History
from editor.training.received import MOST_AGREEMENT, ReceivedEffect
from editor.training.run_folder import RunFolder


def card_text(
    run: RunFolder, history: History, effect: ReceivedEffect, step: int, num_cutouts: int = 0, num_pairs: int = 0
) -> str:
    """Return the card.

    Args:
        run: The run that the effect is from.
        history: What happened when it was trained.
        effect: How it edits without its pairs.
        step: Training step of its weights.
        num_cutouts: How many cutouts go along.
        num_pairs: How many pairs go along.
    """
    name = " ".join(escape(run.effect, quote=False).split())
    parts = [
        f"# {name}",
        "An image editor that was learned from a few before/after pairs with Pairbrush.",
        "## Use",
        "Drop this file on any page of Pairbrush, or:",
        "```\npython -m editor edit EFFECT.pairbrush PHOTO.jpg --output OUT\n```",
        "```python\nfrom pathlib import Path\nfrom editor import Editor\n\n"
        'editor = Editor.load(Path("EFFECT.pairbrush"))\neditor.edit(Path("me.jpg")).image.save("me-edited.png")\n```',
        "## How it was learned",
        "\n".join(f"- {fact}" for fact in _facts(run, history, step)),
        "## What this file reveals",
        "\n".join(f"- {fact}" for fact in _revealed(effect, num_cutouts, num_pairs)),
        "## License",
        escape(effect.license, quote=False) or "Whoever made this file has named none. Ask before you pass it on.",
    ]
    return "\n\n".join(parts) + "\n"


def _facts(run: RunFolder, history: History, step: int) -> list[str]:
    facts = [f"{run.config.image_size} px, {step:,} steps"]
    if history.seconds:
        facts[0] += f" in {history.seconds / 60:,.0f} minutes"
    best = history.best or (history.previews[-1] if history.previews else None)
    if best is not None:
        pairs = "pairs that it was not learned from" if best.is_held_out else "pairs that it was learned from"
        nothing = "" if history.unedited_psnr is None else f"; leaving them alone gives {history.unedited_psnr:.1f} dB"
        facts.append(f"{best.psnr:.1f} dB PSNR on {pairs}{nothing}")
    return facts


def _revealed(effect: ReceivedEffect, num_cutouts: int, num_pairs: int) -> list[str]:
    facts = []
    if num_pairs:
        facts.append(f"{num_pairs} pairs of photographs, which whoever made it has chosen.")
    else:
        facts.append("No photograph.")
    if num_cutouts:
        facts.append(f"{num_cutouts} cutouts of what the pictures after add, without anything around them.")
    if effect.needs_pairs:
        facts.append("Edits go by these pairs: without any they are worse.")
    elif effect.agreement is not None:
        near = "are the same" if effect.agreement == MOST_AGREEMENT else f"agree to {effect.agreement:.0f} dB PSNR"
        facts.append(f"Edits with the pairs it was learned from and without {near}.")
    facts.append("Weights, from which no picture can be read off; they were made of the pairs nevertheless.")
    return facts
