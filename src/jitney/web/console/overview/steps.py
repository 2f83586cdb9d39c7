"""The first steps of a fresh install: what is done, what is next, and where."""

from dataclasses import dataclass

from jitney.administration.records.next_places import NextPlace, Place
from jitney.administration.records.overview import FirstSteps
from jitney.web.console.places import HERE, href_of


@dataclass(frozen=True, slots=True)
class StepCard:
    """One step: whether it is done, and whether it is the next one."""

    title: str
    sentence: str
    href: str | None
    text: str
    is_done: bool
    is_next: bool = False


def steps_of(steps: FirstSteps) -> list[StepCard]:
    """Return the four cards; the first that is not done is the next."""
    provider, provisioning = _of_providers(steps)
    application = StepCard(
        "Register an application",
        "An application sends people here to sign in, and gets them back with a name.",
        f"{HERE}/new-application",
        "Register",
        steps.has_application,
    )
    attempt = StepCard(
        "Try a sign-in",
        "Open the application and sign in through the provider. Nothing is in the way? Then these cards go away.",
        href_of(NextPlace(Place.APPLICATION_LIST)) if steps.has_application else None,
        "Choose the application to try",
        is_done=False,
    )
    cards = [provider, provisioning, application, attempt]
    first = next(at for at, card in enumerate(cards) if not card.is_done)
    cards[first] = _as_next(cards[first])
    return cards


def _of_providers(steps: FirstSteps) -> tuple[StepCard, StepCard]:
    adding = StepCard(
        "Add an identity provider",
        "Where your people have their accounts already: choose a ready-made one, or give its address.",
        f"{href_of(NextPlace(Place.PROVIDER_LIST))}/add",
        "Add",
        steps.has_provider,
    )
    switching = StepCard(
        "Switch on provisioning",
        "Say in which user store people get an account when they come for the first time.",
        href_of(NextPlace(Place.PROVISIONING, steps.provider)) if steps.provider else None,
        "Choose",
        steps.has_provisioning,
    )
    return adding, switching


def _as_next(card: StepCard) -> StepCard:
    return StepCard(card.title, card.sentence, card.href, card.text, card.is_done, is_next=True)
