"""``jitney idp test``: try an identity provider step by step, or with a real sign-in of which nothing is kept."""

import sys
from pathlib import Path

import click

from jitney.administration.declared.declarations import Declaration
from jitney.administration.declared.declared_metadata import with_documents
from jitney.administration.operator import COMMAND_LINE
from jitney.cli.declaration_file import Reader
from jitney.cli.printing import REFUSED, diagnosis_lines, print_json, shown
from jitney.cli.wiring import House, Wiring
from jitney.model.diagnosis import Diagnosis
from jitney.signin.provider_trial import TrialLink


@click.command()
@click.argument("name", required=False)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try the identity providers of this declaration; nothing is kept.",
)  # fmt: skip
@click.option(
    "--sign-in", "sign_in", is_flag=True, help="Print a link to a sign-in of which nothing is kept."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@click.pass_obj
def test(wiring: Wiring, name: str | None, file: Path | None, sign_in: bool, as_json: bool) -> None:
    """Try an identity provider before people depend on it, enabled or not, kept or not.

    Each step says what was found at the provider, and what to do where it went wrong: addresses, keys and
    certificates, what it offers, our credentials, and what must be registered there.
    The exit code is 1 if one went wrong.
    With --sign-in a link is printed that is opened in a browser once: it shows the claims that come, how they are
    mapped and what would be decided.

    \b
    Examples:
      jitney idp test acme
      jitney idp test --file acme.toml
      jitney idp test acme --sign-in
    """
    if name is None and file is None:
        raise click.UsageError("Name an identity provider, or a file with --file.")
    if sign_in:
        _sign_in(wiring, name, file, as_json=as_json)
        return
    found = _diagnosed(wiring, name, file)
    if as_json:
        print_json({each: {"good": one.is_good, "steps": one.steps} for each, one in found.items()})
    else:
        for each, one in found.items():
            _print(each, one)
    sys.exit(0 if all(one.is_good for one in found.values()) else REFUSED)


def _diagnosed(wiring: Wiring, name: str | None, file: Path | None) -> dict[str, Diagnosis]:
    drafts = _drafts(wiring, file, name) if file else None

    async def work(house: House) -> dict[str, Diagnosis]:
        providers = house.verbs.identity_providers
        if drafts is None:
            return {str(name): await providers.test(COMMAND_LINE, str(name))}
        wanted = with_documents(drafts, providers.preparation).identity_providers
        return {one.idp.name: await providers.test_draft(COMMAND_LINE, one.idp) for one in wanted}

    return wiring.run(work)


def _drafts(wiring: Wiring, file: Path, name: str | None) -> Declaration:
    reader = Reader(wiring.environment, wiring.settings().provisioning)
    declared = reader.read_files([file]).identity_providers
    chosen = tuple(one for one in declared if name is None or one.idp.name == name)
    if not chosen:
        raise click.UsageError(f"{file.name} declares no such identity provider.")
    return Declaration(identity_providers=chosen)


def _sign_in(wiring: Wiring, name: str | None, file: Path | None, *, as_json: bool) -> None:
    if name is None or file is not None:
        raise click.UsageError("A sign-in needs an identity provider that is kept; it may be disabled.")

    async def work(house: House) -> TrialLink:
        return await house.verbs.provider_trial.start(name)

    link = wiring.run(work)
    if as_json:
        print_json(link)
        return
    click.echo("Open this address in a browser, once, and sign in as somebody of that provider:")
    click.echo(f"  {link.address}")
    click.echo(f"It works until {link.expires:%H:%M:%S} UTC. Nothing of the sign-in is kept.")


def _print(name: str, diagnosis: Diagnosis) -> None:
    click.echo(f"{name}:")
    for line in diagnosis_lines(diagnosis):
        click.echo(f"  {shown(line)}")
    click.echo("  It can be used." if diagnosis.is_good else "  It cannot be used as it is.")
