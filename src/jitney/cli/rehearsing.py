"""``jitney rehearse``: what would happen to this person, and why; nothing is written."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import print_json, shown, with_names
from jitney.cli.wiring import House, Wiring
from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object
from jitney.model.claims import Claims
from jitney.provisioning.decision import Ask, Decision, LinkTo, Refuse, SignInAs
from jitney.provisioning.verdict import questions_of
from jitney.signin.rehearsal import Rehearsed


@click.command()
@click.option("--idp", "idp_name", required=True, help="The identity provider by name.")
@click.option(
    "--claims", "file", required=True, type=click.Path(exists=True, allow_dash=True, dir_okay=False)
)
@click.option("--subject", help="The subject; without it, the claim sub.")
@click.option("--application", help="The application that the person would come from, by client id.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def rehearse(
    wiring: Wiring, idp_name: str, file: str, subject: str | None, application: str | None, as_json: bool
) -> None:
    """Print the decision, its reasons, and the difference that a sign-in would make.

    \b
    Examples:
      jitney rehearse --idp acme --claims ada.json
      jitney rehearse --idp acme --claims - --application wiki --json < ada.json
    """
    claims = _claims(file)
    whom = subject or claims.get("sub")
    if not isinstance(whom, str) or not whom:
        raise InvalidInput("subject_missing", "The claims hold no sub; name one with --subject.")

    async def work(house: House) -> tuple[Rehearsed, Mapping[str, str]]:
        told = await house.verbs.rehearsal.rehearse(idp_name, whom, claims, application=application)
        return told, await _names(house, told.decision)

    rehearsed, names = wiring.run(work)
    if as_json:
        print_json(
            {
                "decision": rehearsed.decided,
                "reasons": rehearsed.decision.reasons,
                "difference": rehearsed.difference,
                "asks": questions_of(rehearsed.decision),
                "names": names,
            }
        )
    else:
        _print(rehearsed, names)


def _claims(file: str) -> Claims:
    """Read the claims under the limits of a real token; raises ``InvalidInput``."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return cast("Claims", parse_json_object(content))
    except (OSError, json.JSONDecodeError) as fault:
        raise InvalidInput("claims_unreadable", "The file of claims cannot be read.") from fault


async def _names(house: House, decision: Decision) -> Mapping[str, str]:
    """Return the names behind the ids in a rehearsal: of the providers, and of all who gave the user something."""
    names = {idp.id: idp.name for idp in await house.verbs.identity_providers.list(COMMAND_LINE)}
    if not isinstance(decision, SignInAs | LinkTo):
        return names
    described = await house.verbs.users.describe(COMMAND_LINE, decision.user.id)
    return {**names, **described.givers}


def _print(rehearsed: Rehearsed, names: Mapping[str, str]) -> None:
    decision = rehearsed.decision
    click.echo(f"Decision: {rehearsed.decided.replace('_', ' ')}")
    if isinstance(decision, Refuse):
        click.echo(f"  the person reads: {decision.sentence}")
    if isinstance(decision, Ask):
        click.echo(f"  the person is asked for: {shown(questions_of(decision)) or 'nothing but to go on'}")
    click.echo("Reasons:")
    for reason in decision.reasons:
        about = ", ".join(f"{name}: {value}" for name, value in reason.about.items())
        click.echo(f"  - {reason.code}" + (f" ({shown(with_names(about, names))})" if about else ""))
    click.echo("Difference:")
    nothing = "nothing is written until the person has answered" if isinstance(decision, Ask) else "nothing"
    for line in rehearsed.difference or (nothing,):
        click.echo(f"  {shown(with_names(line, names))}")
