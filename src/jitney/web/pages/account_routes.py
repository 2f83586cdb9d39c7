"""The paths of the pages of one's own account; each opens to a live session alone."""

from dataclasses import dataclass

from starlette.routing import Route

from jitney.account.own_account import OwnAccount
from jitney.ports import Applications, IdentityProviders
from jitney.signin.own_factors import OwnFactors
from jitney.web.pages.account import END_OTHERS, END_SESSION, EXPORT, UNLINK, AccountPage
from jitney.web.pages.account_data import AccountData
from jitney.web.pages.account_factors import ADD, CODES, REMOVE, AccountFactors
from jitney.web.pages.account_identities import AccountIdentities
from jitney.web.pages.account_session import ACCOUNT, AGAIN, DELETE, FACTORS, SIGNED_OUT, AccountDoor


@dataclass(frozen=True, slots=True)
class AccountPages:
    """All pages of one's own account."""

    overview: AccountPage
    identities: AccountIdentities
    factors: AccountFactors
    data: AccountData

    @classmethod
    def of(
        cls,
        door: AccountDoor,
        mine: OwnAccount,
        factors: OwnFactors,
        *,
        identity_providers: IdentityProviders,
        applications: Applications,
    ) -> "AccountPages":
        """Make the pages behind a door."""
        pages, clock = door.pages, factors.clock
        return cls(
            AccountPage(
                door, mine.identities, mine.sessions, factors, mine.history, identity_providers, applications, pages
            ),
            AccountIdentities(door, mine.identities, pages, clock),
            AccountFactors(door, factors, pages, clock),
            AccountData(door, mine.data, mine.deletion, pages, clock),
        )  # fmt: skip


def account_routes(mine: AccountPages) -> list[Route]:
    """Return the routes, to be mounted at the root."""
    return [
        Route(ACCOUNT, mine.overview.show, methods=["GET"]),
        Route(SIGNED_OUT, mine.overview.signed_out, methods=["GET"]),
        Route(AGAIN, mine.overview.door.again, methods=["POST"]),
        Route(END_SESSION, mine.overview.end_session, methods=["POST"]),
        Route(END_OTHERS, mine.overview.end_other_sessions, methods=["POST"]),
        Route(UNLINK, mine.identities.remove, methods=["POST"]),
        Route(FACTORS, mine.factors.show, methods=["GET"]),
        Route(ADD, mine.factors.show_offer, methods=["GET"]),
        Route(ADD, mine.factors.add, methods=["POST"]),
        Route(REMOVE, mine.factors.remove, methods=["POST"]),
        Route(CODES, mine.factors.make_codes, methods=["POST"]),
        Route(EXPORT, mine.data.export, methods=["POST"]),
        Route(DELETE, mine.data.ask, methods=["GET"]),
        Route(DELETE, mine.data.delete, methods=["POST"]),
    ]
