"""The steps of trying an application: each says whether it stands in somebody's way, and why (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.model.application import Application
from jitney.model.diagnosis import Finding, Step
from jitney.model.factor import REFEDS_MFA, amr_with
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.session import PassingPerson
from jitney.provisioning.decision import Ask, LinkTo, PassThrough, Provision, Refuse, SignInAs
from jitney.provisioning.facts import Facts
from jitney.provisioning.prompt_forms import PromptForm
from jitney.provisioning.second_factor import NotOwed, Owed, Unmet
from jitney.signin.first_factors import federated
from jitney.signin.rehearsal import Rehearsed

_FILL_IN: Final = "A page would ask them to fill in a form first; what becomes of them is decided then."
_PROVE: Final = (
    "A page would ask them to prove an account of theirs first; what becomes of them is decided after it."
)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody would come: ``idp`` is a provider's short name, ``None`` for user name and password.

    ``network`` is the browser's IP address; ``amr`` and ``acr`` are what the provider's token would say.
    """

    idp: str | None = None
    network: str | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None


def good(name: str, sentence: str) -> Step:
    """Return a step that lets somebody on."""
    return Step(name, Finding.GOOD, sentence)


def bad(name: str, code: str, sentence: str) -> Step:
    """Return a step at which nobody gets on."""
    return Step(name, Finding.BAD, sentence, code)


def application_step(application: Application) -> Step:
    """Say whether the application is served at all."""
    if application.enabled:
        return good("application", "The application is switched on.")
    return bad("application", "application_disabled", "The application is switched off: nobody comes in.")


def way_step(application: Application, way: Way, idp: IdentityProvider | None) -> Step:
    """Say whether the application takes people who come by this way; ``idp`` is the provider that it names."""
    if way.idp is None:
        if application.local_sign_in:
            return good("way", "The application takes people with user name and password.")
        told = "The application takes nobody with user name and password: “Accounts from here” is off."
        return bad("way", "local_sign_in_not_offered", told)
    if idp is None:
        return bad("way", "identity_provider_unknown", "There is no such identity provider.")
    if not idp.enabled:
        return bad("way", "identity_provider_disabled", "The identity provider is switched off.")
    if not application.takes_from(idp.name):
        told = "The application does not list this identity provider among its own."
        return bad("way", "identity_provider_not_offered", told)
    return good("way", "The application takes people of this identity provider.")


def link_step(subject: str | None, idp: IdentityProvider | None) -> Step:
    """Say whether an account is opened by an identity of this provider; ``subject`` is its name there."""
    if subject is not None:
        return good("link", "The account is linked to an identity of this provider.")
    name = idp.display_name if idp else ""
    return bad("link", "link_gone", f"The account is not linked to {name}: nobody opens it by that way.")


def decision_step(rehearsed: Rehearsed) -> Step:
    """Say what provisioning would make of somebody."""
    decision = rehearsed.decision
    match decision:
        case Refuse():
            told = f"Nobody would come in. The person would read: {decision.sentence}"
            return bad("provisioning", decision.code, told)
        case Ask():
            told = _FILL_IN if isinstance(decision.form, PromptForm) else _PROVE
            return Step("provisioning", Finding.DOUBTFUL, told, _last(decision.reasons))
        case SignInAs():
            return good("provisioning", f"They would sign in as {decision.user.username}.")
        case LinkTo():
            return good("provisioning", f"They would be linked to {decision.user.username}.")
        case Provision():
            return good("provisioning", f"An account would be made: {decision.draft.username}.")
        case PassThrough():
            return good("provisioning", "They would pass through without an account here.")
        case _:
            told = "An account is being made or removed right now. Try again in a moment."
            return Step("provisioning", Finding.DOUBTFUL, told, _last(decision.reasons))


def owed_step(owed: NotOwed | Owed | Unmet) -> Step:
    """Say what would be asked for beside the first factor."""
    match owed:
        case NotOwed(reasons=()):
            return good("second_factor", "No second factor is asked for.")
        case NotOwed(reasons=reasons):
            return good("second_factor", f"No second factor is asked for here ({_codes(reasons)}).")
        case Owed(kinds=kinds, may_enrol=may_enrol):
            names = " or ".join(sorted(kind.value for kind in kinds))
            setting = "Who has none may set one up on the way." if may_enrol else "Who has none is refused."
            told = f"A second factor is asked for: {names}. {setting}"
            return Step("second_factor", Finding.DOUBTFUL, told, _codes(owed.reasons))
        case Unmet():
            at = owed.reason.about.get("rule")
            rule = f" Rule {at} of the sign-in policy says so." if at else ""
            return bad("second_factor", owed.reason.code, f"They would read: {owed.sentence}{rule}")


def stated_of(facts: Facts, owed: NotOwed | Owed | Unmet, now: datetime) -> Mapping[str, object]:
    """Return what the ID token would say of the sign-in: ``acr`` and ``amr``, as far as they are known by now.

    A second factor that is still to be proven sets both; by which methods is known where one kind alone will do.
    """
    first = federated(PassingPerson(facts.idp.id, facts.identity.subject, {}), facts.identity, facts.idp, now)
    if not isinstance(owed, Owed):
        said = {"acr": first.acr, "amr": list(first.amr)}
        return {name: value for name, value in said.items() if value}
    if len(owed.kinds) != 1:
        return {"acr": REFEDS_MFA}
    [kind] = owed.kinds
    return {"acr": REFEDS_MFA, "amr": list(amr_with(first.amr, kind))}


def _codes(reasons: tuple[Reason, ...]) -> str:
    return ", ".join(reason.code for reason in reasons)


def _last(reasons: tuple[Reason, ...]) -> str | None:
    return reasons[-1].code if reasons else None
