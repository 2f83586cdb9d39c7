"""All samples: every page that arriving people see, and which templates are not among them, with the reason."""

from collections.abc import Mapping
from typing import Final

from jitney.web.console.look.account_samples import ACCOUNT_SAMPLES
from jitney.web.console.look.sample import Sample
from jitney.web.console.look.sign_in_samples import SIGN_IN_SAMPLES

SAMPLES: Final[Mapping[str, Sample]] = {one.name: one for one in (*SIGN_IN_SAMPLES, *ACCOUNT_SAMPLES)}
"""Name in addresses → sample."""

PARTS: Final[Mapping[str, str]] = {
    "base.html": "what stands around every page",
    "prompt_parts.html": "pieces of the pages that ask",
    "factor_parts.html": "pieces of the pages of second steps",
    "account_parts.html": "pieces of the pages of one's own account",
}
"""Templates that pages are made with, and what they are: they may be overridden, and are seen on the pages."""

FOR_OPERATORS: Final[Mapping[str, str]] = {
    "trial.html": "what an operator sees who tests a provider",
    "trial_begin.html": "what an operator sees who tests a provider",
}
"""Templates that no arriving person sees, and why."""

PAGES: Final[Mapping[str, str]] = {one.template: one.title for one in reversed(SAMPLES.values())} | PARTS
"""Every template that may be overridden → what it is."""
