"""Every reason for which a call to the outside fails, as one table.

All are ``UpstreamUnavailable``, since for the person at the door they are one:
the other side gave no usable answer.
"""

from collections.abc import Mapping
from types import MappingProxyType

from jitney.errors import UpstreamUnavailable

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "upstream_timeout": "The other side took too long to answer.",
        "upstream_unreachable": "The other side could not be reached.",
        "upstream_tls_failed": "No trusted connection to the other side could be made.",
        "upstream_answer_too_large": "The other side's answer is too large.",
        "upstream_answer_malformed": "The other side's answer cannot be understood.",
        "upstream_redirect_refused": "The other side answered with a redirect, which is not followed.",
        "upstream_address_refused": "The other side's address is not one that may be called.",
        "upstream_url_refused": "The other side's URL is not one that may be called.",
        "upstream_header_refused": "A value cannot be sent to the other side.",
    }
)


def fault(code: str, **details: object) -> UpstreamUnavailable:
    """Return the fault for ``code``, a key of ``REASONS``.

    ``details`` are for the operator's log: a host, never a query, a header or a body.
    """
    return UpstreamUnavailable(code, REASONS[code], **details)
