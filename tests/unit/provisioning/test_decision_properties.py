"""What holds of the decision for every arrival that can be imagined."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import (
    ACME,
    DOMAINS,
    GLOBEX,
    NOW,
    OPERATOR,
    PERSON,
    always,
    grants,
    idp,
    link,
    rules,
    user,
    values,
)

from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.policy import (
    AsInUsername,
    FixedPlacement,
    LinkRule,
    OnNameTaken,
    OnProvisioningFailure,
    OnUnknownDomain,
    PromptMode,
    ProvisioningPolicy,
    RoleSyncMode,
    SyncMode,
)
from jitney.model.user import GivenBy, Lock, UserState
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.decision import LinkTo, PassThrough, Provision, Refuse, SignInAs, decide
from jitney.provisioning.difference import difference
from jitney.provisioning.facts import Answers, Facts, LinkedUser, StoreState, TargetStore
from jitney.provisioning.placement import place
from jitney.provisioning.sentences import SENTENCES
from jitney.provisioning.store_rules import Verdict


def mostly(usual: object, *odd: object) -> st.SearchStrategy:
    """The usual thing nineteen times out of twenty, so that rare things do not hide all rows below them."""
    return st.integers(0, 19).flatmap(lambda n: st.just(usual) if n else st.sampled_from(odd))


MANY = settings(max_examples=200, deadline=None)
FIRST_FOUND = settings(max_examples=5000, deadline=None, phases=[Phase.generate])

names = st.sampled_from(
    ["alice", "bob", "carol", "dave", "ENG/alice", "NOPE/x", "a@b.example", "INTERNAL/x", "x", "", "A/B/x"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | names | st.text(max_size=8)
claim_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
claim_names = st.sampled_from(
    ["sub", "email", "email_verified", "name", "address", "groups", "nick", "phone_number", "departments"]
)
likely_claims = st.fixed_dictionaries(
    {},
    optional={
        "email": names,
        "email_verified": st.booleans(),
        "name": names,
        "nick": names,
        "departments": st.lists(names, max_size=3),
        "groups": st.lists(st.sampled_from(["alice", "bob", "carol"]), max_size=3),
    },
)
identities = st.builds(
    FederatedIdentity,
    mostly("idp-acme", "idp-other"),
    names | st.text(min_size=1, max_size=8),
    likely_claims | likely_claims | likely_claims | st.dictionaries(claim_names, claim_values, max_size=5),
    st.just(frozenset({"email", "email_verified", "groups"})) | st.frozensets(claim_names),
)
policies = st.builds(
    ProvisioningPolicy,
    enabled=mostly(True, False),
    placement=st.sampled_from([FixedPlacement(), FixedPlacement("ENG"), AsInUsername()]),
    prompt_mode=mostly(PromptMode.SILENT, *PromptMode),
    attribute_sync=st.sampled_from(SyncMode),
    role_sync=st.sampled_from(RoleSyncMode),
    linking=st.builds(LinkRule, mostly(False, True), skip_provisioning_if_nobody_matches=st.booleans()),
    on_provisioning_failure=st.sampled_from(OnProvisioningFailure),
    on_unknown_domain=st.sampled_from(OnUnknownDomain),
    on_name_taken=st.none() | st.sampled_from(OnNameTaken),
    default_roles=st.lists(st.sampled_from(["staff", "operator", "nothing"]), max_size=2).map(tuple),
    username_template=st.sampled_from([None, "{name}", "{broken"]),
)
tables = st.sampled_from([
    MappingTable(),
    MappingTable(user_id_claim="nick", role_claim="groups", role_separator=","),
    MappingTable(
        (ClaimMapping("nick", "departments", "x"), ClaimMapping("email", "email", "d@x.example")),
        role_claim="groups",
        roles=(RoleMapping("bob", "staff"), RoleMapping("alice", "operator")),
    ),
])  # fmt: skip
givers = st.sampled_from([ACME, GLOBEX, OPERATOR, PERSON])
users = st.builds(
    lambda user_id, name, state, lock, attributes, roles: user(
        user_id, name=name, state=state, lock=lock, attributes=attributes, roles=tuple(roles)
    ),
    st.sampled_from(["user-1", "user-2"]),
    names,
    mostly(UserState.ACTIVE, *UserState),
    st.none()
    | st.builds(
        Lock,
        st.just("why"),
        st.just(NOW),
        st.none() | st.sampled_from([NOW, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    ),
    st.dictionaries(claim_names, st.builds(values, givers, names), max_size=4),
    st.lists(
        st.builds(lambda g, n: grants(g, n)[0], givers, st.sampled_from(["staff", "guest"])), max_size=3
    ),
)
states = mostly(StoreState.READY, *StoreState)
links = st.none() | st.builds(
    LinkedUser,
    st.builds(link, st.sampled_from(["user-1", "user-2"]), names),
    st.none() | users,
    states,
)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts gathered as a fact finder would, and sometimes of an arrival that agrees with its link."""
    who, policy, linked = draw(identities), draw(policies), draw(links)
    if linked is not None and draw(mostly(True, False)):
        agreeing = replace(linked.link, idp=who.idp, subject=who.subject)
        linked = replace(
            linked, link=agreeing if not linked.user else replace(agreeing, user_id=linked.user.id)
        )
    provider = idp(policy, mappings=draw(tables), enabled=draw(mostly(True, False)))
    mapped = map_claims(who, provider.mappings)
    placed = place(policy, mapped.wanted, DOMAINS) if isinstance(mapped, Mapped) else None
    domain = getattr(placed, "domain", "PRIMARY")
    checked = replace(rules(domain), username=draw(mostly(rules().username, *map(always, Verdict))))
    owner = draw(mostly(None, user("user-3")))
    target = TargetStore(draw(states), draw(mostly(checked, None)), owner)
    return Facts(
        provider, who, NOW, mapped, linked, placed, target,
        roles=frozenset({"staff", "guest", "operator"}),
        matches=draw(st.none() | st.lists(users, max_size=2).map(tuple)),
        answers=draw(st.none() | st.just(Answers()) | st.just(Answers(("mail",)))),
        requires_local_account=draw(st.booleans()),
    )  # fmt: skip


@pytest.mark.parametrize("kind", [SignInAs, Provision, PassThrough, Refuse])
def test_every_kind_of_decision_is_among_the_imagined_ones(kind):
    """The generator below proves nothing of what it never reaches."""
    found = find(any_facts(), lambda known: isinstance(decide(known), kind), settings=FIRST_FOUND)
    assert isinstance(decide(found), kind)


@MANY
@given(any_facts())
def test_decide_never_raises_and_always_says_why(known):
    """R-024: every arrival gets a decision with reasons, and every refusal a sentence."""
    decision = decide(known)
    assert decision.reasons
    if isinstance(decision, Refuse):
        assert decision.code in SENTENCES
        assert decision.sentence
    assert all(isinstance(line, str) for line in difference(decision))


@MANY
@given(any_facts())
def test_decide_is_deterministic(known):
    """The same facts always lead to the same decision."""
    assert decide(known) == decide(known)


@MANY
@given(any_facts())
def test_nobody_is_signed_in_but_the_linked_user(known):
    """R-001, R-005: only the exact federated key opens a user; no equal name or address does."""
    decision = decide(known)
    if isinstance(decision, SignInAs):
        key = (known.idp.id, known.identity.subject)
        assert known.linked is not None
        assert known.linked.link.user_id == decision.user.id
        assert key == (decision.link.idp, decision.link.subject)


@MANY
@given(any_facts())
def test_equal_names_and_addresses_never_link(known):
    """R-005, R-006: whoever has no link is never joined to a user who exists."""
    assert not isinstance(decide(known), LinkTo)


@MANY
@given(any_facts())
def test_blocked_user_is_never_signed_in(known):
    """R-048: a locked, disabled or pending user is refused."""
    decision = decide(known)
    if isinstance(decision, SignInAs):
        assert UserState.ACTIVE is decision.user.state
        assert decision.user.lock is None or not decision.user.lock.is_in_force(NOW)


@MANY
@given(any_facts())
def test_sync_never_takes_what_others_gave(known):
    """R-039: a role that an operator or another provider gave is never removed."""
    decision = decide(known)
    if isinstance(decision, SignInAs):
        assert all(grant.provenance == ACME for grant in decision.changes.roles_removed)


@MANY
@given(any_facts())
def test_no_decision_gives_a_privileged_role(known):
    """R-038: the operators' role is out of reach of every mapping and default."""
    decision = decide(known)
    given_roles = ()
    if isinstance(decision, SignInAs):
        given_roles = decision.changes.roles_added
    if isinstance(decision, Provision):
        given_roles = decision.draft.roles
    assert "operator" not in {grant.name for grant in given_roles}


@MANY
@given(any_facts())
def test_linked_store_that_cannot_be_asked_leads_to_a_refusal_only(known):
    """R-024: while the linked user's store is silent, nobody is made, linked or let through."""
    silent = replace(
        known, linked=LinkedUser(link(subject=known.identity.subject), None, StoreState.UNREACHABLE)
    )
    assert isinstance(decide(silent), Refuse)


@MANY
@given(any_facts())
def test_nobody_is_made_without_a_policy(known):
    """R-027: with provisioning off there is neither a draft nor a change."""
    decision = decide(replace(known, idp=replace(known.idp, policy=replace(known.idp.policy, enabled=False))))
    assert not isinstance(decision, Provision)
    assert not isinstance(decision, SignInAs) or decision.changes.is_empty()


@MANY
@given(any_facts())
def test_every_drafted_value_names_its_giver(known):
    """Every stored value and grant of a new user has this provider as its provenance."""
    decision = decide(known)
    if isinstance(decision, Provision):
        drafted = [value for given_values in decision.draft.attributes.values() for value in given_values]
        assert {GivenBy.IDENTITY_PROVIDER} >= {value.provenance.given_by for value in drafted}
        assert known.idp.id == decision.draft.origin
