"""By what people may be sent to an identity provider without choosing it (pure)."""

import re
from collections import Counter
from collections.abc import Iterator

from jitney.model.home_realm import HomeRealm

MOST_DOMAINS = 200
_MOST_NAMED = 3

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})+")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,99}")


def find_home_realm_faults(realm: HomeRealm) -> Iterator[tuple[str, str]]:
    """Tell what is wrong, field by field.

    Two providers may have a domain in common, then the person chooses between them; an identifier only one has,
    which is for the verb to look up.
    """
    wrong = [each for each in realm.domains if _DOMAIN.fullmatch(each) is None or len(each) > 253]
    if wrong:
        named = ", ".join(repr(each) for each in wrong[:_MOST_NAMED])
        more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        yield (
            "domains",
            f"An e-mail domain is acme.example, or *.acme.example for all below it, in lower case, other letters "
            f"than ASCII as xn--…; not {named}{more}.",
        )
    twice = sorted(domain for domain, times in Counter(realm.domains).items() if times > 1)
    for domain in twice[:_MOST_NAMED]:
        yield "domains", f"{domain} is listed twice."
    if len(realm.domains) > MOST_DOMAINS:
        yield "domains", f"A provider has at most {MOST_DOMAINS} domains."
    if realm.identifier is not None and _IDENTIFIER.fullmatch(realm.identifier) is None:
        yield "identifier", "A home realm identifier has 1 to 100 letters, digits and the signs . _ ~ : / -."
