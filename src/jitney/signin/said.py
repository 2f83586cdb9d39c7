"""What came with one step of a journey: the page's key, the answers, a proof, the language."""

from collections.abc import Callable
from dataclasses import dataclass

from jitney.model.outcome import Reason
from jitney.provisioning.facts import Answers, LocalProof

Speaks = Callable[[str | None], str]
"""The language (BCP 47) in which a page speaks to a browser, given the application's wish (``ui_locales``)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a browser brought to this step beside the journey itself.

    ``key`` is that of the page that was answered, ``None`` where the person comes from elsewhere; ``language`` is
    the language of that page (BCP 47).
    ``setback`` is what a store outside our database has answered in this step.
    """

    key: str | None = None
    answers: Answers | None = None
    proof: LocalProof | None = None
    language: str = "en"
    setback: Reason | None = None


NOTHING = Said()
"""The step after a provider's answer: nobody has been asked anything."""
