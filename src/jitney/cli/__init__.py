"""The command line: ``jitney serve``, ``check``, ``apply`` and the rest; it parses, calls a verb, and prints.

Whoever runs it has the machine in hand, and acts as the operator ``command_line``.
"""

import os
from pathlib import Path

import click

from jitney.cli.applications import app
from jitney.cli.applying import apply
from jitney.cli.checking import check, doctor, migrate
from jitney.cli.consents import consent
from jitney.cli.identity_providers import idp
from jitney.cli.keys import keys
from jitney.cli.outcomes import outcomes
from jitney.cli.printing import FaultPrinter
from jitney.cli.purposes import purpose
from jitney.cli.rehearsing import rehearse
from jitney.cli.roles import role
from jitney.cli.serving import serve
from jitney.cli.set_up import set_up
from jitney.cli.user_stores import store
from jitney.cli.users import user
from jitney.cli.wiring import Wiring

__all__ = ["main"]


@click.group(cls=FaultPrinter, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="The file of settings to use."
)  # fmt: skip
@click.version_option(package_name="jitney")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Jitney: an identity broker that provisions people just in time.

    Settings come from --config, else from conf/deployment.toml below $JITNEY_HOME or the working folder;
    without a file the defaults hold.

    Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 wrong settings; 4 something does not answer.

    \b
    Examples:
      jitney serve
      jitney check
      jitney apply --dry-run acme.toml
    """
    context.obj = context.obj or Wiring(os.environ, Path.cwd(), config)


for command in (
    serve, check, doctor, migrate, apply, idp, app, store, user, role, purpose, consent, rehearse, outcomes,
    keys, set_up,
):  # fmt: skip
    main.add_command(command)
