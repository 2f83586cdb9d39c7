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
    GLOBEX_PAGE,
    NOW,
    OPERATOR,
    PERSON,
    always,
    candidate,
    grants,
    idp,
    link,
    proof,
    purpose,
    rules,
    user,
    values,
)

from jitney.model.account_link import LinkedBy
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.federated_identity import FederatedIdentity
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
from jitney.model.user import BY_THE_PERSON, Lock, UserState
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.consent import listed_attributes, with_flags
from jitney.provisioning.decision import Ask, LinkTo, PassThrough, Provision, Refuse, SignInAs, decide
from jitney.provisioning.difference import difference, written_lines
from jitney.provisioning.facts import (
    Agreement,
    Answers,
    Facts,
    LinkedUser,
    ServerRules,
    StoreState,
    TargetStore,
)
from jitney.provisioning.placement import place
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.provisioning.role_sync import ReachableRoles, grantable_roles
from jitney.provisioning.sentences import SENTENCES
from jitney.provisioning.store_rules import Verdict
from jitney.provisioning.wanted_name import wanted_of


def mostly(usual: object, *odd: object) -> st.SearchStrategy:
    """The usual thing nineteen times out of twenty, so that rare things do not hide all rows below them."""
    # Not zero: the ends of a range are drawn more often than what lies between.
    return st.integers(0, 19).flatmap(lambda n: st.sampled_from(odd) if n == 7 else st.just(usual))


ADA = "ada@b.example"
GOOD = "correct-horse"
MANY = settings(max_examples=100, deadline=None)
FIRST_FOUND = settings(max_examples=5000, deadline=None, phases=[Phase.generate], derandomize=True)

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
        "email": names | st.just(ADA),
        "email_verified": st.booleans() | st.just(True),
        "name": names,
        "nick": names,
        "departments": st.lists(names, max_size=3),
        "groups": st.lists(st.sampled_from(["alice", "bob", "carol"]), max_size=3),
    },
)
identities = st.builds(
    FederatedIdentity,
    mostly("idp-acme", "idp-other"),
    st.sampled_from(["alice", "bob", "carol"]) | names | st.text(min_size=1, max_size=8),
    st.one_of([likely_claims] * 7) | st.dictionaries(claim_names, claim_values, max_size=5),
    st.just(frozenset({"email", "email_verified", "groups"})) | st.frozensets(claim_names),
)
link_rules = st.builds(
    LinkRule,
    mostly(False, True) | st.booleans(),
    lookups=st.sampled_from([(), (AccountLookup("email", "email"),), (AccountLookup("nick", "nick"),)]),
    skip_provisioning_if_nobody_matches=st.booleans(),
    trusted_email_domains=st.sampled_from([(), ("*",), ("b.example",), ("other.example",)]),
    on_unproven_match=st.sampled_from(OnUnprovenMatch),
)
policies = st.builds(
    ProvisioningPolicy,
    enabled=mostly(True, False),
    placement=st.sampled_from([FixedPlacement(), FixedPlacement("ENG"), AsInUsername()]),
    prompt_mode=st.just(PromptMode.SILENT) | st.sampled_from(PromptMode),
    attribute_sync=st.sampled_from(SyncMode),
    role_sync=st.sampled_from(RoleSyncMode),
    linking=link_rules,
    on_provisioning_failure=st.sampled_from(OnProvisioningFailure),
    on_unknown_domain=st.sampled_from(OnUnknownDomain),
    on_name_taken=st.none() | st.sampled_from(OnNameTaken),
    default_roles=st.lists(st.sampled_from(["staff", "operator", "nothing"]), max_size=2).map(tuple),
    username_template=st.sampled_from([None, "{name}", "{broken"]),
    anchor_claim=mostly(None, "nick", "email_domain"),
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
ada = st.builds(
    lambda giver, flag: {"email": values(giver, ADA), "email_verified": values(giver, flag)},
    st.sampled_from([ACME, GLOBEX, OPERATOR, BY_THE_PERSON]),
    st.sampled_from(["true", "false"]),
)
users = st.builds(
    lambda user_id, name, state, lock, attributes, roles, has_password: user(
        user_id,
        name=name,
        state=state,
        lock=lock,
        attributes=attributes,
        roles=tuple(roles),
        has_password=has_password,
    ),
    st.sampled_from(["user-1", "user-2"]),
    names,
    mostly(UserState.ACTIVE, *UserState),
    st.none()
    | st.none()
    | st.builds(
        Lock,
        st.just("why"),
        st.just(NOW),
        st.none() | st.sampled_from([NOW, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    ),
    st.dictionaries(claim_names, st.builds(values, givers, names), max_size=4) | ada,
    st.lists(
        st.builds(lambda g, n: grants(g, n)[0], givers, mostly("staff", "guest", "Operator")), max_size=3
    ),
    st.booleans(),
)
agreements = st.frozensets(
    st.builds(Agreement, st.just("news"), mostly(1, 0, 2), st.sampled_from(["email", "nickname", "name"])),
    max_size=3,
)
said = st.builds(
    Answers,
    st.none() | st.sampled_from(["bob", "ENG/bob", "INTERNAL/bob", "x", "", "alice"]) | names,
    mostly(GOOD, None, "", "x", "two words"),
    mostly(GOOD, None, "other"),
    st.dictionaries(
        st.sampled_from(["email", "nickname", "roles", "email_verified"]), names | st.just(ADA), max_size=2
    ),
    agreements,
    declined=mostly(False, True),
    wants_link=mostly(False, True),
    ignored=st.sampled_from([(), ("roles",)]),
)
well_said = st.builds(
    Answers, st.just("bob"), st.just(GOOD), st.just(GOOD), st.just({"email": ADA, "nickname": "an"}),
    st.sets(st.sampled_from(["nickname", "name"])).map(
        lambda names: frozenset(Agreement("news", 1, name) for name in (*names, "email"))
    ),
)  # fmt: skip
purposes = st.sampled_from([
    (), (purpose("news", "nickname", "email"),), (purpose("news", "name", mandatory=("email",)),),
])  # fmt: skip
states = mostly(StoreState.READY, *StoreState)
links = st.none() | st.builds(
    LinkedUser,
    st.builds(link, st.sampled_from(["user-1", "user-2"]), names),
    st.none() | users,
    states,
)


trusted = st.sampled_from([("*",), ("b.example",), ("other.example",), ()])
adas = st.builds(lambda flag: {"email": ADA, "email_verified": flag}, mostly(True, False, "true", None))
twins = st.builds(lambda one, attributes: (candidate(replace(one, attributes=attributes)),), users, ada)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts gathered as a fact finder would: of an arrival that agrees with its link, or meets its twin, at times."""
    who, policy, linked = draw(identities), draw(policies), draw(links)
    meets = linked is None and draw(st.booleans())
    if meets:
        rule = LinkRule(True, (AccountLookup("email", "email"),), trusted_email_domains=draw(trusted))
        who, policy = (
            replace(who, idp="idp-acme", claims={**who.claims, **draw(adas)}),
            replace(policy, linking=rule),
        )
    if linked is not None and draw(mostly(True, False)):
        agreeing = replace(linked.link, idp=who.idp, subject=who.subject)
        linked = replace(
            linked, link=agreeing if not linked.user else replace(agreeing, user_id=linked.user.id)
        )
    provider = idp(policy, mappings=draw(tables), enabled=draw(mostly(True, False)))
    mapped = map_claims(who, provider.mappings)
    answers = draw(st.none() | said | well_said)
    placed, domain = None, "PRIMARY"
    if isinstance(mapped, Mapped):
        placed = place(
            policy, wanted_of(mapped.wanted, policy, typed=answers.username if answers else None), DOMAINS
        )
        domain = placed.domain
    checked = replace(rules(domain), username=draw(mostly(rules().username, *map(always, Verdict))))
    owner = draw(mostly(None, user("user-3", has_password=True)))
    target = TargetStore(
        draw(states), draw(mostly(checked, None)), owner, draw(st.sampled_from([None, "alice2"]))
    )
    found = st.builds(candidate, users, st.just("lookup"), through=st.sampled_from(["", "idp-globex"]))
    return Facts(
        provider, who, NOW, mapped, linked, placed, target,
        roles=frozenset({"staff", "guest", "operator"}),
        candidates=draw(twins if meets else mostly((), None) | st.lists(found, max_size=2).map(tuple)),
        proof=draw(st.none() | st.none() | st.builds(proof, users)),
        vouchers=draw(st.sampled_from([frozenset(), frozenset({"idp-globex"})])),
        purposes=draw(purposes),
        required_attributes=draw(st.sampled_from([(), ("email",), ("nickname",), ("roles", "email_verified")])),
        others=draw(st.sampled_from([(), (GLOBEX_PAGE,)])),
        answers=answers,
        requires_local_account=draw(st.booleans()),
        server=draw(st.sampled_from([ServerRules(), ServerRules(equal_name_may_link=True)])),
    )  # fmt: skip


KINDS = {
    "sign in": lambda decision: isinstance(decision, SignInAs),
    "provision": lambda decision: isinstance(decision, Provision),
    "provision with a password": lambda decision: isinstance(decision, Provision) and decision.password,
    "provision with a receipt": lambda decision: isinstance(decision, Provision) and decision.consented,
    "provision with a typed value": lambda decision: isinstance(decision, Provision) and any(
        value.provenance == BY_THE_PERSON for given in decision.draft.attributes.values() for value in given
    ),
    "link by proof": lambda decision: isinstance(decision, LinkTo) and decision.linked_by is LinkedBy.PROOF,
    "link by lookup": lambda decision: isinstance(decision, LinkTo) and decision.linked_by is LinkedBy.LOOKUP,
    "ask": lambda decision: isinstance(decision, Ask) and isinstance(decision.form, PromptForm),
    "ask for proof": lambda decision: isinstance(decision, Ask) and isinstance(decision.form, ProofForm),
    "pass through": lambda decision: isinstance(decision, PassThrough),
    "refuse": lambda decision: isinstance(decision, Refuse),
    "refuse by the person": lambda decision: isinstance(decision, Refuse) and decision.by_the_person,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_decision_is_among_the_imagined_ones(kind):
    """The generator below proves nothing of what it never reaches."""
    found = find(any_facts(), lambda known: bool(KINDS[kind](decide(known))), settings=FIRST_FOUND)
    assert KINDS[kind](decide(found))


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
    assert len(written_lines(decision)) <= len(difference(decision))


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
def test_nobody_is_joined_without_a_proof_or_all_of_the_conditions(known):
    """R-005, R-006, R-007: no equal name or address joins anybody, and no operator is ever joined."""
    decision = decide(known)
    if not isinstance(decision, LinkTo):
        return
    assert not {"operator"} & {grant.name.casefold() for grant in decision.user.roles}
    if decision.linked_by is LinkedBy.PROOF:
        assert known.proof is not None
        assert known.proof.user.id == decision.user.id
    else:
        assert isinstance(known.mapped, Mapped)
        assert known.candidates is not None
        assert {decision.user.id} == {one.user.id for one in known.candidates}
        assert known.idp.policy.linking.trusts_domain_of(known.mapped.verified_email or "")
        (flag,) = decision.user.attributes["email_verified"]
        assert flag.value == "true"
        assert flag.provenance in {ACME, OPERATOR} or flag.provenance.id in known.vouchers
        assert decision.user.values("email") == (known.mapped.verified_email,)


@MANY
@given(any_facts())
def test_nobody_is_made_without_an_answer_that_fits_the_mode(known):
    """R-026, R-027: whatever is posted, an account of a prompting mode rests on a whole answer."""
    decision = decide(known)
    if not isinstance(decision, Provision):
        return
    mode, said_yes = known.idp.policy.prompt_mode, known.answers
    if mode is PromptMode.SILENT:
        assert (None, (), ()) == (decision.password, decision.consented, decision.withheld)
        return
    assert said_yes is not None
    assert (False, False) == (said_yes.declined, said_yes.wants_link)
    if mode.asks_username:
        assert said_yes.username
    assert decision.password == (GOOD if mode.asks_password else None)
    for asked in known.purposes:
        ticked = {one.attribute for one in said_yes.agreements if (one.purpose, one.version) == (asked.id, 1)}
        assert {one.name for one in asked.attributes if one.mandatory} <= ticked


@MANY
@given(any_facts())
def test_nothing_is_stored_that_was_declined(known):
    """R-036: what a purpose lists and nobody agreed to is neither drafted nor forgotten by the link."""
    decision = decide(known)
    if isinstance(decision, Provision) and decision.consented:
        agreed_to = {name for one in decision.consented for name in one.consented}
        declined = with_flags(listed_attributes(known.purposes) - agreed_to)
        assert declined == set(decision.withheld)
        assert not declined & set(decision.draft.attributes)


@MANY
@given(any_facts())
def test_no_role_is_given_that_nobody_gave(known):
    """R-037, R-038: every role is one that the mapping or the policy names, and that may be given."""
    decision = decide(known)
    given_roles = {
        SignInAs: lambda: decision.changes.roles_added,
        LinkTo: lambda: decision.changes.roles_added,
        Provision: lambda: decision.draft.roles,
    }.get(type(decision), tuple)()
    if given_roles:
        assert isinstance(known.mapped, Mapped)
        reachable = ReachableRoles(known.roles, known.server.privileged_roles)
        wanted, _ = grantable_roles((*(known.mapped.roles or ()), *known.idp.policy.default_roles), reachable)
        assert set(grants(ACME, *wanted)) >= set(given_roles)


@MANY
@given(any_facts())
def test_whoever_says_no_gets_no_account(known):
    """C15: a plain no makes nobody and joins nobody, whatever else was answered."""
    decision = decide(replace(known, answers=replace(known.answers or Answers(), declined=True)))
    assert not isinstance(decision, Provision | LinkTo | Ask)


@MANY
@given(any_facts())
def test_blocked_user_is_never_signed_in(known):
    """R-048: a locked, disabled or pending user is refused."""
    decision = decide(known)
    if isinstance(decision, SignInAs | LinkTo):
        assert UserState.ACTIVE is decision.user.state
        assert decision.user.lock is None or not decision.user.lock.is_in_force(NOW)


@MANY
@given(any_facts())
def test_sync_never_takes_what_others_gave(known):
    """R-039: a role that an operator or another provider gave is never removed."""
    decision = decide(known)
    if isinstance(decision, SignInAs | LinkTo):
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
    assert not isinstance(decision, Provision | LinkTo | Ask)
    assert not isinstance(decision, SignInAs) or decision.changes.is_empty()


@MANY
@given(any_facts())
def test_every_drafted_value_names_its_giver(known):
    """Every stored value of a new user is by this provider or by the person, who vouches for no address."""
    decision = decide(known)
    if isinstance(decision, Provision):
        drafted = [value for given_values in decision.draft.attributes.values() for value in given_values]
        assert {ACME, BY_THE_PERSON} >= {value.provenance for value in drafted}
        by_person = {
            v.value for v in decision.draft.attributes.get("email_verified", ()) if v.provenance != ACME
        }
        assert {"false"} >= by_person
        assert known.idp.id == decision.draft.origin
