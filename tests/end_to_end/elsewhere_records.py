"""What is declared of Jitney with user stores elsewhere: an identity provider for each prompt mode and store."""

import itertools
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET, Home
from tests.end_to_end.outside_store import GROUP, OutsideStore

from jitney.testing.fake_oidc_provider import FakeOIDCProvider, RegisteredClient

MODES = {
    "silent": "silent",
    "name": "username_password_and_consent",
    "password": "password_and_consent",
    "consent": "consent",
}
"""What the pages ask for, and the prompt mode."""

_RECORDS = """
[[identity_provider]]
name = "{name}"
display_name = "Acme"
issuer = "{issuer}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true
placement = "{domain}"
prompt_mode = "{prompt_mode}"
default_roles = ["{domain}/{group}"]

[[application]]
id = "{name}"
name = "Sample application"
redirect_uris = ["{redirect_uri}"]
client_secret_env = "SAMPLE_SECRET"
identity_providers = ["{name}"]
local_sign_in = false
"""
_PURPOSE = """
[[purpose]]
name = "Your account"
description = "We need your name to address you."
attribute = [{ name = "given_name", mandatory = true }]
"""


def declaration(stores: Iterable[OutsideStore], issuer: str, modes: Sequence[str]) -> str:
    """Return what ``jitney apply`` takes: the stores, and a provider and an application for each mode of each."""
    records = "".join(store.declaration() for store in stores)
    for store, mode in itertools.product(stores, modes):
        records += _RECORDS.format(
            name=f"{store.domain.lower()}-{mode}", issuer=issuer, domain=store.domain, prompt_mode=MODES[mode],
            group=GROUP, redirect_uri=SAMPLE_CALLBACK,
        )  # fmt: skip
    return records + _PURPOSE


async def declared_home(
    acme: FakeOIDCProvider,
    stores: Sequence[OutsideStore],
    *,
    modes: Sequence[str] = tuple(MODES),
    database: str | None = None,
) -> Home:
    """Return a home that sends people to the provider and provisions them into the stores; nobody serves it."""
    home = Home(database=database, allow=(urlsplit(acme.issuer).netloc,))
    names = [f"{store.domain.lower()}-{mode}" for store, mode in itertools.product(stores, modes)]
    callbacks = tuple(f"{home.base_url}/callback/{name}" for name in names)
    acme.register(RegisteredClient("jitney", SECRET, callbacks))
    await home.apply(declaration(stores, acme.issuer, modes))
    return home
