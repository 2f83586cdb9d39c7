"""Every fault that Jitney can name.

    JitneyError
    ├── InvalidInput          what was sent cannot be understood or breaks a rule; may name fields
    ├── NotFound              no such thing
    ├── Conflict              somebody else was first, or the record has changed meanwhile
    ├── NotAllowed            understood, and refused
    ├── Locked                the account may not sign in now
    ├── Expired               a sign-in, code or link is too old, or was used already
    ├── UpstreamRejected      the identity provider said no, or lied
    ├── UpstreamUnavailable   the identity provider cannot be reached, or is too slow
    ├── UserStoreRejected     the user store's own rules say no
    ├── UserStoreUnavailable  the user store cannot be reached
    │     └── StoreUnanswered asked to write, it gave no answer: what it did is unknown
    ├── MailUnavailable       the mail server cannot be reached, or does not take the letter
    ├── Overloaded            shed before any work was begun
    └── Misconfigured         a setting or a managed record is wrong; names its path

Each fault carries three things, and no HTTP:

- ``code``: a stable reason in snake case, documented in ``docs/reference/error-codes.md``, the same in
  the log, in the stored outcome and in the tests;
- a sentence that is safe for strangers (``str(fault)``): no name, no address, no value that was sent;
- ``details``: for the operator's log only, never rendered to a browser or an application.

Each door translates faults in one table of its own.
Outcomes that a person is expected to meet ("this name is taken") are values, not faults: see
``provisioning/decision.py``.
"""

from collections.abc import Mapping


class JitneyError(Exception):
    """A fault that we can name.

    ``code`` is the machine-readable reason; ``sentence`` is safe to show to anybody; ``details`` are for
    operators alone (keys are log keys; values may be long and are bounded where they are logged).
    ``reference`` is that of the outcome which was stored about it, where one was.
    """

    reference: str | None = None

    def __init__(self, code: str, sentence: str, **details: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.details: Mapping[str, object] = details

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.sentence!r}, **{dict(self.details)!r})"


class InvalidInput(JitneyError):
    """What was sent cannot be understood, or breaks a rule.

    ``fields`` maps the name of a field to the sentence about it; empty where the fault is of the whole.
    """

    def __init__(
        self, code: str, sentence: str, *, fields: Mapping[str, str] | None = None, **details: object
    ) -> None:
        super().__init__(code, sentence, **details)
        self.fields: Mapping[str, str] = fields or {}


class NotFound(JitneyError):
    """There is no such thing (or it may not be seen from here, which must look the same)."""


class Conflict(JitneyError):
    """Somebody else was first, or the record has changed since it was read.

    ``what`` names the guard that failed (for instance ``account_link``): a verb decides by it whether to
    look again or to give up.
    """

    def __init__(self, code: str, sentence: str, *, what: str = "", **details: object) -> None:
        super().__init__(code, sentence, **details)
        self.what = what


class NotAllowed(JitneyError):
    """Understood, and refused."""


class Locked(JitneyError):
    """The account may not sign in now: locked, disabled or pending."""


class Expired(JitneyError):
    """A sign-in, a code or a link is too old, or was used already."""


class UpstreamRejected(JitneyError):
    """The identity provider said no, or what it said is not to be believed."""


class UpstreamUnavailable(JitneyError):
    """The identity provider cannot be reached, is too slow, or answers nothing usable."""


class UserStoreRejected(JitneyError):
    """The user store's own rules say no."""


class UserStoreUnavailable(JitneyError):
    """The user store cannot be reached."""


class StoreUnanswered(UserStoreUnavailable):
    """The user store was asked to write and gave no answer: whether it did is unknown until it is read again."""


class MailUnavailable(JitneyError):
    """The mail server cannot be reached, or does not take the letter."""


class Overloaded(JitneyError):
    """Shed before any work was begun; the same request may be sent again later."""


class Misconfigured(JitneyError):
    """A setting or a managed record is wrong; ``path`` says where (``server.base_url``)."""

    def __init__(self, code: str, sentence: str, *, path: str = "", **details: object) -> None:
        super().__init__(code, sentence, **details)
        self.path = path
