"""Log-out that an application asks for (OIDC RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from jitney.errors import InvalidInput
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import EndSession as EndSessionChange
from jitney.model.changes import RecordEvent
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Session
from jitney.openid_provider.id_token_hints import IDTokenHint, verify_id_token_hint
from jitney.openid_provider.request_checks import Pairs, parse_parameters
from jitney.openid_provider.signing_keys import KeyRing
from jitney.ports import Applications, Clock, Entropy, Sessions, UnitOfWork


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A log-out as judged: whether the person must confirm it, and where the browser may go afterwards.

    ``asked`` are the parameters that a confirmation sends again, so that they are judged again.
    """

    session: Session | None
    needs_confirmation: bool
    return_to: str | None
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends the session of the browser that asks, and no other (R-090)."""

    issuer: str
    applications: Applications
    sessions: Sessions
    keys: KeyRing
    work: UnitOfWork
    clock: Clock
    entropy: Entropy

    async def judge(self, unverified: Pairs, session_secret: str | None) -> LogoutRequest:
        """Return what shall happen; ``session_secret`` is the value of the browser's session cookie, if any.

        The attack: a page of a stranger sends the browser here and signs the person out, or uses us as an open
        redirector.
        So only an ID token of ours for this very session stands in for the person's yes, and only an address that
        its application registered is gone to.
        Raises ``InvalidInput`` as ``parse_parameters`` does.
        """
        parameters = parse_parameters(unverified)
        session = await self.sessions.find(hash_secret(session_secret)) if session_secret else None
        hint = await self._hint(parameters)
        application_id = hint.application if hint is not None else parameters.get("client_id")
        return_to = await self._return_to(parameters, application_id)
        is_vouched_for = hint is not None and (session is None or hint.session_public_id == session.public_id)
        wants_unknown_address = "post_logout_redirect_uri" in parameters and return_to is None
        return LogoutRequest(
            session=session,
            needs_confirmation=not is_vouched_for or wants_unknown_address,
            return_to=return_to,
            asked={
                name: parameters[name]
                for name in ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
                if name in parameters
            },
        )

    async def end(self, session: Session) -> None:
        """End a session with its codes and token families; ending it twice is no fault."""
        now, person = self.clock.now(), session.person
        actor = f"user:{person.user_id}" if isinstance(person, LocalPerson) else f"idp:{person.idp}"
        event = AuditEvent(
            self.entropy.id(), now, Action.SESSION_ENDED, actor, f"session:{session.public_id}",
            about={"why": "logout"},
        )  # fmt: skip
        await self.work.commit(EndSessionChange(session.id_hash, now), RecordEvent(event))

    async def _hint(self, parameters: Mapping[str, str]) -> IDTokenHint | None:
        """Return what a valid hint says; a forged one, or one of another application, is as good as none."""
        unverified = parameters.get("id_token_hint")
        if unverified is None:
            return None
        keys = await self.keys.current()
        try:
            hint = verify_id_token_hint(unverified, key_set=keys.key_set, issuer=self.issuer)
        except InvalidInput:
            return None
        return hint if parameters.get("client_id", hint.application) == hint.application else None

    async def _return_to(self, parameters: Mapping[str, str], application_id: str | None) -> str | None:
        """Return the address to go to, if this application registered it, character by character (R-078, R-090)."""
        wanted = parameters.get("post_logout_redirect_uri")
        application = await self.applications.find(application_id) if application_id is not None else None
        if wanted is None or application is None or not application.enabled:
            return None
        if wanted not in application.post_logout_redirect_uris:
            return None
        if "state" not in parameters:
            return wanted
        separator = "&" if "?" in wanted else "?"
        return f"{wanted}{separator}{urlencode({'state': parameters['state']}, quote_via=quote)}"
