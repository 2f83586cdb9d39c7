"""``jitney user lock``, ``unlock`` and ``locks``: who may not sign in, by name or by social identity."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.identity_locks import LockedIdentity, SocialIdentity
from jitney.cli.printing import print_json, print_table
from jitney.cli.wiring import House, Wiring
from jitney.model.identity_lock import IdentityLock, LockedBy

_Command = Callable[..., Any]


def _social(command: _Command) -> _Command:
    """Give a command the options that name somebody by their social identity."""
    options = (
        click.option("--idp", "idp_name", help="Instead of a name: the identity provider …"),
        click.option("--subject", help="… and the subject there, exactly as the provider says it;"),
        click.option("--email", help="… or the e-mail address there, in any case."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("reference", required=False)
@click.option("--reason", required=True, help="Why; operators read it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]), help="When the lock ends.")
@_social
@click.pass_obj
def lock(
    wiring: Wiring, reference: str | None, reason: str, until: datetime | None, **named: str | None
) -> None:  # fmt: skip
    """Lock an account and end its sessions.

    The lock is Jitney's own: a user store outside its database is not touched, and need not answer.
    With the enhanced feature it stands on the social identities too: deleting the account and signing in again
    opens nothing, and an identity that has no account here can be locked beforehand.

    \b
    Examples:
      jitney user lock ada --reason "lost laptop"
      jitney user lock ada --reason "on leave" --until 2031-01-31
      jitney user lock --idp acme --subject 248289761001 --reason "lost laptop"
      jitney user lock --idp acme --email ada@acme.example --reason "abuse"
    """
    who = _meant(reference, **named)
    end = until if until is None or until.tzinfo else until.astimezone()

    async def work(house: House) -> LockedIdentity | None:
        if isinstance(who, str):
            return await house.verbs.account_states.lock(COMMAND_LINE, who, reason=reason, until=end)
        return await house.verbs.identity_locks.lock(COMMAND_LINE, who, reason=reason, until=end)

    locked = wiring.run(work)
    click.echo("Locked; the sessions have ended." if locked is None else _told("Locked", locked))
    if locked is not None and not locked.on_identity:
        click.echo("The lock goes with the account: the enhanced feature is off for this provider.")


@click.command()
@click.argument("reference", required=False)
@_social
@click.pass_obj
def unlock(wiring: Wiring, reference: str | None, **named: str | None) -> None:
    """Unlock an account, and the social identities that open it.

    A lock that the user store itself has set is lifted there.

    \b
    Examples:
      jitney user unlock ada
      jitney user unlock --idp acme --subject 248289761001
      jitney user unlock --idp acme --email ada@acme.example
    """
    who = _meant(reference, **named)

    async def work(house: House) -> LockedIdentity | None:
        if isinstance(who, str):
            return await house.verbs.account_states.unlock(COMMAND_LINE, who)
        return await house.verbs.identity_locks.unlock(COMMAND_LINE, who)

    unlocked = wiring.run(work)
    click.echo(f"Unlocked {reference}." if unlocked is None else _told("Unlocked", unlocked))


@click.command()
@click.option("--idp", "idp_name", required=True, help="The identity provider.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def locks(wiring: Wiring, idp_name: str, as_json: bool) -> None:
    """List the locks on the social identities of a provider, the newest first, at most 100.

    \b
    Examples:
      jitney user locks --idp acme
    """

    async def work(house: House) -> tuple[Sequence[IdentityLock], datetime]:
        found = await house.verbs.identity_locks.list(COMMAND_LINE, idp_name)
        return found, house.doors.clock.now()

    found, now = wiring.run(work)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.locked_by.value, one.value, one.lock.reason, _end(one, now),
         one.lock.since.isoformat(timespec="seconds"))
        for one in found
    ]  # fmt: skip
    print_table(("by", "who", "reason", "until", "since"), rows, empty="Nobody of this provider is locked.")


def _meant(
    reference: str | None, *, idp_name: str | None, subject: str | None, email: str | None
) -> str | SocialIdentity:
    """Return whom the command is about; raises ``click.UsageError`` unless that is exactly one."""
    if reference and not (idp_name or subject or email):
        return reference
    if reference or not idp_name or bool(subject) == bool(email):
        raise click.UsageError("Name the user, or give --idp with --subject or --email.")
    if subject:
        return SocialIdentity(idp_name, LockedBy.SUBJECT, subject)
    return SocialIdentity(idp_name, LockedBy.EMAIL, email or "")


def _told(done: str, what: LockedIdentity) -> str:
    """Say what was locked or unlocked, and that there is no account where there is none."""
    names = ", ".join(str(user.username) for user in what.accounts)
    if not what.on_identity:
        return f"{done}: {names}." if names else "Nothing was locked."
    return (
        f"{done}: the identity, and {names}." if names else f"{done}: the identity; it has no account here."
    )


def _end(one: IdentityLock, now: datetime) -> str:
    until = one.lock.until
    if until is None:
        return "unlocked"
    return until.isoformat(timespec="seconds") + ("" if one.lock.is_in_force(now) else " (over)")
