"""Home realm discovery: which identity provider a person belongs to, without showing anybody the list of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jitney.errors import Expired
from jitney.model.application import Application
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import Stage
from jitney.ports import Applications, Clock, IdentityProviders, SignIns
from jitney.signin.journey import Leave, Option
from jitney.signin.trips import Trips

ADDRESS_MAX_CHARACTERS: Final = 320
DOMAIN_MAX_CHARACTERS: Final = 253


@dataclass(frozen=True, slots=True)
class HomeRealms:
    """Finds the providers of an application's people, each by one indexed question, however many there are."""

    identity_providers: IdentityProviders

    async def of_request(
        self, request: AuthorizationRequest, application: Application, came_from: str | None = None
    ) -> IdentityProvider | None:
        """Return the one provider that the request itself names, if it names one.

        By ``fidp``, else as the one by which the person has just been sent here (``came_from``, its short name),
        else by the domain of ``login_hint`` where it has one provider alone.
        A provider that does not exist, is switched off, or is not for this application is as good as none: the
        answer is the sign-in page, whatever the reason.
        """
        named = None
        if request.home_realm:
            named = await self.identity_providers.find_by_home_realm(request.home_realm)
        elif came_from:
            named = await self.identity_providers.find_by_name(came_from)
        if named is not None and named.enabled and application.takes_from(named.name):
            return named
        found = await self.of_address(request.login_hint or "", application)
        return found[0] if len(found) == 1 else None

    async def of_address(self, typed: str, application: Application) -> Sequence[IdentityProvider]:
        """Return the providers of an e-mail address's domain that this application takes; at most 20."""
        domain = domain_of(typed)
        if domain is None:
            return ()
        found = await self.identity_providers.find_by_domain(domain)
        return [each for each in found if application.takes_from(each.name)]

    async def offered(self, application: Application) -> Sequence[IdentityProvider]:
        """Return the providers that anybody may see on the sign-in page, at most 50.

        Where an application names one alone and there is nothing to choose, it is that one, shown or not.
        """
        if not application.identity_providers:
            return await self.identity_providers.shown()
        named = await self._named(application)
        return named if len(named) == 1 else [each for each in named if each.home_realm.is_shown]

    async def ask_for_address(self, application: Application) -> bool:
        """Say whether the sign-in page has a place for the person's e-mail address."""
        if not application.identity_providers:
            return await self.identity_providers.any_found_by_domain()
        return any(each.home_realm.domains for each in await self._named(application))

    async def _named(self, application: Application) -> list[IdentityProvider]:
        found = [await self.identity_providers.find_by_name(name) for name in application.identity_providers]
        return [each for each in found if each is not None and each.enabled]


@dataclass(frozen=True, slots=True)
class Realms:
    """The person's address has several providers, of which they choose one; or none."""

    handle: str
    address: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class HomeRealmDiscovery:
    """Takes the e-mail address that a person typed on the sign-in page."""

    sign_ins: SignIns
    applications: Applications
    realms: HomeRealms
    trips: Trips
    clock: Clock

    async def find(self, handle: str, typed: str, *, browser: str) -> Leave | Realms:
        """Leave for the provider of this address, or say which ones there are to choose from; none may be.

        Nothing is kept of the address; it is passed on to the one provider that it belongs to.
        Raises ``Expired``, and what ``Upstream.begin`` raises.
        """
        sign_in = await self.sign_ins.find(hash_secret(handle))
        request = sign_in.request if sign_in else None
        if sign_in is None or request is None or sign_in.browser_hash != hash_secret(browser):
            raise Expired("sign_in_expired", "This sign-in is over. Please start again from the application.")
        sign_in.check_open(self.clock.now(), Stage.CHOOSING)
        application = await self.applications.find(request.application)
        found = await self.realms.of_address(typed, application) if application is not None else ()
        if len(found) == 1:
            return await self.trips.depart(sign_in, found[0], first_move=False, login_hint=typed.strip())
        return Realms(handle, typed, tuple(Option(each.name, each.display_name) for each in found))


def domain_of(address: str) -> str | None:
    """Return the domain of an e-mail address in lower case, its labels in ASCII (RFC 5890); ``None`` for none."""
    local, at, domain = address.strip().rpartition("@")
    if not local or not at or not domain or len(address) > ADDRESS_MAX_CHARACTERS:
        return None
    try:
        ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return ascii_domain if 0 < len(ascii_domain) <= DOMAIN_MAX_CHARACTERS else None
