"""``jitney outcomes``: how sign-ins ended, and why."""

from collections.abc import Sequence
from datetime import datetime

import click

from jitney.cli.printing import print_json, print_table, shown
from jitney.cli.wiring import House, Wiring
from jitney.errors import NotFound
from jitney.model.outcome import Outcome
from jitney.ports import OutcomeFilter

_TIME = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])


@click.group()
def outcomes() -> None:
    """Outcomes of sign-ins: list, show."""


@outcomes.command(name="list")
@click.option("--user", "reference", help="A user by name, DOMAIN/name or id.")
@click.option("--idp", "idp_name", help="An identity provider by name.")
@click.option("--subject", help="A subject of that provider.")
@click.option("--since", type=_TIME, help="Not earlier; local time unless it says.")
@click.option("--until", type=_TIME, help="Not later.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_outcomes(
    wiring: Wiring, reference: str | None, idp_name: str | None, subject: str | None, since: datetime | None,
    until: datetime | None, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """List outcomes, the newest first.

    \b
    Examples:
      jitney outcomes list --idp acme --since 2026-11-01
      jitney outcomes list --user ada
    """

    async def work(house: House) -> Sequence[Outcome]:
        user = await house.verbs.users.finding.get(reference) if reference else None
        idp = await house.doors.stored_identity_providers.find_by_name(idp_name) if idp_name else None
        if idp_name and idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.")
        wanted = OutcomeFilter(
            idp=idp.id if idp else None, subject=subject, user_id=user.id if user else None,
            since=_aware(since), until=_aware(until), limit=limit,
        )  # fmt: skip
        return await house.doors.records.outcomes(wanted)

    found = wiring.run(work)
    if as_json:
        print_json(found)
        return
    columns = ("reference", "time", "kind", "reason", "application", "subject", "user")
    rows = [
        (one.reference, one.at.isoformat(timespec="seconds"), one.kind, one.code, one.application, one.subject,
         one.user_id)
        for one in found
    ]  # fmt: skip
    print_table(columns, rows, empty="No sign-in fits.")


@outcomes.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, reference: str, as_json: bool) -> None:
    """Show the whole reasoning behind the reference of an error page.

    \b
    Examples:
      jitney outcomes show K7QF-2M9D
    """

    async def work(house: House) -> Sequence[Outcome]:
        return await house.doors.records.outcomes(OutcomeFilter(reference=reference.strip().upper()))

    found = wiring.run(work)
    if not found:
        raise NotFound("outcome_not_found", "There is no sign-in with this reference.", reference=reference)
    if as_json:
        print_json(found[0])
        return
    outcome = found[0]
    click.echo(f"{outcome.reference}  {outcome.at.isoformat(timespec='seconds')}  {outcome.kind}")
    for name in ("application", "idp", "subject", "user_id"):
        click.echo(f"  {name + ':':<13} {shown(getattr(outcome, name))}")
    for reason in outcome.reasons:
        about = ", ".join(f"{name}: {value}" for name, value in reason.about.items())
        click.echo(f"  - {reason.code}" + (f" ({shown(about)})" if about else ""))


def _aware(moment: datetime | None) -> datetime | None:
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
