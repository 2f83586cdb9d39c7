"""Register, change and remove applications, and give them new secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jitney.administration.application_checks import ApplicationChecks
from jitney.administration.application_rules import SECRET_METHODS, SHORTEST_SECRET
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound
from jitney.model.application import Application
from jitney.model.audit_event import Action
from jitney.model.changes import AddApplication, RemoveApplication, SaveApplication
from jitney.model.secret_hash import hash_secret
from jitney.ports import Applications, Entropy, UnitOfWork


@dataclass(frozen=True, slots=True)
class SavedApplication:
    """An application as it is now kept, and what an operator should know about it.

    ``secret`` is shown this once, where a new one was made.
    """

    application: Application
    secret: str | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationAdministration:
    """What an operator may do with applications."""

    applications: Applications
    checks: ApplicationChecks
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy

    async def list(self, operator: Operator) -> Sequence[Application]:
        """List all, by id."""
        operator.need(Right.SEE)
        return await self.applications.list()

    async def get(self, operator: Operator, id: str) -> Application:
        """Return the application with this ``client_id``; raises ``NotFound``."""
        operator.need(Right.SEE)
        application = await self.applications.find(id)
        if application is None:
            raise NotFound("application_not_found", "There is no such application.", id=id)
        return application

    async def register(
        self, operator: Operator, wanted: Application, *, secret: str | None = None
    ) -> SavedApplication:
        """Register an application; an empty ``id`` is made up, ``version`` and ``secret_hash`` are ours.

        ``secret`` is one that the operator brings; without it one is made and returned, this once.
        Raises ``InvalidInput`` (``application_invalid``, with fields) and ``Conflict``
        (``application_id_taken``).
        """
        operator.need(Right.ADMINISTER)
        shown, secret_hash = self._secret_for(wanted, secret)
        application = replace(
            wanted, id=wanted.id or self.entropy.id(), version=1, secret_hash=secret_hash
        )  # fmt: skip
        warnings = await self.checks.check(application)
        if await self.applications.find(application.id) is not None:
            raise Conflict(
                "application_id_taken", "An application with this client id exists.", what="application_id"
            )
        event = self.trail.record(
            operator, Action.APPLICATION_ADDED, f"application:{application.id}", name=application.name
        )
        await self.work.commit(AddApplication(application), event)
        return SavedApplication(application, shown, warnings)

    async def change(
        self, operator: Operator, wanted: Application, *, version: int, secret: str | None = None
    ) -> SavedApplication:
        """Replace the application ``wanted.id``, if it still has ``version``.

        Its secret stays, unless ``secret`` brings another, or it had none and needs one from now on.
        Raises what ``register`` raises, ``NotFound``, and ``Conflict`` (``application_changed``).
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, wanted.id)
        if present.version != version:
            raise Conflict(
                "application_changed", "The application was changed meanwhile. Look again.",
                what="application", expected=version, found=present.version,
            )  # fmt: skip
        keeps = present.secret_hash and secret is None and wanted.authentication in SECRET_METHODS
        shown, secret_hash = (None, present.secret_hash) if keeps else self._secret_for(wanted, secret)
        application = replace(wanted, version=present.version + 1, secret_hash=secret_hash)
        warnings = await self.checks.check(application)
        await self._save(operator, application, ", ".join(changed_fields(present, application)))
        return SavedApplication(application, shown, warnings)

    async def rotate_secret(self, operator: Operator, id: str) -> SavedApplication:
        """Give the application a new secret; the old one ends with the commit.

        Raises ``NotFound``, and ``NotAllowed`` (``application_has_no_secret``).
        """
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, id)
        if present.authentication not in SECRET_METHODS:
            raise NotAllowed("application_has_no_secret", "This application does not use a secret.")
        secret = self.entropy.token()
        application = replace(present, secret_hash=hash_secret(secret), version=present.version + 1)
        await self._save(operator, application, "secret")
        return SavedApplication(application, secret)

    async def set_enabled(self, operator: Operator, id: str, *, enabled: bool) -> Application:
        """Serve an application, or serve it no longer."""
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, id)
        if present.enabled == enabled:
            return present
        application = replace(present, enabled=enabled, version=present.version + 1)
        await self._save(operator, application, "enabled")
        return application

    async def remove(self, operator: Operator, id: str) -> None:
        """Remove an application with its codes and tokens; raises ``NotFound``."""
        operator.need(Right.ADMINISTER)
        present = await self.get(operator, id)
        event = self.trail.record(
            operator, Action.APPLICATION_REMOVED, f"application:{id}", name=present.name
        )  # fmt: skip
        await self.work.commit(RemoveApplication(id, present.version), event)

    async def _save(self, operator: Operator, application: Application, fields: str) -> None:
        target = f"application:{application.id}"
        event = self.trail.record(operator, Action.APPLICATION_CHANGED, target, fields=fields)
        await self.work.commit(SaveApplication(application), event)

    def _secret_for(self, wanted: Application, given: str | None) -> tuple[str | None, str | None]:
        """Return the secret to show, if one was made, and the hash to keep, if one is needed.

        A given secret must be long: what is kept of it is a plain hash, from which a short one is guessed.
        """
        if wanted.authentication not in SECRET_METHODS:
            return None, None
        if given is None:
            made = self.entropy.token()
            return made, hash_secret(made)
        if len(given) < SHORTEST_SECRET:
            text = f"A secret has at least {SHORTEST_SECRET} random characters."
            raise InvalidInput("application_secret_too_short", text, fields={"client_secret": text})
        return None, hash_secret(given)
