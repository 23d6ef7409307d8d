"""Commands that reach beyond this machine: effects on the Hugging Face Hub, and trainings on a rented machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from editor.config import Budget
from editor.errors import UserError
from editor.hub import HubId
from editor.sharing import jobs, mcp_server
from editor.sharing.hub import HubChoices, push_run
from editor.training.effect_repo import fetch_effect
from editor.training.run_folder import RunFolder

app = typer.Typer()


def agreed_price(flavor: str, budget: Budget, *, is_agreed: bool) -> jobs.Price:
    """Say what a rented machine costs, and ask the person whether that is all right."""
    cost = jobs.price(flavor, budget)
    typer.echo(str(cost))
    if not is_agreed:
        if not sys.stdin.isatty():
            raise UserError("That costs money. Give --yes to go on.")
        if not typer.confirm("Go on?", err=True):
            raise UserError("Nothing was done.")
    return cost


def follow_job(run: RunFolder) -> None:
    """Follow a rented machine until it ends; Ctrl-C leaves it at work."""
    again = f"python -m editor job {run.path}"
    typer.echo(f"It is at work, also without this computer. Ctrl-C leaves it alone; later: {again} [--cancel]")
    try:
        jobs.follow(run, say=typer.echo)
    except KeyboardInterrupt:
        typer.echo(f"The machine goes on, and costs. Come back with: {again}", err=True)


@app.command()
def job(
    run: Annotated[Path, typer.Argument(help="The folder of a run that is on a rented machine.")],
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the machine, and bring home what there is.")] = False,
) -> None:
    """Follow a training on a rented machine again, see `train --on`, and bring the run home when it has ended."""
    folder = RunFolder.open(run)
    if cancel:
        jobs.cancel(folder)
    follow_job(folder)


@app.command()
def mcp(
    effects: Annotated[list[Path], typer.Argument(help="Folders of runs, and effect files.")],
    output: Annotated[Path, typer.Option(help="Folder for the edits.")] = Path("edits"),
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps")] = "auto",
) -> None:
    """Offer effects to an assistant that starts this command (MCP over stdio): the tool edit(image, effect)."""
    mcp_server.server(effects, output, device).run()


@app.command()
def push(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    repo: Annotated[str, typer.Argument(help="Where it goes on the Hugging Face Hub: user/effect.")],
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it.")] = False,
    picture: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of a pair whose picture, before and edited, the card shows; may be given several times."
        ),
    ] = None,
    pair: Annotated[
        list[str] | None, typer.Option(help="Name of a pair that goes along; may be given several times.")
    ] = None,
    license: Annotated[str, typer.Option(help="The terms to write on the card, such as cc-by-4.0.")] = "",
) -> None:
    """Upload a run as an effect, private unless --public. Needs huggingface.co and what `hf auth login` leaves."""
    choices = HubChoices(tuple(pair or ()), license, samples=tuple(picture or ()), is_private=not public)
    pushed = push_run(RunFolder.open(run), repo, choices)
    seen_by = "everybody can see it" if public else "only you can see it"
    typer.echo(f"{pushed.url} ({seen_by}). This version: {pushed.repo}@{pushed.revision}")


@app.command()
def pull(
    effect: Annotated[str, typer.Argument(help="user/effect, or user/effect@revision to pin a version.")],
    output: Annotated[Path, typer.Option(help="Folder for the effect file.")] = Path(),
) -> None:
    """Download an effect from the Hugging Face Hub as an effect file."""
    wanted = HubId.parse(effect)
    if wanted is None:
        raise UserError(f"{effect:.200}: name an effect as user/effect, or user/effect@revision.")
    output.mkdir(parents=True, exist_ok=True)
    file = fetch_effect(wanted, output)
    typer.echo(f"{file}: python -m editor edit {file} IMAGE --output OUT")
