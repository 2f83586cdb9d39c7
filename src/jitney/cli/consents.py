"""``jitney consent``: what people said to the purposes, and taking it back for them."""

from collections.abc import Iterator, Sequence

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.printing import print_json, print_table, shown
from jitney.cli.wiring import House, Wiring
from jitney.model.consent import ConsentedPurpose, ConsentReceipt
from jitney.provisioning.kantara import kantara_receipt

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")


@click.group()
def consent() -> None:
    """Consent receipts: list, show, withdraw."""


@consent.command(name="list")
@click.argument("user")
@_JSON
@click.pass_obj
def list_receipts(wiring: Wiring, user: str, as_json: bool) -> None:
    """List the receipts of a user, the newest first.

    \b
    Examples:
      jitney consent list ada
    """

    async def work(house: House) -> Sequence[ConsentReceipt]:
        return await house.verbs.consents.list_for(COMMAND_LINE, user)

    found = wiring.run(work)
    if as_json:
        print_json(found)
        return
    columns = ("receipt", "given", "purposes", "still agreed to")
    rows = [
        (one.id, one.given.isoformat(timespec="seconds"), [each.name for each in one.purposes],
         sorted(one.live_attributes))
        for one in found
    ]  # fmt: skip
    print_table(columns, rows, empty="There is no consent receipt of this user.")


@consent.command()
@click.argument("receipt")
@click.option("--kantara", is_flag=True, help="Print it as a Kantara Consent Receipt 1.1, in JSON.")
@_JSON
@click.pass_obj
def show(wiring: Wiring, receipt: str, kantara: bool, as_json: bool) -> None:
    """Show one receipt: what was agreed to, what was declined, and what was taken back.

    \b
    Examples:
      jitney consent show 1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b
      jitney consent show 1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b --kantara
    """

    async def work(house: House) -> tuple[ConsentReceipt, str | None]:
        present = await house.verbs.consents.get(COMMAND_LINE, receipt)
        return present, await house.verbs.consents.name_of_giver(COMMAND_LINE, present)

    found, name = wiring.run(work)
    if kantara or as_json:
        print_json(kantara_receipt(found) if kantara else found)
        return
    for label, value in _lines(found, name):
        click.echo(f"{label + ':':<14} {shown(value)}")


@consent.command()
@click.argument("receipt")
@click.option("--purpose", "purposes", multiple=True, help="By name or id; all without it. May be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_obj
def withdraw(wiring: Wiring, receipt: str, purposes: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Take an agreement back for a person who asked for it, with the attributes that rest on it.

    What rests on another agreement of the person stays.

    \b
    Examples:
      jitney consent withdraw 1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b --purpose "Staff directory"
    """
    which = f"for {', '.join(purposes)}" if purposes else "for every purpose"
    if not yes:
        question = f"Withdraw the consent {which}, and remove the attributes that rest on it?"
        click.confirm(question, abort=True, err=as_json)

    async def work(house: House) -> tuple[ConsentReceipt, ConsentReceipt]:
        verb = house.verbs.consents
        present = await verb.get(COMMAND_LINE, receipt)
        ids = _ids(present.purposes, purposes) if purposes else None
        return present, await verb.withdraw(COMMAND_LINE, receipt, ids)

    before, kept = wiring.run(work)
    if as_json:
        print_json(kept)
        return
    done = "Nothing was left to withdraw" if kept == before else "Withdrawn"
    click.echo(f"{done}; still agreed to: {shown(sorted(kept.live_attributes)) or 'nothing'}.")


def _ids(present: Sequence[ConsentedPurpose], wanted: Sequence[str]) -> list[str]:
    """Return the ids of the purposes that are meant by name or by id; an unknown one goes on as it is."""
    ids = {one.name: one.id for one in present}
    return [ids.get(name, name) for name in wanted]


def _lines(receipt: ConsentReceipt, name: str | None) -> Iterator[tuple[str, object]]:
    yield "receipt", receipt.id
    yield "user", f"{name} ({receipt.user_id})" if name else receipt.user_id
    yield "given", receipt.given.isoformat(timespec="seconds")
    yield "sign-in", receipt.reference
    yield "language", receipt.language
    yield "jurisdiction", receipt.jurisdiction
    yield "controller", receipt.controller.name
    yield "policy", receipt.policy_url
    for one in receipt.purposes:
        yield "purpose", f"{one.name}, version {one.version}"
        yield "  agreed to", one.consented
        yield "  declined", one.declined
        if one.withdrawn:
            yield "  withdrawn", one.withdrawn.isoformat(timespec="seconds")
