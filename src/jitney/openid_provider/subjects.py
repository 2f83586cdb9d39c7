"""The name under which an application knows a person: the ``sub`` claim."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from jitney.model.application import Application, SubjectType
from jitney.model.session import PassingPerson, Person
from jitney.openid_provider.redirect_uris import hosts_of


@dataclass(frozen=True, slots=True)
class Subjects:
    """Names people for applications: stable, opaque, never a user name, never given to another (R-086).

    ``key`` (32 octets or more) is a secret of the installation; with another key everybody would be a
    stranger to every pairwise application.
    """

    key: bytes = field(repr=False)

    def name(self, person: Person, application: Application) -> str:
        """Return the subject: the user's id, or a keyed hash (OIDC Core 8.1).

        Somebody without a user here is named by provider and subject, hashed: the upstream's own name for
        them is none of the application's business.
        """
        if application.subject_type is SubjectType.PUBLIC and not isinstance(person, PassingPerson):
            return person.user_id
        who = (
            ("passing", person.idp, person.subject)
            if isinstance(person, PassingPerson)
            else ("user", person.user_id)
        )
        return self._hash(_sector(application), *who)

    def _hash(self, *words: str) -> str:
        # Lengths stand before the words, so that no two lists of words run together to one text.
        text = b"".join(b"%d:%s" % (len(word), word) for word in (word.encode() for word in words))
        return urlsafe_b64encode(hmac.digest(self.key, text, hashlib.sha256)).rstrip(b"=").decode()


def _sector(application: Application) -> str:
    """Return what shares one pairwise name: the one host of all redirect URIs, else the application alone."""
    if application.subject_type is SubjectType.PUBLIC:
        return ""
    hosts = hosts_of(application.redirect_uris)
    return f"host {next(iter(hosts))}" if len(hosts) == 1 else f"application {application.id}"
