"""Accept an authorization request; later, issue its code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlencode

from jitney.errors import Conflict, JitneyError, NotAllowed
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import AddCode, Change, RecordEvent, RequireApplication, RequireSession
from jitney.model.grant import Authentication, AuthorizationRequest, Code
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Session
from jitney.openid_provider.people import still_served
from jitney.openid_provider.request_checks import (
    Asked,
    Pairs,
    RefusedRequest,
    ReturnAddress,
    check_application,
    checked_request,
    parse_parameters,
    return_address,
)
from jitney.openid_provider.signing_keys import KeyRing
from jitney.openid_provider.subjects import Subjects
from jitney.ports import Applications, Clock, Entropy, PlannedCode, UnitOfWork

CODE_TIME: Final = timedelta(seconds=60)
"""How long a code may travel (R-081)."""

_ROUNDING: Final = timedelta(seconds=1)
_SKEW: Final = timedelta(seconds=60)
"""How far the clock of the provider that signed the person in may be from ours (P-12)."""


@dataclass(frozen=True, slots=True)
class AuthorizationAnswer:
    """An authorization response, and how it travels: in the query or as a posted form."""

    redirect_uri: str
    response_mode: str
    fields: Sequence[tuple[str, str]]

    @property
    def location(self) -> str:
        """Return the address for ``response_mode=query``; a query that was registered is kept (RFC 6749 3.1.2)."""
        separator = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{separator}{urlencode(self.fields, quote_via=quote)}"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The authorization endpoint's verb; ``issuer`` is our address as applications know it."""

    issuer: str
    applications: Applications
    keys: KeyRing
    work: UnitOfWork
    subjects: Subjects
    clock: Clock
    entropy: Entropy

    async def accept(self, unverified: Pairs) -> AuthorizationRequest | RefusedRequest:
        """Return the request, checked, or a refusal that the application may be told.

        Raises a fault for as long as it is not known where to answer: that is a page of ours, and never a
        redirect to an address that nobody registered (R-079).
        """
        parameters = parse_parameters(unverified)
        application = check_application(await self._find(parameters.get("client_id")))
        address = return_address(parameters, application)
        keys = await self.keys.current()
        try:
            return checked_request(
                Asked(parameters, application, self.issuer, keys.key_set), now=self.clock.now()
            )
        except JitneyError as fault:
            return RefusedRequest(address, fault)

    async def _find(self, client_id: str | None) -> Application | None:
        return await self.applications.find(client_id) if client_id is not None else None

    async def issue_code(self, request: AuthorizationRequest, session: Session) -> str:
        """Return a fresh code for the person of this session; one commit.

        What the request demanded of the sign-in is held against the session itself, whatever route led here
        (R-026, R-089); session, application and user are held to their state inside the commit.
        Raises ``NotAllowed``: ``application_disabled``, ``authentication_too_old``, ``authentication_of_another``,
        ``authentication_class_unmet``, ``state_changed``.
        """
        application = check_application(await self.applications.find(request.application))
        self.check_sign_in(request, session, application)
        code, issued = self._issue(request, session)
        try:
            await self.work.commit(
                RequireSession(session.id_hash),
                RequireApplication(application.id),
                *still_served(_authentication(session), self.clock.now()),
                *issued,
            )
        except Conflict as fault:
            raise NotAllowed("state_changed", "This sign-in is not accepted any more.") from fault
        return code

    async def plan_code(self, request: AuthorizationRequest, session: Session) -> PlannedCode:
        """Plan a code for a session that is about to be made; implements ``ports.CodeIssuer``.

        Who makes the session holds application and user to their state in the same commit.
        Where the sign-in is not what the request demanded, no code is planned: ``issue_code`` then says why.
        """
        try:
            application = check_application(await self.applications.find(request.application))
            self.check_sign_in(request, session, application)
        except JitneyError:
            return PlannedCode()
        return PlannedCode(*self._issue(request, session))

    def _issue(self, request: AuthorizationRequest, session: Session) -> tuple[str, tuple[Change, ...]]:
        code, now = self.entropy.token(), self.clock.now()
        record = Code(
            hash=hash_secret(code),
            family=self.entropy.id(),
            request=request,
            authentication=_authentication(session),
            issued=now,
            expires=now + CODE_TIME,
        )
        target = f"application:{request.application}"
        event = AuditEvent(self.entropy.id(), now, Action.CODE_ISSUED, _actor(session), target)
        return code, (AddCode(record), RecordEvent(event))

    def check_sign_in(
        self, request: AuthorizationRequest, session: Session, application: Application
    ) -> None:
        """Refuse a session that is not the sign-in which the request demanded (OIDC Core 3.1.2.1, R-089).

        The attack: an application asks for a fresh sign-in before a payment, and somebody at an unlocked screen
        goes on with the session of this morning.
        """
        age = self.clock.now() - session.authenticated_at
        must_be_fresh = "login" in request.prompt or (
            request.max_age is not None and age > timedelta(seconds=request.max_age) + _ROUNDING
        )
        if must_be_fresh and not _is_of_this_request(request, session):
            raise NotAllowed("authentication_too_old", "A fresh sign-in is needed.")
        wanted = request.essential_subject
        if wanted is not None and wanted != self.subjects.name(session.person, application):
            raise NotAllowed("authentication_of_another", "Somebody else is signed in.")
        if request.essential_acr and session.acr not in request.essential_acr:
            raise NotAllowed(
                "authentication_class_unmet", "The sign-in is not of the kind that was asked for."
            )

    # ── how the answer is written ───────────────────────────────────────────────────────────────────

    def answer_with_code(self, request: AuthorizationRequest, code: str) -> AuthorizationAnswer:
        """Return the successful response, with ``iss`` (RFC 9207, R-082)."""
        return self._answer(_address(request), ("code", code))

    def answer_with_error(
        self, to: AuthorizationRequest | ReturnAddress, error: str, sentence: str
    ) -> AuthorizationAnswer:  # fmt: skip
        """Return an error response (RFC 6749 section 4.1.2.1), with ``iss`` too: errors are mixed up as well."""
        address = to if isinstance(to, ReturnAddress) else _address(to)
        return self._answer(address, ("error", error), ("error_description", sentence))

    def _answer(self, address: ReturnAddress, *fields: tuple[str, str]) -> AuthorizationAnswer:
        state = (("state", address.state),) if address.state is not None else ()
        return AuthorizationAnswer(
            address.redirect_uri, address.response_mode, (*fields, *state, ("iss", self.issuer))
        )


def _address(request: AuthorizationRequest) -> ReturnAddress:
    return ReturnAddress(request.redirect_uri, request.response_mode, request.state)


def _authentication(session: Session) -> Authentication:
    return Authentication(
        person=session.person,
        authenticated_at=session.authenticated_at,
        session=session.id_hash,
        session_public_id=session.public_id,
        amr=session.amr,
        acr=session.acr,
        idp=session.idp,
        subject=session.subject,
    )


def _is_of_this_request(request: AuthorizationRequest, session: Session) -> bool:
    """Tell whether the sign-in was made for this very request; ``max_age=0`` can be met in no other way."""
    return request.received is not None and session.authenticated_at + _SKEW >= request.received


def _actor(session: Session) -> str:
    person = session.person
    return f"user:{person.user_id}" if isinstance(person, LocalPerson) else f"idp:{person.idp}"
