"""A house whose provider asks: purposes, a second provider, and the answers that people give."""

from dataclasses import replace
from typing import Any

from tests.contract.doors import memory_doors
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    HERE,
    House,
    ada,
    furnish,
    make_house,
    state_of,
)

from jitney.model.changes import AddIdentityProvider, AddPurpose
from jitney.model.claims import ClaimValue, MappingTable
from jitney.model.connection import OIDCConnection
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import AccountLookup, LinkRule, PromptMode, ProvisioningPolicy
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.signin.journey import Arrived, Prompt
from jitney.signin.journeys_in_browsers import Visitor

CONSENT, WITH_PASSWORD, WITH_NAME = (
    PromptMode.CONSENT, PromptMode.PASSWORD_AND_CONSENT, PromptMode.USERNAME_PASSWORD_AND_CONSENT,
)  # fmt: skip
NEWS = Purpose(
    "purpose-news", "Newsletter", "We write to you once a month.",
    (PurposeAttribute("email"), PurposeAttribute("phone_number")),
)  # fmt: skip
ACCOUNT = Purpose(
    "purpose-account", "Your account", "We need your name to address you.",
    (PurposeAttribute("given_name", mandatory=True),),
)  # fmt: skip
YES = {"consent.purpose-account.given_name": "1"}
SECRET = "a decent password".replace(" ", "-")
TYPED = {"username": "countess", "password": SECRET, "password_again": SECRET}
BETA = IdentityProvider(
    "idp-beta", "beta", "Beta", OIDCConnection("https://beta.example", "jitney"),
    mappings=MappingTable(user_id_claim="preferred_username"),
    policy=ProvisioningPolicy(enabled=True),
)  # fmt: skip
BY_EMAIL = LinkRule(enabled=True, lookups=(AccountLookup("email", "email"),))
TRUSTING = replace(BY_EMAIL, trusted_email_domains=("home.example",))


async def asking_house(mode: PromptMode, **policy: Any) -> House:
    """A house over memory whose Acme asks in this mode."""
    house = await furnish(make_house(memory_doors()))
    await house.change_policy(prompt_mode=mode, **policy)
    house.upstream.script["mail"] = ada(email="ada@home.example", email_verified=True)
    return house


async def with_purposes(house: House, *purposes: Purpose) -> House:
    await house.commit(*(AddPurpose(purpose) for purpose in purposes or (ACCOUNT, NEWS)))
    return house


async def with_beta(house: House, **policy: Any) -> House:
    """Add a second provider, whose script answers ``beta``: the same person under another subject."""
    beta = replace(BETA, policy=replace(BETA.policy, **policy))
    await house.commit(AddIdentityProvider(beta))
    house.upstream.script["beta"] = of_beta("beta-1", email="ada@home.example", email_verified=True)
    return house


def of_beta(subject: str, **claims: ClaimValue) -> FederatedIdentity:
    said: dict[str, ClaimValue] = {"preferred_username": "ada.b", "given_name": "Ada", **claims}
    return FederatedIdentity("idp-beta", subject, said, frozenset(said))


async def prompt_form(house: House, step: Prompt) -> PromptForm:
    form = (await house.prompts.show(step.key, browser=HERE)).form
    assert isinstance(form, PromptForm), form
    return form


async def proof_form(house: House, step: Prompt, *, wants_link: bool = False) -> ProofForm:
    form = (await house.prompts.show(step.key, browser=HERE, wants_link=wants_link)).form
    assert isinstance(form, ProofForm), form
    return form


async def answer(
    house: House, step: Prompt, posted: dict[str, str], *, browser: Visitor = HERE, declined: bool = False
) -> Any:
    return await house.prompts.answer(
        step.key, posted, browser=browser, speaks=lambda _: "en", declined=declined
    )


async def arrive_with(house: House, posted: dict[str, str], *, code: str = "ada") -> Arrived:
    """Walk to the page, answer it, and be signed in."""
    step = await answer(house, await house.prompt(code=code), posted)
    assert isinstance(step, Arrived), step
    return step


async def through_beta(house: House, *, code: str = "beta") -> Any:
    """Come through Beta; return whatever step that leads to."""
    handle = await house.choose()
    state = state_of(await house.federated.begin(handle, "beta", browser=BROWSER))
    return await house.come_back(state, code=code, provider="beta")
