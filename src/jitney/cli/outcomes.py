"""``jitney outcomes``: how sign-ins ended, and why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.records.outcome_finding import Sought, ToldOutcome
from jitney.cli.printing import print_json, print_table, shown, with_names
from jitney.cli.wiring import House, Wiring
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.provisioning.sentences import SENTENCES

_TIME = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])


@click.group()
def outcomes() -> None:
    """Outcomes of sign-ins: list, show."""


@outcomes.command(name="list")
@click.option("--user", help="A user by name, DOMAIN/name or id; one who was removed by id.")
@click.option("--idp", help="An identity provider by name.")
@click.option("--subject", help="A subject of that provider.")
@click.option("--application", help="An application by client id.")
@click.option("--kind", type=click.Choice([one.value for one in OutcomeKind]), help="How it ended.")
@click.option("--reason", "code", help="A code that stands among the reasons, such as name_taken.")
@click.option("--since", type=_TIME, help="Not earlier; local time unless it says.")
@click.option("--until", type=_TIME, help="Earlier than this.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def list_outcomes(
    wiring: Wiring, kind: str | None, since: datetime | None, until: datetime | None, limit: int, as_json: bool,
    **known: str | None,
) -> None:  # fmt: skip
    """List outcomes, the newest first; every option narrows the list.

    \b
    Examples:
      jitney outcomes list --idp acme --since 2026-11-01
      jitney outcomes list --user ada
      jitney outcomes list --kind refused --reason name_taken
    """
    ended = OutcomeKind(kind) if kind else None
    sought = Sought(kind=ended, since=_aware(since), until=_aware(until), limit=limit, **known)

    async def work(house: House) -> tuple[Sequence[Outcome], Mapping[str, str]]:
        listed = await house.verbs.outcomes.list(COMMAND_LINE, sought)
        return listed, await house.verbs.outcomes.names(COMMAND_LINE, listed)

    found, names = wiring.run(work)
    if as_json:
        print_json(found)
        return
    columns = ("reference", "time", "kind", "reason", "application", "idp", "subject", "user")
    rows = [
        (one.reference, one.at.isoformat(timespec="seconds"), one.kind, one.code, one.application,
         names.get(one.idp or "", one.idp), one.subject, names.get(one.user_id or "", one.user_id))
        for one in found
    ]  # fmt: skip
    print_table(columns, rows, empty="No sign-in fits.")


@outcomes.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def show(wiring: Wiring, reference: str, as_json: bool) -> None:
    """Show the whole story behind the reference of an error page: the reasoning, and what was written.

    \b
    Examples:
      jitney outcomes show K7QF-2M9D
    """

    async def work(house: House) -> ToldOutcome:
        return await house.verbs.outcomes.tell(COMMAND_LINE, reference)

    told = wiring.run(work)
    if as_json:
        print_json(told)
        return
    for line in _lines(told):
        click.echo(line)


def _lines(told: ToldOutcome) -> Iterator[str]:
    outcome = told.outcome
    yield f"{outcome.reference}  {outcome.at.isoformat(timespec='seconds')}  {outcome.kind}"
    about = {
        "application": outcome.application,
        "idp": _named(outcome.idp, told),
        "subject": outcome.subject,
        "user": _named(outcome.user_id, told),
    }
    yield from (f"  {name + ':':<13} {shown(value)}" for name, value in about.items() if value)
    yield "Reasons:"
    for reason in outcome.reasons:
        yield from _reason_lines(reason)
    yield "Written:"
    yield from (f"  {shown(with_names(line, told.names))}" for line in outcome.written or ("nothing",))
    yield "Audit events:"
    for event in told.events:
        target = shown(with_names(event.target, told.names))
        yield f"  {event.at.isoformat(timespec='seconds')}  {event.action}  {target}"


def _reason_lines(reason: Reason) -> Iterator[str]:
    about = ", ".join(f"{name}: {value}" for name, value in reason.about.items())
    yield f"  - {reason.code}" + (f" ({shown(about)})" if about else "")
    if reason.code in SENTENCES:
        yield f"      {SENTENCES[reason.code]}"


def _named(id: str | None, told: ToldOutcome) -> str | None:
    return f"{told.names[id]} ({id})" if id is not None and id in told.names else id


def _aware(moment: datetime | None) -> datetime | None:
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
