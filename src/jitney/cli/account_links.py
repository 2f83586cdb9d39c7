"""``jitney user link`` and ``unlink``: the identities that open a user."""

import click

from jitney.administration.operator import COMMAND_LINE
from jitney.administration.people.user_drafts import FederatedKey
from jitney.cli.printing import print_json
from jitney.cli.wiring import House, Wiring
from jitney.model.account_link import AccountLink

_IDP = click.option("--idp", "idp_name", required=True, help="The identity provider by name.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
_SUBJECT = click.option("--subject", required=True, help="The subject there, byte for byte.")


@click.command()
@click.argument("reference")
@_IDP
@_SUBJECT
@click.option("--privileged", is_flag=True, help="Link even a user who administers Jitney.")
@_JSON
@click.pass_obj
def link(
    wiring: Wiring, reference: str, idp_name: str, subject: str, privileged: bool, as_json: bool
) -> None:  # fmt: skip
    """Let an identity open a user: whoever signs in with it is that user from now on.

    The user's sessions end, and a letter goes to the user's verified address.

    \b
    Examples:
      jitney user link ada --idp acme --subject 248289761001
    """
    key = FederatedKey(idp_name, subject)

    async def work(house: House) -> AccountLink:
        return await house.verbs.account_links.link(COMMAND_LINE, reference, key, privileged=privileged)

    made = wiring.run(work)
    if as_json:
        print_json(made)
        return
    click.echo(f"Linked {reference}; the earlier sessions have ended.")


@click.command()
@click.argument("reference")
@_IDP
@_SUBJECT
@click.option("--force", "forced", is_flag=True, help="Even if the user cannot sign in afterwards.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_obj
def unlink(
    wiring: Wiring, reference: str, idp_name: str, subject: str, forced: bool, yes: bool, as_json: bool
) -> None:  # fmt: skip
    """Let an identity open a user no longer, and end the user's sessions.

    Whoever signs in with that identity later is somebody new.

    \b
    Examples:
      jitney user unlink ada --idp acme --subject 248289761001
    """
    if not yes:
        click.confirm(f"Take this way to sign in from {reference}?", abort=True, err=as_json)
    key = FederatedKey(idp_name, subject)

    async def work(house: House) -> None:
        await house.verbs.account_links.unlink(COMMAND_LINE, reference, key, forced=forced)

    wiring.run(work)
    if as_json:
        print_json({"removed": {"user": reference, "idp": idp_name, "subject": subject}})
        return
    click.echo(f"Unlinked {reference}; the sessions have ended.")
