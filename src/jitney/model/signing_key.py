"""SigningKeyRecord: one of our signing keys, and when it may be published, used and forgotten."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A key by which we sign tokens (R-092).

    ``private`` is the private part, plain here and encrypted where it rests.
    It is published from ``created``, signs from ``active_from``, stops signing at ``retired`` and
    leaves the published set at ``expires``: published before use, and longer than any token lives.
    """

    kid: str
    algorithm: str
    private: bytes = field(repr=False)
    created: datetime
    active_from: datetime
    retired: datetime | None = None
    expires: datetime | None = None
