"""Random claims, policies and answers through the real flow: whatever happens, what is kept makes sense."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.doors import memory_doors
from tests.journeys.sign_in.prompting_house import ACCOUNT, BETA, BY_EMAIL, NEWS, TRUSTING
from tests.journeys.sign_in.sign_in_house import (
    HERE,
    PASSWORD,
    House,
    furnish,
    make_house,
    memory_of,
    state_of,
)

from jitney.errors import JitneyError
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, AddIdentityProvider, AddPurpose, AddRole
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.outcome import OutcomeKind
from jitney.model.policy import (
    AccountLookup,
    AsInUsername,
    FixedPlacement,
    LinkRule,
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    OnUnprovenMatch,
    PromptMode,
    ProvisioningPolicy,
    RoleSyncMode,
    SyncMode,
)
from jitney.model.user import BY_THE_PERSON, OPERATOR_ROLE, AttributeValue, GivenBy, Grant, Provenance, User
from jitney.provisioning.facts import ServerRules
from jitney.provisioning.prompt_forms import PromptForm
from jitney.signin.journey import AskAgain, Prompt

NAMES = [
    "ada",
    "grace",
    "GRACE",
    "ENG/grace",
    "NOPE/ada",
    "INTERNAL/x",
    "a",
    "root",
    "ada@home.example",
    "é" * 60,
]
ADDRESSES = ["ada@home.example", "grace@home.example", "GRACE@home.example", "", "no address"]
ROLES = ["staff", "boss", "unknown", "operator"]
LISTED = {"given_name", "email", "email_verified", "phone_number"}
"""What the two purposes list, with the flag that speaks of one of them."""

BY_OPERATOR = Provenance(GivenBy.OPERATOR, "operator-1")
BY_ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")

claims_of = st.fixed_dictionaries(
    {},
    optional={
        "preferred_username": st.sampled_from(NAMES),
        "given_name": st.sampled_from(["Ada", "", "A, da"]),
        "email": st.sampled_from(ADDRESSES),
        "email_verified": st.sampled_from([True, False, "true"]),
        "phone_number": st.sampled_from(["+49 30 1", ""]),
        "groups": st.lists(st.sampled_from(ROLES), max_size=4),
        "colours": st.lists(st.sampled_from(["red", "green, blue"]), max_size=3),
    },
)
policies = st.builds(
    ProvisioningPolicy,
    enabled=st.sampled_from([True, True, True, False]),
    placement=st.sampled_from([FixedPlacement(), FixedPlacement("ENG"), AsInUsername()]),
    prompt_mode=st.sampled_from(list(PromptMode)),
    attribute_sync=st.sampled_from(list(SyncMode)),
    role_sync=st.sampled_from(list(RoleSyncMode)),
    linking=st.builds(
        LinkRule,
        enabled=st.booleans(),
        lookups=st.sampled_from(
            [(), (AccountLookup("email", "email"),), (AccountLookup("given_name", "given_name"),)]
        ),
        skip_provisioning_if_nobody_matches=st.booleans(),
        trusted_email_domains=st.sampled_from([(), ("home.example",), ("*",)]),
        on_unproven_match=st.sampled_from(list(OnUnprovenMatch)),
    ),
    on_provisioning_failure=st.sampled_from(list(OnProvisioningFailure)),
    on_unknown_domain=st.sampled_from(list(OnUnknownDomain)),
    on_name_taken=st.sampled_from([None, *OnNameTaken]),
    default_roles=st.sampled_from([(), ("staff",), ("missing",)]),
    username_template=st.sampled_from([None, "{given_name}.{email}"]),
)
posts = st.fixed_dictionaries(
    {},
    optional={
        "username": st.sampled_from([*NAMES, "countess", ""]),
        "password": st.sampled_from(["long-enough-1", "short", ""]),
        "password_again": st.sampled_from(["long-enough-1", "short"]),
        "attribute.phone_number": st.sampled_from(["+1 2", "", "\x07"]),
        "attribute.email_verified": st.just("true"),
        "attribute.roles": st.just("operator"),
        "consent.purpose-account.given_name": st.sampled_from(["1", "2"]),
        "consent.purpose-news.email": st.sampled_from(["1", "9"]),
        "consent.purpose-news.phone_number": st.just("1"),
        "roles": st.just("operator"),
        "email": st.just("evil@home.example"),
    },
)
acts = st.sampled_from(
    ["answer", "answer", "answer", "decline", "cancel", "prove", "prove wrongly", "prove elsewhere"]
)


@dataclass
class Told:
    """What the provider sent and the person typed in the whole run: the only things that may be found later."""

    sent: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    passwords: bool = False

    def note(self, claims: dict[str, Any]) -> None:
        for value in claims.values():
            texts = value if isinstance(value, list) else [value]
            self.sent |= {str(text).lower() if isinstance(text, bool) else text for text in texts}
        self.sent |= {"false", "true"}
        self.groups |= set(claims.get("groups", ()))


async def furnished(policy: ProvisioningPolicy, *, equal_name: bool) -> House:
    house = await furnish(make_house(memory_doors()))
    table = MappingTable(
        claims=(
            ClaimMapping("given_name", "given_name"), ClaimMapping("email", "email"),
            ClaimMapping("email_verified", "email_verified"), ClaimMapping("phone_number", "phone_number"),
            ClaimMapping("colours", "colours"),
        ),
        user_id_claim="preferred_username", role_claim="groups",
        roles=(RoleMapping("staff", "staff"), RoleMapping("boss", "boss"), RoleMapping("operator", "operator")),
    )  # fmt: skip
    await house.change_provider(policy=policy, mappings=table)
    await house.change_application(required_attributes=("phone_number",))
    await house.commit(
        AddIdentityProvider(BETA),
        AddPurpose(ACCOUNT),
        AddPurpose(NEWS),
        AddRole("boss"),
        AddRole(OPERATOR_ROLE),
    )
    facts = replace(house.facts, server=ServerRules(equal_name_may_link=equal_name))
    object.__setattr__(house.hall, "facts", facts)
    mail = {"email": (AttributeValue("grace@home.example", BY_OPERATOR),),
            "email_verified": (AttributeValue("true", BY_OPERATOR),)}  # fmt: skip
    grace = await house.add_local("grace", attributes=mail, roles=(Grant("boss", BY_OPERATOR),))
    await house.add_local("root", roles=(Grant(OPERATOR_ROLE, BY_OPERATOR),))
    link = AccountLink("idp-beta", "grace-b", grace.id, "PRIMARY", house.clock.now(), LinkedBy.OPERATOR)
    await house.commit(AddAccountLink(link))
    house.upstream.script["grace"] = FederatedIdentity("idp-beta", "grace-b", {}, frozenset())
    return house


async def walk(
    house: House, claims: dict[str, Any], plan: list[tuple[str, dict[str, str]]], told: Told
) -> None:
    """Come from Acme with these claims and do what the plan says for as long as a page asks."""
    told.note(claims)
    house.upstream.script["ada"] = FederatedIdentity("idp-acme", "ada-1", claims, frozenset(claims))
    step: Any = await house.come_back(await house.leave())
    for act, posted in plan:
        if not isinstance(step, Prompt | AskAgain):
            return
        try:
            step = await do(house, step.key, act, posted, told)
        except JitneyError:
            continue


async def do(house: House, key: str, act: str, posted: dict[str, str], told: Told) -> Any:
    if act in {"answer", "decline"}:
        form = (await house.prompts.show(key, browser=HERE)).form
        asked = form.fields if isinstance(form, PromptForm) else frozenset[str]()
        told.typed |= {value for name, value in posted.items() if name in asked}
        told.passwords |= "password" in asked
        return await house.prompts.answer(
            key, posted, browser=HERE, speaks=lambda _: "en", declined=act == "decline"
        )
    if act == "cancel":
        return await house.prompts.cancel(key, browser=HERE)
    if act == "prove elsewhere":
        leave = await house.proofs.by_provider(key, "beta", browser=HERE)
        return await house.come_back(state_of(leave), code="grace", provider="beta")
    password = PASSWORD if act == "prove" else "a wrong one"
    return await house.proofs.by_password(key, "grace", password, browser=HERE)


def check(before: dict[str, User], house: House, policy: ProvisioningPolicy, told: Told) -> None:
    state = memory_of(house).look()
    joined = {o.user_id for o in state.outcomes if o.kind is OutcomeKind.LINKED}
    linked = {link.user_id for link in state.links.values()}
    made = {key: user for key, user in state.users.items() if key not in before}
    # no link without a user, no user that came from a provider without a link
    assert linked <= state.users.keys()
    assert all(key in linked and user.origin == "idp-acme" for key, user in made.items())
    assert policy.enabled or (not made and not joined)
    # nothing of another person changed, unless that person was proven or found by the rule
    for key, user in before.items():
        if key not in joined:
            assert user == state.users[key]
    assert not any(before[key].has_role(OPERATOR_ROLE) for key in joined if key in before)
    # no value without provenance, and none that nobody sent or typed
    touched = {**made, **{key: state.users[key] for key in joined if key}}
    for key, user in touched.items():
        old = before[key].attributes if key in before else {}
        for name, values in user.attributes.items():
            for value in values:
                known = {BY_ACME: told.sent, BY_THE_PERSON: told.typed | {"false"}}
                assert value in old.get(name, ()) or value.value in known[value.provenance], (name, value)
        grants = before[key].roles if key in before else ()
        for grant in user.roles:
            assert grant in grants or (
                grant.provenance == BY_ACME
                and grant.name in (told.groups & {"staff", "boss"}) | set(policy.default_roles) & {"staff"}
            ), grant
    assert told.passwords or not any(user.has_password for user in made.values())
    # what a purpose names is there only by agreement, and joining an account asks for none; so too for the flag
    if policy.prompt_mode is not PromptMode.SILENT:
        for key, user in touched.items():
            agreed = {n for r in state.receipts.values() if r.user_id == key for n in r.live_attributes}
            agreed |= {"email_verified"} if "email" in agreed else set()
            old = before[key].attributes if key in before else {}
            added = {n for n in LISTED if set(user.attributes.get(n, ())) - set(old.get(n, ()))}
            assert added <= agreed, (key, added, agreed)
    # whoever has a session was let in by an outcome that says so
    positive = {OutcomeKind.CREATED, OutcomeKind.LINKED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED,
                OutcomeKind.PASSED_THROUGH}  # fmt: skip
    assert len(state.sessions) <= sum(o.kind in positive for o in state.outcomes)
    assert all(s.subject in {"ada-1"} for s in state.sessions.values())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    policy=policies, first=claims_of, second=claims_of, equal_name=st.booleans(),
    plan=st.lists(st.tuples(acts, posts), min_size=1, max_size=5),
)  # fmt: skip
def test_whatever_is_sent_set_and_typed_what_is_kept_makes_sense(
    policy: ProvisioningPolicy, first: dict[str, Any], second: dict[str, Any], equal_name: bool,
    plan: list[tuple[str, dict[str, str]]],
) -> None:  # fmt: skip
    """R-010, R-019, R-027, R-033, R-036, R-037: no user without link, no value or role from nobody."""

    async def run() -> None:
        house = await furnished(policy, equal_name=equal_name)
        before, told = dict(memory_of(house).look().users), Told()
        for claims in (first, second):
            await walk(house, claims, plan, told)
            check(before, house, policy, told)

    asyncio.run(run())


def test_the_walks_above_reach_every_kind_of_end() -> None:
    """The property says nothing unless walks like its own create, link, sync, pass and refuse: these do."""

    async def ends(
        policy: ProvisioningPolicy, claims: dict[str, Any], act: str, posted: dict[str, str], **later: Any
    ) -> set[str]:
        house = await furnished(policy, equal_name=False)
        before, told = dict(memory_of(house).look().users), Told()
        for sent in (claims, claims | later):
            await walk(house, sent, [(act, posted)], told)
            check(before, house, policy, told)
        return {outcome.kind.value for outcome in memory_of(house).look().outcomes}

    yes = {"consent.purpose-account.given_name": "1"}
    asks = ProvisioningPolicy(enabled=True, prompt_mode=PromptMode.CONSENT)
    ada = {
        "preferred_username": "ada",
        "given_name": "Ada",
        "email": "grace@home.example",
        "email_verified": True,
    }
    run = asyncio.run
    assert {"created", "unchanged"} == run(ends(asks, ada, "answer", yes))
    assert "refused" in run(ends(asks, ada, "cancel", {}))
    assert {"linked", "unchanged"} <= run(ends(replace(asks, linking=BY_EMAIL), ada, "prove", {}))
    assert {"linked", "unchanged"} <= run(ends(replace(asks, linking=BY_EMAIL), ada, "prove elsewhere", {}))
    assert {"linked", "unchanged"} <= run(ends(replace(asks, linking=TRUSTING), ada, "cancel", {}))
    assert {"created", "updated"} == run(ends(asks, ada, "answer", yes, given_name="A, da"))
    joined = ends(replace(asks, linking=BY_EMAIL), ada, "prove", {}, colours=["red"])
    assert {"linked", "updated"} <= run(joined)
    assert {"passed_through"} == run(ends(replace(asks, enabled=False), ada, "answer", yes))
