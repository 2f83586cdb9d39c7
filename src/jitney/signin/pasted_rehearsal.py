"""What would happen to somebody whom pasted words describe: claims, or a SAML response; nothing is carried out."""

from dataclasses import dataclass, replace
from typing import Final, cast

from jitney.errors import InvalidInput, JitneyError, NotFound
from jitney.jose.limits import parse_json_object
from jitney.model.claims import Claims
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import IdentityProviders, PastedPerson, PastedWords
from jitney.signin.rehearsal import Rehearsal, Rehearsed

MOST_PASTED: Final = 256 * 1024
"""How many octets of claims are taken; a SAML response has its own limit (R-058)."""


@dataclass(frozen=True, slots=True)
class PastedResult:
    """What came of a paste.

    ``identity`` is whom it describes, ``rehearsed`` what a sign-in would make of them; both are ``None`` where the
    paste proves nothing at all. ``faults`` are the reasons for which nobody would be signed in by it.
    ``is_response`` says that it was a SAML response, whose signature was looked at.
    ``is_switched_off``: nobody comes through the provider yet, and it was looked at as if it were on.
    """

    provider: IdentityProvider
    is_response: bool
    identity: FederatedIdentity | None = None
    rehearsed: Rehearsed | None = None
    faults: tuple[JitneyError, ...] = ()

    @property
    def is_switched_off(self) -> bool:
        """Say whether the provider is switched off."""
        return not self.provider.enabled


@dataclass(frozen=True, slots=True)
class PastedRehearsal:
    """Holds no unit of work, so that it cannot write: a paste signs nobody in, and spends nothing."""

    identity_providers: IdentityProviders
    words: PastedWords
    rehearsal: Rehearsal

    async def of_claims(
        self, provider_name: str, text: str, *, subject: str | None = None, application: str | None = None
    ) -> PastedResult:
        """Decide about whom these claims, a JSON object, describe.

        Raises ``NotFound`` (``identity_provider_not_found``) and ``InvalidInput`` with fields
        (``claims_unreadable``, ``subject_missing``).
        """
        provider = await self._find(provider_name)
        described = self.words.describe(provider, read_claims(text), subject=subject)
        return await self._rehearsed(PastedResult(provider, is_response=False), described, application)

    async def of_response(
        self, provider_name: str, unverified: str, *, application: str | None = None
    ) -> PastedResult:
        """Verify a SAML response, and decide about whom it describes where a signature covers that.

        Raises ``NotFound`` (``identity_provider_not_found``, ``saml_not_spoken``).
        """
        provider = await self._find(provider_name)
        examined = self.words.examine(provider, unverified)
        found = PastedResult(provider, is_response=True, faults=examined.faults)
        if examined.person is None:
            return found
        return await self._rehearsed(found, examined.person, application)

    async def _rehearsed(
        self, found: PastedResult, person: PastedPerson, application: str | None
    ) -> PastedResult:
        idp = replace(found.provider, enabled=True)
        identity = FederatedIdentity(
            idp.id, person.subject, person.claims, person.signed_claims, person.authenticated_at, person.acr
        )
        rehearsed = await self.rehearsal.rehearse_identity(idp, identity, application=application)
        return replace(found, identity=identity, rehearsed=rehearsed)

    async def _find(self, name: str) -> IdentityProvider:
        provider = await self.identity_providers.find_by_name(name)
        if provider is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return provider


def read_claims(text: str) -> Claims:
    """Return pasted claims; raises ``InvalidInput`` (``claims_unreadable``), which quotes nothing of them."""
    try:
        return cast("Claims", parse_json_object(text.encode("utf-8", "replace"), max_bytes=MOST_PASTED))
    except InvalidInput as fault:
        sentence = 'These are no claims: a JSON object is needed, such as {"sub": "17", "name": "Ada"}.'
        raise InvalidInput(
            "claims_unreadable", sentence, fields={"pasted": sentence}, cause=fault.code
        ) from None
