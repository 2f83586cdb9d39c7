"""Refuses edits of what an identity provider masters, at every door at which a person or an operator edits."""

from collections.abc import Iterable
from dataclasses import dataclass

from jitney.errors import NotAllowed
from jitney.model.user import User
from jitney.ports import IdentityProviders
from jitney.provisioning.fixed_attributes import fixed_attributes, masters_of


@dataclass(frozen=True, slots=True)
class EditRule:
    """Asks the providers that matter for a user; ``enhanced`` speaks for those that say nothing themselves.

    What the provider's own sync writes, and what goes because a consent was withdrawn, is no edit.
    State, lock, roles and password are no attributes: they stay the operator's.
    """

    identity_providers: IdentityProviders
    enhanced: bool

    async def check(self, user: User, names: Iterable[str]) -> None:
        """Refuse to change attributes of these names, all of them where one is fixed (R-034).

        Raises ``NotAllowed`` (``SUO-10000``, as WSO2 calls it), whose details name the fixed ones.
        """
        masters = masters_of(user) if (wanted := tuple(names)) else ()
        refusing = {idp for idp in masters if await self._refuses(idp)}
        if fixed := fixed_attributes(user, wanted, refusing=refusing):
            raise NotAllowed(
                "SUO-10000",
                "User attribute update is not allowed: these values come from the user's identity provider.",
                attributes=", ".join(fixed),
            )

    async def _refuses(self, idp_id: str) -> bool:
        """Say whether a provider's part is on; one that is gone masters nothing any more."""
        idp = await self.identity_providers.find(idp_id)
        return idp is not None and idp.enhanced.resolved(default=self.enhanced).refuse_edits is True
