"""``jitney user disable`` and its like: what changes who may sign in, beside locks."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.wiring import House, Wiring
from jitney.settings.written import read_secret

_PASSWORD_FILE = click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the password; without it you are asked.",
)  # fmt: skip


@click.command()
@click.argument("reference")
@click.pass_obj
def disable(wiring: Wiring, reference: str) -> None:
    """Switch an account off and end its sessions.

    It is off for Jitney: a user store outside its database is not touched, and need not answer.

    \b
    Examples:
      jitney user disable ada
    """
    _act(wiring, lambda house: house.verbs.account_states.disable(COMMAND_LINE, reference))
    click.echo(f"Disabled {reference}; the sessions have ended.")


@click.command()
@click.argument("reference")
@click.pass_obj
def enable(wiring: Wiring, reference: str) -> None:
    """Switch an account on.

    One that the user store itself has switched off is switched on there.

    \b
    Examples:
      jitney user enable ada
    """
    _act(wiring, lambda house: house.verbs.account_states.enable(COMMAND_LINE, reference))
    click.echo(f"Enabled {reference}.")


@click.command(name="set-password")
@click.argument("reference")
@_PASSWORD_FILE
@click.pass_obj
def set_password(wiring: Wiring, reference: str, password_file: Path | None) -> None:
    """Set a password and end the sessions under the old one.

    \b
    Examples:
      jitney user set-password ada
    """
    password = ask_password(password_file)
    _act(wiring, lambda house: house.verbs.account_states.set_password(COMMAND_LINE, reference, password))
    click.echo(f"The password of {reference} is set; the sessions have ended.")


@click.command(name="end-sessions")
@click.argument("reference")
@click.pass_obj
def end_sessions(wiring: Wiring, reference: str) -> None:
    """End every session of a user, with its tokens.

    \b
    Examples:
      jitney user end-sessions ada
    """
    _act(wiring, lambda house: house.verbs.account_states.end_sessions(COMMAND_LINE, reference))
    click.echo(f"The sessions of {reference} have ended.")


def ask_password(file: Path | None) -> str:
    """Read a password from a file or the terminal; an argument would show in the list of processes."""
    if file is not None:
        return read_secret(file)
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _act(wiring: Wiring, act: Callable[[House], Awaitable[None]]) -> None:
    wiring.run(act)
