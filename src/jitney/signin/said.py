"""What came with one step of a journey: the page's key, the answers, a proof, the language."""

from collections.abc import Callable
from dataclasses import dataclass

from jitney.model.changes import Change
from jitney.model.factor import FactorKind
from jitney.model.outcome import Reason
from jitney.provisioning.facts import Answers, LocalProof

Speaks = Callable[[str | None], str]
"""The language (BCP 47) in which a page speaks to a browser, given the application's wish (``ui_locales``)."""


@dataclass(frozen=True, slots=True)
class ProvenFactor:
    """A second factor that this very step has proven; it is spent by ``changes``, with its effect or not at all."""

    user_id: str
    kind: FactorKind
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a browser brought to this step beside the journey itself.

    ``key`` is that of the page that was answered, ``None`` where the person comes from elsewhere; ``language`` is
    the language of that page (BCP 47).
    ``setback`` is what a store outside our database has answered in this step.
    ``network`` is the browser's address, ``None`` where it is not known.
    ``proven`` is the second factor of an account that shall be joined.
    """

    key: str | None = None
    answers: Answers | None = None
    proof: LocalProof | None = None
    language: str = "en"
    setback: Reason | None = None
    network: str | None = None
    proven: ProvenFactor | None = None


NOTHING = Said()
"""The step after a provider's answer: nobody has been asked anything."""
