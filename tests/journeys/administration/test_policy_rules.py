"""What a policy and an application must be when they are saved, and what an operator is warned of."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.administration.declared.declarations import Declaration, DeclaredIdentityProvider
from jitney.administration.people.user_drafts import NewUser
from jitney.administration.providers.surroundings import find_absent
from jitney.errors import InvalidInput, NotAllowed
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.policy import (
    AccountLookup,
    FixedPlacement,
    LinkRule,
    OnNameTaken,
    OnUnprovenMatch,
    PromptMode,
    ProvisioningPolicy,
)
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio

BY_EMAIL = LinkRule(enabled=True, lookups=(AccountLookup("email", "email"),))


def with_policy(**fields: object) -> object:
    return replace(ACME, policy=ProvisioningPolicy(enabled=True, **fields))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("mode", list(PromptMode))
async def test_linking_goes_with_every_prompt_mode_and_without_lookups(mode: PromptMode) -> None:
    """B7: a policy without lookups looks nobody up; people may prove an account all the same, in every mode."""
    rules = (
        LinkRule(enabled=True),
        replace(BY_EMAIL, trusted_email_domains=("acme.example",)),
        replace(BY_EMAIL, on_unproven_match=OnUnprovenMatch.REFUSE),
    )
    for number, rule in enumerate(rules):
        office = Office()
        wanted = replace(with_policy(prompt_mode=mode, linking=rule), name=f"acme-{number}")
        assert () == (await office.identity_providers.add(ROOT, wanted)).warnings


@pytest.mark.parametrize(
    "local",
    [
        "name", "given_name", "family_name", "nickname", "preferred_username", "locale", "zoneinfo", "gender",
        "birthdate", "address.locality", "email_verified", "phone_number_verified", "sub", "roles", "username",
        "a b",
    ],
)  # fmt: skip
async def test_lookup_is_by_what_only_one_person_has(local: str) -> None:
    """R-002: names, flags, ids and places identify nobody; a policy that looks people up by them is refused."""
    office = Office()
    before = office.doors.look()
    rule = LinkRule(enabled=True, lookups=(AccountLookup("email", local),))
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(linking=rule))
    assert {"policy.linking.lookups"} == set(refused.value.fields)
    assert before is office.doors.look()
    sound = LinkRule(enabled=True, lookups=(AccountLookup("oid", "employee_number"),))
    await office.identity_providers.add(ROOT, with_policy(linking=sound))


@pytest.mark.parametrize("lookup", [AccountLookup(" ", "email"), AccountLookup("email", "")])
async def test_lookup_names_both_sides(lookup: AccountLookup) -> None:
    """B7: a lookup with a blank side is refused when it is saved."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(linking=LinkRule(True, (lookup,))))
    assert {
        "policy.linking.lookups": "A lookup names a federated and a local attribute."
    } == refused.value.fields


@pytest.mark.parametrize("domain", ["Acme.example", "acme", "@acme.example", "*.acme.example", ""])
async def test_trusted_domain_is_a_whole_domain(domain: str) -> None:
    """R-006: a trusted e-mail domain is one domain in lower case; a part, an address or a wildcard is refused."""
    office = Office()
    rule = replace(BY_EMAIL, trusted_email_domains=(domain,))
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(linking=rule))
    assert {"policy.linking.trusted_email_domains"} == set(refused.value.fields)


async def test_lookup_attribute_that_two_users_share_is_refused() -> None:
    """R-006: an attribute of which two users share a value cannot tell them apart, and the value is not shown."""
    office = Office()
    shared = {"email": ("office@acme.example",)}
    await office.users.add(ROOT, NewUser("ada", attributes=shared))
    await office.identity_providers.add(ROOT, replace(with_policy(linking=BY_EMAIL), name="before"))
    await office.users.add(ROOT, NewUser("bob", attributes=shared))
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(linking=BY_EMAIL))
    declared = Declaration(identity_providers=(DeclaredIdentityProvider(with_policy(linking=BY_EMAIL)),))
    with pytest.raises(InvalidInput) as planned:
        await office.declarations.plan(ROOT, declared)
    said = "Two users of PRIMARY share a value of email; it must tell people apart."
    assert {"policy.linking.lookups": said} == refused.value.fields
    assert {"identity_provider acme: provisioning.linking.lookups": said} == planned.value.fields
    assert "office@" not in repr(refused.value)
    assert before is office.doors.look()


@pytest.mark.parametrize("anchor", ["sub", "nonce", "iat", "updated_at", "", "two words", "x" * 101, "tid\n"])
async def test_anchor_is_a_claim_that_stays(anchor: str) -> None:
    """R-016: what changes with every token, or is the same for all, anchors nobody; a tenant does."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(anchor_claim=anchor))
    assert {"policy.anchor_claim"} == set(refused.value.fields)
    await office.identity_providers.add(ROOT, with_policy(anchor_claim="https://acme.example/tid"))


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("OLD", "read-only"),
        ("OFF", "disabled"),
        ("NOPE", "There is no user store NOPE; there are OFF, OLD, PRIMARY."),
    ],
)
async def test_store_that_takes_nobody_is_refused_when_the_policy_is_saved(domain: str, said: str) -> None:
    """C11: a store that is read-only, disabled or unknown is refused at once, not at the first sign-in."""
    stores = (
        UserStoreDescription("PRIMARY"),
        UserStoreDescription("OLD", read_only=True),
        UserStoreDescription("OFF", enabled=False),
    )
    office = Office(MemoryDoors(*stores))
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, with_policy(placement=FixedPlacement(domain)))
    assert {"policy.placement"} == set(refused.value.fields)
    assert said in refused.value.fields["policy.placement"]
    assert before is office.doors.look()
    await office.identity_providers.add(ROOT, with_policy(placement=FixedPlacement("primary")))


@pytest.mark.parametrize("mode", list(PromptMode))
async def test_only_the_username_mode_asks_for_another_name(mode: PromptMode) -> None:
    """jit.md 2: a taken name is asked about where names are asked for at all, and nowhere else."""
    office = Office()
    wanted = with_policy(prompt_mode=mode, on_name_taken=OnNameTaken.ASK)
    if mode.asks_username:
        await office.identity_providers.add(ROOT, wanted)
        return
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, wanted)
    assert {"policy.on_name_taken"} == set(refused.value.fields)


STRICT = UserStoreDescription(
    "PRIMARY", username=NamePattern(r"^[a-z.]{3,30}$", "Three to thirty small letters.")
)


@pytest.mark.parametrize(
    ("idp", "warned"),
    [
        (with_policy(username_template="{nickname}.{nickname}"), []),
        (with_policy(username_template="{given_name} {family_name}"), ["policy.username_template: a name such as"]),
        (with_policy(username_template="{email}"), ["policy.username_template: a name such as"]),
        (with_policy(username_template="{nickname}{badge}"), ["policy.username_template: no row of the claim"]),
        (replace(ACME, mappings=MappingTable(user_id_claim="email")), ["policy.placement: a name such as"]),
        (replace(ACME, mappings=MappingTable(user_id_claim="oid")), []),
        (
            with_policy(linking=replace(BY_EMAIL, trusted_email_domains=("*",))),
            ["policy.linking.trusted_email_domains: * believes this provider about every address in the world"],
        ),
        (
            with_policy(linking=LinkRule(enabled=True, trusted_email_domains=("acme.example",))),
            ["policy.linking.trusted_email_domains: no lookup is by email"],
        ),
        (replace(ACME, policy=ProvisioningPolicy(linking=BY_EMAIL)), ["policy.linking.enabled: while"]),
        (
            with_policy(linking=LinkRule(True, (AccountLookup("oidd", "email"),))),
            ["policy.linking.lookups: oidd is no standard claim and stands in no row of the claim table"],
        ),
        (
            with_policy(linking=LinkRule(True, (AccountLookup("sub", "badge"),))),
            ["policy.linking.lookups: no row of the claim table gives badge, and no user has it"],
        ),
        (
            replace(
                with_policy(linking=LinkRule(True, (AccountLookup("oid", "badge"),))),
                mappings=MappingTable((ClaimMapping("oid", "badge"),)),
            ),
            [],
        ),
        (
            replace(ACME, mappings=MappingTable(
                (ClaimMapping("upn", "email"), ClaimMapping("email_verified", "email_verified"))
            )),
            ["mappings.claims: email_verified says nothing about upn: email from there counts as not verified."],
        ),
        (
            replace(ACME, mappings=MappingTable(
                (ClaimMapping("email", "email"), ClaimMapping("email_verified", "email_verified"))
            )),
            [],
        ),
        (
            replace(ACME, mappings=MappingTable(
                (ClaimMapping("upn", "email"), ClaimMapping("upn_verified", "email_verified"))
            )),
            [],
        ),
    ],
)  # fmt: skip
async def test_what_is_allowed_and_dangerous_is_warned_of(idp: object, warned: list[str]) -> None:
    """jit.md 2: a naming rule that the store would refuse, and trust in every address, are named when saved."""
    office = Office(MemoryDoors(STRICT))
    declared = Declaration(identity_providers=(DeclaredIdentityProvider(idp),))
    planned = (await office.declarations.plan(ROOT, declared)).warnings
    saved = (await office.identity_providers.add(ROOT, idp)).warnings
    assert len(warned) == len(saved)
    assert all(said.startswith(start) for said, start in zip(saved, warned, strict=True))
    words = (said.replace("policy.", "provisioning.").replace("mappings.claims", "claim") for said in saved)
    assert tuple(f"identity_provider acme: {said}" for said in words) == planned


async def test_attribute_that_somebody_has_can_find_somebody() -> None:
    """B7: a lookup by what no row gives is warned of only as long as no user has it, declared ones included."""
    office = Office()
    wanted = with_policy(linking=LinkRule(True, (AccountLookup("sub", "badge"),)))
    ada = NewUser("ada", attributes={"badge": ("b-1",)})
    declared = DeclaredIdentityProvider(wanted)
    plan = office.declarations.plan
    assert 1 == len((await plan(ROOT, Declaration(identity_providers=(declared,)))).warnings)
    assert () == (await plan(ROOT, Declaration(identity_providers=(declared,), users=(ada,)))).warnings
    await office.users.add(ROOT, ada)
    assert () == (await plan(ROOT, Declaration(identity_providers=(declared,)))).warnings
    assert () == (await office.identity_providers.add(ROOT, wanted)).warnings


async def test_of_a_store_too_large_to_look_through_nothing_is_said() -> None:
    """B7: an attribute that nobody on the first pages has may be somebody's behind them, and is no warning."""
    office = Office()
    policy = ProvisioningPolicy(linking=LinkRule(True, (AccountLookup("sub", "badge"),)))
    await office.users.add(ROOT, NewUser("ada"))
    stores = office.doors.user_stores
    assert frozenset() == await find_absent(stores, [policy], most_pages=1)
    assert {"badge"} == await find_absent(stores, [policy], most_pages=2)


async def test_faults_of_one_field_are_told_together() -> None:
    """C26: no fault of a field hides another one of it, and none is told twice."""
    office = Office()
    before = office.doors.look()
    lookups = (
        AccountLookup("email", "email"),
        AccountLookup("email", "nickname"),
        AccountLookup(" ", "email"),
    )
    wanted = with_policy(linking=LinkRule(True, lookups), default_roles=("operator", "nope"))
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, wanted)
    assert {
        "policy.linking.lookups": "At most two lookups are allowed. "
        "nickname does not tell who somebody is; use one that only one person has, such as email. "
        "A lookup names a federated and a local attribute.",
        "policy.default_roles": "No identity provider may give the role operator: it opens the console of Jitney. "
        "There is no role nope.",
    } == refused.value.fields
    required = ("email_verified", "roles", "roles")
    with pytest.raises(InvalidInput) as asked:
        await office.applications.register(ROOT, replace(WIKI, required_attributes=required))
    told = asked.value.fields["required_attributes"]
    assert ["email_verified tells", "roles is no attribute"] == [
        word for word in ("email_verified tells", "roles is no attribute") if 1 == told.count(word)
    ]
    assert before is office.doors.look()


async def test_groups_of_other_stores_may_be_given() -> None:
    """R-038: a group of a store elsewhere is none of our roles; a store that is not there has none."""
    doors = MemoryDoors(UserStoreDescription("PRIMARY"), UserStoreDescription("ENG"))
    office = Office(doors)
    idp = replace(with_policy(default_roles=("ENG/staff",)), mappings=MappingTable(
        role_claim="groups", roles=(RoleMapping("staff", "ENG/staff"),)
    ))  # fmt: skip
    assert () == (await office.identity_providers.add(ROOT, idp)).warnings
    for role in ("ENGINE/staff", "PRIMARY/staff", "ENG"):
        with pytest.raises(InvalidInput) as refused:
            await office.identity_providers.add(ROOT, with_policy(default_roles=(role,)))
        assert {"policy.default_roles": f"There is no role {role}."} == refused.value.fields


@pytest.mark.parametrize(
    "required",
    [("email_verified",), ("roles",), ("username",), ("password",), ("id",), ("",), ("email", "email"),
     tuple(f"a{number}" for number in range(21))],
)  # fmt: skip
async def test_application_requires_attributes_that_a_page_may_ask_for(required: tuple[str, ...]) -> None:
    """C26: an application cannot have a flag, an id, a role or a password asked for; attributes it can."""
    office = Office()
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, replace(WIKI, required_attributes=required))
    assert {"required_attributes"} == set(refused.value.fields)
    assert before is office.doors.look()
    await office.applications.register(ROOT, replace(WIKI, required_attributes=("email", "cost_centre")))


@pytest.mark.parametrize(
    "idp",
    [
        with_policy(default_roles=("engineers",)),
        replace(
            ACME,
            mappings=MappingTable(
                (ClaimMapping("mail", "email"),), role_claim="g", roles=(RoleMapping("eng", "engineers"),)
            ),
        ),
    ],
)
async def test_role_that_a_policy_gives_is_not_removed(idp: object) -> None:
    """jit.md 2: a role to which a policy or a mapping refers stays until nothing refers to it."""
    office = Office()
    await office.roles.add(ROOT, "engineers")
    await office.identity_providers.add(ROOT, idp)
    with pytest.raises(NotAllowed) as refused:
        await office.roles.remove(ROOT, "engineers")
    assert "role_in_use" == refused.value.code
    assert ("engineers",) == await office.roles.names(ROOT)
    await office.provider_removing.remove_unused(ROOT, "acme")
    await office.roles.remove(ROOT, "engineers")
