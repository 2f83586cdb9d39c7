"""Nodes of the fourth release serve beside a later one: whatever they save, nobody loses a rule or a factor."""

from dataclasses import replace

import pytest
from tests.contract.database.nodes_before_factors import (
    older_node_rotates,
    older_node_saves_application,
    older_node_saves_provider,
)
from tests.contract.database.releases import FOURTH
from tests.contract.doors import opened, sql_doors
from tests.contract.factor_records import a_factor
from tests.contract.records import a_family, an_application, an_authentication, an_idp

from jitney.model import changes as c
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.sign_in_policy import (
    AttributeCondition,
    Effect,
    PolicyRule,
    SecondFactorRule,
    SignInPolicy,
)

pytestmark = pytest.mark.anyio

POLICY = SignInPolicy(
    (
        PolicyRule(
            Effect.FACTOR,
            identity_providers=("acme", "local"),
            roles=("staff",),
            attributes=(AttributeCondition("department", ("it",)), AttributeCondition("email")),
            networks=("192.0.2.0/24",),
            outside_networks=("2001:db8::/32",),
            factors=(FactorKind.TOTP, FactorKind.PASSKEY),
        ),
        PolicyRule(Effect.REFUSE),
    )
)
RULE = SecondFactorRule(True, (FactorKind.EMAIL,), trusted_acr=("gold",), trusted_amr=("mfa", "otp"))
ENHANCED = EnhancedFeature(True, None, False, True, None)


async def test_application_that_an_older_node_saved_keeps_its_policy(database_url: str) -> None:
    """P-14: what an application demands of a sign-in is not lost to an edit by a node that does not know it."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(c.AddApplication(an_application(sign_in_policy=POLICY)))
        await older_node_saves_application(database, "app-1", name="Renamed")
        expected = an_application(sign_in_policy=POLICY, name="Renamed")
        assert expected == await doors.applications.find("app-1")
        freed = replace(expected, version=2, sign_in_policy=SignInPolicy())
        await doors.unit_of_work.commit(c.SaveApplication(freed))
        assert [freed] == list(await doors.applications.list())


async def test_provider_that_an_older_node_saved_keeps_its_rules(database_url: str) -> None:
    """P-14: what a provider's people owe, and which parts are on, is not lost to an edit by such a node."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        ours = an_idp(second_factor=RULE, enhanced=ENHANCED)
        await doors.unit_of_work.commit(c.AddIdentityProvider(ours))
        assert ours == await doors.identity_providers.find("idp-1")
        await older_node_saves_provider(database, "idp-1", display_name="Renamed")
        renamed = replace(ours, display_name="Renamed")
        assert renamed == await doors.identity_providers.find("idp-1")
        plain = an_idp(version=2)
        await doors.unit_of_work.commit(c.SaveIdentityProvider(plain))
        assert plain == await doors.identity_providers.find("idp-1")


async def test_family_that_an_older_node_rotated_keeps_its_identity(database_url: str) -> None:
    """P-14, R-035: a lock by subject still finds tokens that such a node has refreshed."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        family = replace(a_family(), authentication=replace(an_authentication(), subject="subject-1"))
        await doors.unit_of_work.commit(c.AddTokenFamily(family))
        await older_node_rotates(database, "family-1")
        assert family == await doors.grants.find_family("family-1")


async def test_user_whom_an_older_node_knows_keeps_the_factor(database_url: str) -> None:
    """P-14: rows of such a node say that there is no factor; one that is enrolled here is there for all."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await database.commit(FOURTH.rows())
        user = await doors.primary.find("user-6")
        assert user is not None
        assert not user.has_second_factor
        await doors.unit_of_work.commit(
            c.AddFactor(a_factor(user_id="user-6")), c.SetHasSecondFactor("user-6", 1, has_second_factor=True)
        )
        expected = replace(user, version=2, has_second_factor=True)
        assert expected == await doors.primary.find("user-6")
