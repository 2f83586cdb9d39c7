"""Print: faults with what happened, why and what next; records as tables for people, as JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast

import click
from rich.console import Console
from rich.table import Table

from jitney.administration.stores.user_store_words import word_of
from jitney.errors import (
    Conflict,
    InvalidInput,
    JitneyError,
    Misconfigured,
    NotFound,
    Overloaded,
    UpstreamUnavailable,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.diagnosis import Diagnosis, Finding

REFUSED, WRONG_SETTINGS, NO_ANSWER = 1, 3, 4
"""Exit codes; click itself ends with 2 for wrong usage."""

_SECRETS = frozenset({"client_secret", "private_key", "secret_hash"})

_NEXT = {
    "settings_refused": "Correct the file, then run “jitney check” until it is content.",
    "identity_provider_has_people": "See what would become of them (jitney idp remove NAME --plan), or disable it.",
    "identity_provider_home_realm_taken": "Choose another identifier, or take it from the other provider.",
    "identity_provider_subject_fixed": "Add the provider under another name, and have people linked there.",
    "identity_provider_in_use": "Take it out of these applications, or remove it all the same with --force.",
    "entry_gone": "Restore the entry in the user store, or remove the user: jitney user remove USER.",
    "entry_not_ours": "Remove it where it was made. With --forget what Jitney keeps of the user goes.",
    "user_leaving": "Wait a moment; with jitney user remove USER --forget only the entry would stay.",
    "user_not_recorded": "Nothing is to be done.",
    "user_pending": "Wait a moment, then look again: jitney user show USER.",
    "SUO-10000": "Change them at the identity provider: they come with the next sign-in. Nothing was changed.",
    "user_store_unanswered": "Look again in a minute: jitney user show DOMAIN/NAME.",
    "declaration_invalid": "Correct the files; nothing was changed.",
    "declaration_refused": "Correct the files; nothing was changed.",
    "address_in_use": "Stop the other server, or choose another port: [server] port in conf/deployment.toml.",
    "master_key_weak": "Restore the right key. Remove the file only if nothing was encrypted with it yet.",
    "master_key_unreadable": "Restore the key file from its backup, readable by this account.",
    "purpose_not_in_receipt": "Look at the receipt (jitney consent show RECEIPT) and name a purpose of it.",
    "saml_key_rotation_not_begun": "Begin it first: jitney idp rotate-key NAME.",
    "saml_key_rotation_under_way": "Finish it: jitney idp rotate-key NAME --finish.",
    "saml_metadata_changed_origin": "If that is meant, look at it, then: jitney idp refresh NAME --accept.",
    "saml_metadata_failed": "Look at the address in a browser: the provider's SAML metadata must stand there.",
    "saml_metadata_older": "Fetch the newest, or take these all the same: jitney idp refresh NAME --accept.",
    "saml_metadata_several_entities": "Say which one is meant: --set entity_id=…, or entity_id in the file.",
    "saml_metadata_unsigned": "Ask the provider for signed metadata, or take metadata_certificate_files out.",
    "saml_metadata_wrong_root": "Look at the address, or the file: the provider's SAML metadata must stand there.",
    "saml_metadata_not_fetched": "Bring a file: jitney idp refresh NAME --file FILE; or set metadata_url.",
    "saml_not_spoken": "Name a provider of the type saml: jitney idp list shows the kind of each.",
    "upstream_address_refused": "Give a public address, or name host and port in [outgoing] allow of the settings.",
    "upstream_url_refused": "Give an https:// address, or name host and port in [outgoing] allow of the settings.",
    "preset_unknown": "Look at the list (jitney idp presets) and try again.",
    "user_store_two_entries": "Give one of them another name in the user store, or tell them apart by a filter.",
    "user_store_busy": "Run the same command again in a moment: it goes on where it was.",
    "user_store_enabled": "Disable it first: jitney store disable DOMAIN.",
    "user_store_has_accounts": "Forget them with --with-accounts; what stands in the store itself stays as it is.",
    "user_store_in_use": "Place the people of these providers somewhere else first: provisioning.placement.",
    "user_store_not_found": "Name a store that there is: PRIMARY always is one, jitney store list has the others.",
    "user_store_trial_failed": "Correct what is bad, or keep it as it is with --untested. Nothing was changed.",
}

_UNCHANGED = " Nothing was changed."

_LISTS = {
    "account_link_not_found": "jitney user show USER",
    "application_not_found": "jitney app list",
    "application_unknown": "jitney app list",
    "consent_receipt_not_found": "jitney consent list USER",
    "identity_provider_not_found": "jitney idp list",
    "identity_provider_unknown": "jitney idp list",
    "outcome_not_found": "jitney outcomes list",
    "provider_removal_not_found": "jitney idp list",
    "purpose_not_found": "jitney purpose list",
    "role_not_found": "jitney role list",
    "user_not_found": "jitney user list",
}
"""What lists the things of which one was not found."""

_SEEN_BY_A_TEST = frozenset(
    {
        "user_store_answer_cut", "user_store_answer_unreadable", "user_store_base_missing",
        "user_store_bind_refused", "user_store_column_missing", "user_store_filter_malformed",
        "user_store_permission_denied", "user_store_read_refused", "user_store_referral",
        "user_store_refuses_writes", "user_store_table_missing", "user_store_tls_failed",
        "user_store_unreachable",
    }
)  # fmt: skip
"""Faults of a user store of which its test says more than the fault itself."""


class FaultPrinter(click.Group):
    """A group of commands whose faults are printed plainly, with an exit code that says what kind they were."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end the process with the code of the fault, if there was one."""
        try:
            return super().invoke(ctx)
        except JitneyError as fault:
            print_fault(fault)
            ctx.exit(exit_code(fault))


def exit_code(fault: JitneyError) -> int:
    """Return the exit code of a fault."""
    if isinstance(fault, Misconfigured):
        return WRONG_SETTINGS
    unanswered = isinstance(fault, Overloaded | UpstreamUnavailable | UserStoreUnavailable)
    return NO_ANSWER if unanswered else REFUSED


def print_fault(fault: JitneyError, *, at: str = "", done: str = "") -> None:
    """Say on the error stream what happened, why, and what to do next.

    Of work in several steps ``at`` names the one that failed, and ``done`` says how much was done before it.
    """
    click.echo(f"Error: {fault.sentence}", err=True)
    if at:
        click.echo(f"  at:   {shown(at)}", err=True)
    for line in _reasons(fault):
        click.echo(f"  why:  {shown(line)}", err=True)
    if done:
        click.echo(f"  done: {done}", err=True)
    # What was done before it makes the promise untrue.
    click.echo(f"  next: {_next(fault).removesuffix(_UNCHANGED if done else '')}", err=True)
    click.echo(f"  code: {fault.code}", err=True)


def _reasons(fault: JitneyError) -> Iterable[str]:
    faults = fault.details.get("faults")
    if isinstance(faults, tuple):
        yield from (str(one) for one in cast("tuple[object, ...]", faults))
        return
    diagnosis = fault.details.get("diagnosis")
    if isinstance(diagnosis, Diagnosis):
        yield from diagnosis_lines(diagnosis)
        return
    if isinstance(fault, Misconfigured) and fault.path:
        yield f"the setting {fault.path}"
    if isinstance(fault, InvalidInput):
        # Of a user store operators know the keys of a declaration.
        name_of = word_of if fault.code == "user_store_invalid" else str
        yield from (f"{name_of(name)}: {sentence}" for name, sentence in fault.fields.items())
    yield from (f"{name}: {shown(value)}" for name, value in fault.details.items())


def _next(fault: JitneyError) -> str:
    if fault.code in _NEXT:
        return _NEXT[fault.code]
    match fault:
        case NotFound():
            list_of_them = _LISTS.get(fault.code, "jitney --help says where there is one")
            return f"Look at the list ({list_of_them}) and try again."
        case Conflict():
            return "Look at what is there now, then try again."
        case Misconfigured():
            return "Correct the settings, then run “jitney check”."
        case UserStoreUnavailable() | UserStoreRejected() if fault.code in _SEEN_BY_A_TEST:
            return "Try the user store (jitney store test DOMAIN): it says what is wrong, and what to do."
        case Overloaded() | UpstreamUnavailable() | UserStoreUnavailable():
            return "Try again in a moment; “jitney doctor” shows what does not answer."
        case _:
            return f"Correct what is named above, then try again.{_UNCHANGED}"


def print_json(value: object) -> None:
    """Print a record, or a list of them, as JSON; secrets are left out (R-115)."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


_SIGNS = {Finding.GOOD: "good", Finding.DOUBTFUL: "look", Finding.BAD: "BAD", Finding.NOT_TRIED: "-"}


def diagnosis_lines(diagnosis: Diagnosis) -> Iterable[str]:
    """Return a diagnosis line by line: how each step went, what was found, and what to do about it."""
    for step in diagnosis.steps:
        code = f" ({step.code})" if step.code else ""
        yield f"{_SIGNS[step.finding]:<5} {step.name:<16} {step.sentence}{code}"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows for people; ``empty`` is said where there are none."""
    listed = [tuple(shown(cell) for cell in row) for row in rows]
    if not listed:
        click.echo(empty)
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in listed:
        table.add_row(*row)
    # No width is forced on a pipe: whoever greps wants whole lines.
    width = None if sys.stdout.isatty() else 200
    Console(width=width, markup=False, highlight=False).print(table)


def print_record(record: object) -> None:
    """Print one record field by field."""
    for name, value in flat(cast("Mapping[str, object]", plain(record))):
        click.echo(f"{name + ':':<40} {value}")


def flat(record: Mapping[str, object], path: str = "") -> Iterable[tuple[str, str]]:
    """List the fields of a record by their dotted names."""
    for name, value in record.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and value:
            yield from flat(cast("Mapping[str, object]", value), here)
        else:
            yield here, shown(value)


def shown(value: object) -> str:
    """Return a cell's text; control characters are made visible, so that no value can draw on a terminal."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in cast("Sequence[object]", value))
    text = "" if value is None or value == {} else str(value)
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Put names in the place of ids, so that a line says who in words that an operator knows."""
    for id_, name in names.items():
        text = text.replace(id_, name)
    return text


def fields_of(record: Any) -> dict[str, object]:
    """Return the fields of a noun as JSON's own types; what it keeps out of its own text is left out."""
    names = [field.name for field in fields(record) if field.repr and field.name not in _SECRETS]
    return {name: plain(getattr(record, name)) for name in names}


def plain(value: object) -> object:
    """Return a noun as JSON's own types."""
    if is_dataclass(value) and not isinstance(value, type):
        return fields_of(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in cast("Iterable[object]", value)]
    return value
