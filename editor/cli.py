"""The command line: train, edit, evaluate and compare without a page."""

from __future__ import annotations

import json
import math
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, get_args

import torch
import typer
from tqdm import tqdm

from editor.benchmarks.grid import Grid, run_grid
from editor.benchmarks.methods import METHODS
from editor.benchmarks.tasks import opened_task
from editor.config import MAX_SEED, PRESETS, Budget, FitMode
from editor.device import describe, pick_device
from editor.editing.batch import AskedBefore, Manner, carry_out, tasks_of
from editor.editing.editor import MAX_STRENGTH, Editor
from editor.editing.frames import Frame
from editor.errors import UserError
from editor.metrics.judges import Judges
from editor.metrics.report import evaluate as evaluate_pairs
from editor.pairs.importing.opening import opened_pairs
from editor.pairs.store import PairStore
from editor.sharing import commands, jobs
from editor.sharing.formats import EXPORTS, Choices
from editor.sharing.formats import export as export_as
from editor.training.control import Control
from editor.training.data_parallel import Ranks, joined
from editor.training.events import Adjusted, Failed, Preview, StepDone
from editor.training.forecast import forecast
from editor.training.recording import record
from editor.training.run_folder import RunFolder

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(commands.app)

Newest = Annotated[
    bool, typer.Option("--newest", help="Use the newest weights, even if earlier ones did clearly better.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps")]
Seed = Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Decides the noise and the reference pair.")]
Pairs = Annotated[
    Path,
    typer.Argument(
        help="Pairs as the page takes them: loose pictures, source/ and target/, any folder, or a zip file."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Go on where the pairs are only a guess, or some are left out.")]


@contextmanager
def interruptible() -> Iterator[Control]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop after the step; a second one ends the program."""
    control = Control()

    def ask(*_: object) -> None:
        control.stop()
        restore()

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield control
    finally:
        restore()


def ignore_interrupts() -> None:
    """Leave Ctrl-C and SIGTERM to the process that leads: it stops after the step, and then this one ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def count_in(bar: tqdm, done: int, total: int) -> None:
    """Show in a bar that so many of all are done; of all is 0 where it is not known."""
    bar.total = total or None
    bar.update(done - bar.n)
    if done == total:
        bar.close()


@contextmanager
def pairs_of(path: Path, *, is_agreed: bool) -> Iterator[PairStore]:
    """Open pairs for a command, say how they were understood, and ask the person where that is doubtful."""

    def ask(doubt: str) -> None:
        if is_agreed:
            typer.echo(doubt, err=True)
        elif not sys.stdin.isatty():
            raise UserError(f"{doubt} Give --yes to go on.")
        elif not typer.confirm(f"{doubt} Go on?", err=True):
            raise UserError("Nothing was done. Put the names right, or leave those files out, and start again.")

    with (
        tqdm(unit=" pairs", leave=False, disable=None) as bar,  # only where somebody looks at it
        opened_pairs(path, say=typer.echo, ask=ask, progress=partial(count_in, bar)) as store,
    ):
        yield store


@app.command()
def train(
    pairs_dir: Pairs,
    run: Annotated[Path, typer.Option(help="Folder to make for the run.")],
    preset: Annotated[str, typer.Option(help=f"One of {', '.join(PRESETS)}.")] = "draft",
    size: Annotated[int | None, typer.Option(help="Side of the model's image in pixels.")] = None,
    fit: Annotated[
        str, typer.Option(help="Of pictures that are not square: whole, with margins, or crop to the middle square.")
    ] = "whole",
    minutes: Annotated[float | None, typer.Option(help="Time to train; 3 if no --steps are given.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps to train, instead of a time.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Decides the first weights and all draws.")] = 0,
    device: Device = "auto",
    continue_: Annotated[bool, typer.Option("--continue", help="Go on with the run that is there.")] = False,
    on: Annotated[
        str | None, typer.Option(help="Train on a machine of Hugging Face Jobs, such as t4-small, for its price.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="With --on: leave the copy of the run on the Hub.")] = False,
    yes: Yes = False,
) -> None:
    """Train an editor on pairs. Ctrl-C stops and keeps what was learned.

    On several graphics cards or processors: torchrun --nproc-per-node=N -m -- editor train ...
    """
    if preset not in PRESETS:
        raise UserError(f"There is no preset {preset!r}. Choose one of {', '.join(PRESETS)}.")
    if fit not in get_args(FitMode):
        raise UserError(f"There is no --fit {fit}. Choose one of {', '.join(get_args(FitMode))}.")
    if minutes is None and steps is None:
        minutes = 3.0
    budget = Budget(minutes=minutes, steps=steps)
    with joined(device) as ranks:
        if ranks is not None and ranks.rank:
            ignore_interrupts()
            ranks.work()
            return
        chosen = pick_device(device) if ranks is None else ranks.device
        if ranks is not None and on:
            raise UserError("torchrun trains on this machine, --on on another one. Leave one of them out.")
        cost = commands.agreed_price(on, budget, is_agreed=yes) if on else None
        if continue_:
            folder = RunFolder.open(run)
            jobs.require_home(folder.path)
        else:
            size = PRESETS[preset].image_size if size is None else size
            config = replace(PRESETS[preset], seed=seed, image_size=size, fit=fit)
            with pairs_of(pairs_dir, is_agreed=yes) as store:
                folder = RunFolder.create(run, config=config, store=store, effect=pairs_dir.resolve().stem)
        if cost is not None:
            jobs.start(folder, cost, minutes=budget.minutes, is_kept=keep)
            commands.follow_job(folder)
            return
        train_here(folder, budget, chosen, ranks, is_decided=steps is not None or continue_)


def train_here(
    folder: RunFolder, budget: Budget, device: torch.device, ranks: Ranks | None, *, is_decided: bool
) -> None:
    """Train on this machine, with a bar.

    Args:
        folder: The run.
        budget: How long.
        device: Where.
        ranks: The processes that train together; None for this one alone.
        is_decided: Whether the person wants this, however long it takes.

    Raises:
        UserError: The machine is too slow, or the training failed.
    """
    config, where = folder.config, describe(device)
    if ranks is not None:
        config, where = ranks.own_part(config), ranks.describe()
    expected = forecast(config, device, patience=math.inf if is_decided else None)
    if expected.is_busy:
        typer.echo("Another program keeps this machine busy. Alone, this training would be faster.", err=True)
    typer.echo(
        f"{folder.path}: {config.image_size} px on {where}, about {expected.steps(budget)} steps in "
        f"{tqdm.format_interval(expected.seconds(budget))}. Ctrl-C stops and keeps what was learned."
    )

    notes: dict[str, str] = {}
    bar_format = "{l_bar}{bar}| {elapsed}{postfix}"
    with interruptible() as control, tqdm(total=1.0, bar_format=bar_format) as bar:
        for event in record(folder, device=device, budget=budget, control=control, ranks=ranks):
            if isinstance(event, Failed):
                raise UserError(event.message)
            if isinstance(event, Preview):
                notes["PSNR"] = f"{event.psnr:.2f} dB{'' if event.is_held_out else ' (trained on)'}"
            elif isinstance(event, Adjusted):
                bar.write(event.message)
            elif isinstance(event, StepDone):
                notes["ETA"] = tqdm.format_interval(event.eta_seconds)
                notes |= {
                    "step": f"{event.step} ({event.steps_per_second:.1f}/s)",
                    "loss": f"{event.losses['target']:.4f}",
                }
                bar.postfix = ", ".join(f"{name} {value}" for name, value in notes.items())
                bar.update(event.progress - bar.n)
    typer.echo(
        f"Done after {event.step} steps, {event.seconds:.0f} s. "
        + f"Edit with: python -m editor edit {folder.path} IMAGE --output OUT"
    )


def parse_frame(text: str) -> Frame:
    """Return the frame that LEFT,TOP,SIDE names.

    Raises:
        UserError: The text names none.
    """
    try:
        return Frame(*map(int, text.split(",")))
    except (ValueError, TypeError) as error:
        raise UserError(
            f"--frame {text}: give LEFT,TOP,SIDE as whole numbers of pixels, for instance 900,300,512."
        ) from error


@app.command()
def edit(
    run: Annotated[Path, typer.Argument(help="A run's folder, or an effect file.")],
    images: Annotated[
        list[Path], typer.Argument(help="Pictures to edit, any size; folders of them; patterns such as photos/*.jpg.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the results, NAME.png each.")],
    frame: Annotated[
        list[str] | None,
        typer.Option(help="LEFT,TOP,SIDE in pixels: edit this square instead of all; may be given several times."),
    ] = None,
    strength: Annotated[float, typer.Option(help=f"Factor of the edit, 0 to {MAX_STRENGTH}.")] = 1.0,
    reference: Annotated[str | None, typer.Option(help="Name of the pair that serves as the reference.")] = None,
    as_clip: Annotated[
        bool, typer.Option("--as-clip", help="The pictures are frames of one clip: all by the reference of the first.")
    ] = False,
    subfolders: Annotated[bool, typer.Option("--subfolders", help="Also the folders inside, which are kept.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also what was edited like this before.")] = False,
    seed: Seed = 0,
    newest: Newest = False,
    device: Device = "auto",
) -> None:
    """Edit pictures and clips with a trained run, one after the other; the rest is edited where one cannot be."""
    manner = Manner(seed=seed, strength=strength, frames=tuple(map(parse_frame, frame or ())), reference=reference)
    editor = Editor.load(run, device, weights="newest" if newest else "chosen")
    manner.require_possible(editor)  # else it would be said of each picture
    tasks = tasks_of(images, output, with_subfolders=subfolders)
    weights = [path for path in (run, *run.glob("*.safetensors")) if path.is_file()]
    asked = AskedBefore(output, manner, run.resolve(), editor.step, as_clip)
    since = max([asked.since, *(path.stat().st_mtime for path in weights)])
    failed: list[str] = []
    num_skipped = 0
    for task in tqdm(tasks, unit="image", disable=None):  # a bar only where somebody looks at it
        if not again and task.photo.is_file() and task.is_done(since):
            num_skipped += 1
            continue
        try:
            with tqdm(unit=" frames", leave=False, disable=None if task.is_clip else True) as bar:
                used = carry_out(editor, task, manner, partial(count_in, bar))
        except UserError as error:  # the others are edited all the same
            failed.append(str(error))
            continue
        asked.remember()
        if as_clip:
            manner = replace(manner, reference=used)
    if num_edited := len(tasks) - num_skipped - len(failed):
        typer.echo(f"{num_edited} edited into {output}")
    if num_skipped:
        typer.echo(f"{num_skipped} had been edited like this before. Give --again to edit them anew.")
    if failed:
        raise UserError("\n".join(failed))


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    pairs_dir: Pairs,
    json_path: Annotated[Path, typer.Option("--json", help="File for the figures.")],
    seed: Seed = 0,
    newest: Newest = False,
    device: Device = "auto",
    yes: Yes = False,
) -> None:
    """Measure a run on pairs it has never seen."""
    editor = Editor.load(run, device, weights="newest" if newest else "chosen")
    judges = Judges.find(editor.device)
    with pairs_of(pairs_dir, is_agreed=yes) as store:
        report = evaluate_pairs(
            lambda image: editor.edit(image, seed=seed).image,
            store,
            editor.image_size,
            editor.fit,
            judges=judges,
            at_full_size=editor.model.has_detail,
        )
    text = json.dumps(report.to_dict(), indent=2)
    json_path.parent.mkdir(parents=True, exist_ok=True)
    json_path.write_text(text + "\n", encoding="utf-8")
    typer.echo(text)
    for note in judges.notes:
        typer.echo(note, err=True)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    output: Annotated[
        Path, typer.Option(help=f"A name that ends in {', '.join(EXPORTS)}, or the folder to make for a small copy.")
    ],
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Name of a pair that goes along in an effect file; may be given several times."),
    ] = None,
    license: Annotated[str, typer.Option(help="The terms to write on the card, such as cc-by-4.0.")] = "",
) -> None:
    """Make a file of a run for others, or a small copy of it, which edits and holds its pairs at half the precision."""
    typer.echo(export_as(RunFolder.open(run), output, Choices(tuple(pair or ()), license)))


@app.command()
def benchmark(
    tasks: Annotated[
        list[Path], typer.Argument(help="Folders with train/ and test/, each with pairs as `train` takes them.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for results, tables, curves and contact sheets.")],
    methods: Annotated[
        str,
        typer.Option(help=f"Some of {', '.join(METHODS)}; edits:NAME=DIR scores edits of others."),
    ] = "ours,pix2pix,pix2pix-star,do-nothing",
    shots: Annotated[str, typer.Option(help="Numbers of training pairs: the first of train/ by name.")] = "20",
    minutes: Annotated[
        str | None, typer.Option(help="Training times; each is a training of its own. 10 if no --steps are given.")
    ] = None,
    steps: Annotated[str, typer.Option(help="Numbers of steps to train, beside or instead of times.")] = "",
    size: Annotated[int, typer.Option(help="Side of the pictures in pixels.")] = 128,
    seeds: Annotated[int, typer.Option(help="How many times to train each model, from seeds 0, 1, ...")] = 1,
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="What sdedit and instruct-pix2pix shall do: a JSON file, see docs/DEVELOPING.md. They need diffusers, "
            "and each downloads 5 GB of weights once, unless the file names folders."
        ),
    ] = None,
    perceptual: Annotated[bool, typer.Option("--perceptual", help="Also LPIPS and FID; downloads networks.")] = False,
    device: Device = "auto",
    yes: Yes = False,
) -> None:
    """Compare methods on tasks. What is done is not done again; Ctrl-C keeps every model that is finished."""
    minutes = ("" if steps else "10") if minutes is None else minutes
    with ExitStack() as stack:
        opened = [stack.enter_context(opened_task(task, partial(pairs_of, is_agreed=yes))) for task in tasks]
        grid = Grid.parse(
            tasks=opened,
            methods=methods,
            shots=shots,
            minutes=minutes,
            steps=steps,
            size=size,
            seeds=seeds,
            prompts=prompts,
        )
        chosen = pick_device(device)
        judges = Judges.find(chosen, may_download=perceptual)
        for note in judges.notes:
            typer.echo(note, err=True)
        control = stack.enter_context(interruptible())
        is_whole = run_grid(grid, output, device=chosen, judges=judges, should_stop=control.should_stop)
    typer.echo(f"{output / 'tables.md'} has the figures.")
    if not is_whole:
        raise UserError("Not every model is there yet. Give the same command again to go on.")


def main() -> None:
    """Run the command line. An error that a person can mend is one line on stderr and exit code 1, no traceback."""
    try:
        app()
    except UserError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error
    except OSError as error:
        place = str(error.filename or "A file")[:200]
        typer.echo(f"Error: {place} cannot be read or written ({error.strerror or error}).", err=True)
        raise SystemExit(1) from error
