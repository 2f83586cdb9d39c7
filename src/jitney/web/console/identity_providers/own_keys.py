"""The buttons by which our own keys for a SAML provider change, and the certificates to take along."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.saml_keys import SAMLKeyVerbs
from jitney.errors import NotFound
from jitney.model.identity_provider import IdentityProvider
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.editing import PartPages
from jitney.web.console.identity_providers.own_key_facts import certificates_of
from jitney.web.console.identity_providers.parts import PROTOCOL_PART
from jitney.web.console.identity_providers.places import BASE, Certificates, address_of

CERTIFICATE, PRIVATE_KEY = "certificate", "private_key"
CERTIFICATE_FILE, PRIVATE_KEY_FILE = f"{CERTIFICATE}_file", f"{PRIVATE_KEY}_file"
_KEY: Final = f"{BASE}/{{name}}/keys"


@dataclass(frozen=True, slots=True)
class OwnKeyPages:
    """Rolls our keys over and takes those that are brought; a private key is on no page (R-115)."""

    desk: Desk
    providers: IdentityProviderAdministration
    saml_keys: SAMLKeyVerbs
    parts: PartPages
    certificates: Certificates

    def doorways(self) -> list[Doorway]:
        """Return the addresses of the certificates, and of the buttons, which all change whom a provider trusts."""
        return [
            ConsolePage(f"{_KEY}/{{fingerprint}}.pem", Right.SEE, self.download),
            ConsoleForm(f"{_KEY}/begin", Right.ADMINISTER, self.begin, self.show, risky=True),
            ConsoleForm(f"{_KEY}/finish", Right.ADMINISTER, self.finish, self.show, risky=True),
            ConsoleForm(f"{_KEY}/bring", Right.ADMINISTER, self.bring, self.show, risky=True, files=True),
        ]

    async def show(self, visit: Visit) -> Response:
        """Show the part again on which the buttons stand; a certificate that was pasted is there, a key never."""
        pasted = {name: text for name, text in (visit.typed or {}).items() if name == CERTIFICATE}
        return await self.parts.show(PROTOCOL_PART, replace(visit, typed=None), beside=pasted)

    async def download(self, visit: Visit) -> Response:
        """``GET …/keys/{fingerprint}.pem``: the certificate of a key of ours."""
        idp = await self.providers.get(visit.operator, visit.place("name"))
        for pem in certificates_of(idp):
            told = self.certificates.find_facts(pem)
            if told is not None and told.fingerprint == visit.place("fingerprint"):
                return _pem_file(pem, f"{idp.name}-{told.fingerprint[:8]}")
        raise NotFound("saml_key_not_found", "We have no key with this certificate any more.")

    async def begin(self, visit: Visit, _typed: Fields) -> Response:
        """``POST …/keys/begin``: publish a second key, which is made here."""
        return self._done(await self.saml_keys.begin(visit.operator, visit.place("name")), "key_published")

    async def finish(self, visit: Visit, _typed: Fields) -> Response:
        """``POST …/keys/finish``: sign with the new key, and forget the old one."""
        return self._done(await self.saml_keys.finish(visit.operator, visit.place("name")), "key_in_use")

    async def bring(self, visit: Visit, typed: Fields) -> Response:
        """``POST …/keys/bring``: publish a key that the operator brings, as two files or as two texts."""
        idp = await self.saml_keys.bring(
            visit.operator,
            visit.place("name"),
            certificate=_brought(visit, typed, CERTIFICATE),
            private_key=_brought(visit, typed, PRIVATE_KEY),
        )
        is_first = len(certificates_of(idp)) == 1
        return self._done(idp, "key_in_use" if is_first else "key_published")

    def _done(self, idp: IdentityProvider, code: str) -> Response:
        return self.desk.done(address_of(idp.name, PROTOCOL_PART.key), code)


def _brought(visit: Visit, typed: Fields, name: str) -> str:
    """Return what was sent as a file, or else as a text; what is no text is no PEM either, and is told as such."""
    file = visit.files.get(f"{name}_file")
    if file is not None and file.content:
        return file.content.decode("utf-8", errors="replace")
    return typed.get(name, "").strip()


def _pem_file(pem: str, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="jitney-{name}.pem"',
        "cache-control": "no-store",
    }
    return Response(pem, media_type="application/x-pem-file", headers=headers)
