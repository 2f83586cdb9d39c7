"""The decision, as a table that looks like jit.md 3."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.provisioning.arrivals import (
    ACME,
    NOW,
    OPERATOR,
    always,
    facts,
    grants,
    identity,
    idp,
    link,
    linked,
    locked,
    mapped_roles_table,
    rules,
    user,
    values,
)

from jitney.model.claims import MappingTable
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
from jitney.model.user import UserChanges, UserDraft, UserState
from jitney.provisioning.decision import (
    Ask,
    LinkTo,
    PassThrough,
    Provision,
    Refuse,
    SignInAs,
    decide,
)
from jitney.provisioning.facts import Answers, StoreState, TargetStore
from jitney.provisioning.store_rules import Verdict, canonical_username

OFF = ProvisioningPolicy(enabled=False)
ON = ProvisioningPolicy(enabled=True)
CONTINUE = replace(ON, on_provisioning_failure=OnProvisioningFailure.CONTINUE)
AS_IN_USERNAME = replace(ON, placement=AsInUsername())
LINKING = replace(ON, linking=LinkRule(enabled=True))
LINKING_SKIP = replace(ON, linking=LinkRule(enabled=True, skip_provisioning_if_nobody_matches=True))
TAKEN = TargetStore(StoreState.READY, rules(), name_owner=user("user-2"))


def on(**policy):
    return idp(replace(ON, **policy))


def store(state: StoreState) -> TargetStore:
    return TargetStore(state, rules())


TABLE = [
    # if                                        | facts                                            | then
    ("linked, exists, active",                    facts(linked=linked(user())),                      SignInAs, "signed_in_unchanged"),
    ("linked, lock has expired",                  facts(linked=linked(user(lock=locked(NOW)))),      SignInAs, "signed_in_unchanged"),
    ("linked, provisioning off",                  facts(None, idp(OFF), linked=linked(user())),      SignInAs, "signed_in_provisioning_off"),
    ("linked, store read-only",                   facts(linked=linked(user(), StoreState.READ_ONLY)), SignInAs, "signed_in_store_read_only"),
    ("linked, locked",                            facts(linked=linked(user(lock=locked()))),         Refuse, "user_locked"),
    ("linked, locked until later",                facts(linked=linked(user(lock=locked(NOW + timedelta(seconds=1))))), Refuse, "user_locked"),
    ("linked, disabled",                          facts(linked=linked(user(state=UserState.DISABLED))), Refuse, "user_disabled"),
    ("linked, pending",                           facts(linked=linked(user(state=UserState.PENDING))), Refuse, "user_pending"),
    ("linked, user gone",                         facts(linked=linked(None)),                        Provision, "provisioned"),
    ("linked, user gone, provisioning off",       facts(None, idp(OFF), linked=linked(None)),        PassThrough, "provisioning_off"),
    ("linked, store unreachable",                 facts(linked=linked(None, StoreState.UNREACHABLE)), Refuse, "user_store_unreachable"),
    ("linked, store unreachable, user at hand",   facts(linked=linked(user(), StoreState.UNREACHABLE)), Refuse, "user_store_unreachable"),
    ("linked, store disabled",                    facts(linked=linked(user(), StoreState.DISABLED)), Refuse, "user_store_disabled"),
    ("linked, store unknown",                     facts(linked=linked(None, StoreState.UNKNOWN)),    Refuse, "user_store_unknown"),
    ("not linked, provisioning off",              facts(None, idp(OFF)),                             PassThrough, "provisioning_off"),
    ("… and an account is required",              facts(None, idp(OFF), requires_local_account=True), Refuse, "local_account_required"),
    ("linking on, nobody has looked",             facts(None, idp(LINKING)),                         Refuse, "linking_not_available"),
    ("linking on, one matches",                   facts(None, idp(LINKING), matches=(user(),)),      Refuse, "linking_not_available"),
    ("linking on, more than one matches",         facts(None, idp(LINKING), matches=(user(), user("user-2"))), Refuse, "link_ambiguous"),
    ("linking on, nobody matches, skip on",       facts(None, idp(LINKING_SKIP), matches=()),        PassThrough, "nobody_matched"),
    ("… and an account is required",              facts(None, idp(LINKING_SKIP), matches=(), requires_local_account=True), Refuse, "local_account_required"),
    ("linking on, nobody matches, skip off",      facts(None, idp(LINKING), matches=()),             Provision, "provisioned"),
    ("store unknown",                             facts(target=TargetStore()),                       Refuse, "user_store_unknown"),
    ("store has no rules",                        facts(target=TargetStore(StoreState.READY)),       Refuse, "user_store_unknown"),
    ("nothing was placed",                        facts(placed=None),                                Refuse, "user_store_unknown"),
    ("store disabled",                            facts(target=store(StoreState.DISABLED)),          Refuse, "user_store_disabled"),
    ("store read-only",                           facts(target=store(StoreState.READ_ONLY)),         Refuse, "user_store_read_only"),
    ("store unreachable",                         facts(target=store(StoreState.UNREACHABLE)),       Refuse, "user_store_unreachable"),
    ("store disabled, continue",                  facts(None, idp(CONTINUE), target=store(StoreState.DISABLED)), PassThrough, "continued_without_account"),
    ("… and an account is required",              facts(None, idp(CONTINUE), target=store(StoreState.DISABLED), requires_local_account=True), Refuse, "local_account_required"),
    ("domain unknown, refuse",                    facts(identity(nick="NOPE/alice"), idp(replace(AS_IN_USERNAME, on_unknown_domain=OnUnknownDomain.REFUSE), mappings=MappingTable(user_id_claim="nick"))), Refuse, "domain_unknown"),
    ("domain reserved",                           facts(identity("INTERNAL/alice"), idp(AS_IN_USERNAME)), Refuse, "domain_reserved"),
    ("domain reserved, continue",                 facts(identity("internal/alice"), idp(CONTINUE)),  Refuse, "domain_reserved"),
    ("name breaks the pattern",                   facts(identity("al")),                             Refuse, "user_name_breaks_pattern"),
    ("name breaks the pattern, continue",         facts(identity("al"), idp(CONTINUE)),              PassThrough, "continued_without_account"),
    ("name reserved, continue",                   facts(identity("everyone"), idp(CONTINUE)),        Refuse, "user_name_reserved"),
    ("name is an unverified address",             facts(identity("ana@acme.example")),               Refuse, "user_name_is_unverified_email"),
    ("name is the verified address",              facts(identity("ana@acme.example", email="ana@acme.example", email_verified=True)), Provision, "provisioned"),
    ("name taken, refuse",                        facts(target=TAKEN),                               Refuse, "name_taken"),
    ("name taken, ask (not built)",               facts(None, on(on_name_taken=OnNameTaken.ASK), target=TAKEN), Refuse, "name_taken"),
    ("name taken, suffix (not built)",            facts(None, on(on_name_taken=OnNameTaken.SUFFIX), target=TAKEN), Refuse, "name_taken"),
    ("name taken, continue",                      facts(None, idp(CONTINUE), target=TAKEN),          PassThrough, "continued_without_account"),
    ("consent mode",                              facts(None, on(prompt_mode=PromptMode.CONSENT)),   Refuse, "prompting_not_available"),
    ("password and consent mode",                 facts(None, on(prompt_mode=PromptMode.PASSWORD_AND_CONSENT)), Refuse, "prompting_not_available"),
    ("user name, password and consent mode",      facts(None, on(prompt_mode=PromptMode.USERNAME_PASSWORD_AND_CONSENT)), Refuse, "prompting_not_available"),
    ("answered, but nobody can check it yet",     facts(None, on(prompt_mode=PromptMode.CONSENT), answers=Answers()), Refuse, "prompting_not_available"),
    ("mandatory consent declined",                facts(None, on(prompt_mode=PromptMode.CONSENT), answers=Answers(("mail",))), Refuse, "consent_declined"),
    ("otherwise",                                 facts(),                                           Provision, "provisioned"),
    # before the table
    ("provider disabled",                         facts(None, idp(enabled=False), linked=linked(user())), Refuse, "identity_provider_disabled"),
    ("claims break a limit",                      facts(identity(email=["a", "b"]), linked=linked(user())), Refuse, "claim_not_single"),
    ("identity of another provider",              facts(replace(identity(), idp="idp-other")),       Refuse, "facts_disagree"),
    ("link of another subject",                   facts(identity("bob"), linked=linked(user())),     Refuse, "facts_disagree"),
    ("user of another link",                      facts(linked=replace(linked(user()), user=user("user-2"))), Refuse, "facts_disagree"),
    ("rules of another store",                    facts(None, on(placement=FixedPlacement("ENG")), target=store(StoreState.READY)), Refuse, "facts_disagree"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "known", "then", "code"), TABLE, ids=[row[0] for row in TABLE])
def test_each_row_decides_as_the_table_says(row, known, then, code):
    """R-021, R-024, R-027, R-048: the first row that fits wins, and its reason stands last."""
    decision = decide(known)
    assert (then, code) == (type(decision), decision.reasons[-1].code)


def test_new_person_is_drafted_with_everything_that_was_proved():
    """R-040: one decision holds user, attributes, roles and their giver."""
    provider = idp(replace(ON, default_roles=("guest",)), mappings=mapped_roles_table(("eng", "staff")))
    who = identity("alice", email="a@acme.example", email_verified=True, groups=["eng", "other"])
    decision = decide(facts(who, provider))
    draft = UserDraft(
        username=canonical_username(rules().description, "alice"),
        attributes={"email": values(ACME, "a@acme.example"), "email_verified": values(ACME, "true")},
        roles=grants(ACME, "staff", "guest"),
        origin="idp-acme",
    )
    assert isinstance(decision, Provision)
    assert draft == decision.draft
    assert [reason.code for reason in decision.reasons] == ["roles_unmapped", "not_linked", "provisioned"]
    assert decision.forget is None


def test_returning_person_is_refreshed():
    """A linked user signs in with the planned changes of attributes and roles."""
    policy = replace(ON, role_sync=RoleSyncMode.OVERRIDE_ALL)
    provider = idp(policy, mappings=mapped_roles_table(("eng", "staff")))
    returning = user(roles=(*grants(ACME, "guest"), *grants(OPERATOR, "guest")))
    decision = decide(facts(identity(name="Ana", groups=["eng"]), provider, linked=linked(returning)))
    changes = UserChanges({"name": values(ACME, "Ana")}, grants(ACME, "staff"), grants(ACME, "guest"))
    assert isinstance(decision, SignInAs)
    assert (returning, link(), changes) == (decision.user, decision.link, decision.changes)
    assert decision.reasons[-1].code == "signed_in_updated"


def test_returning_person_is_not_refreshed_while_provisioning_is_off():
    """R-027: with provisioning off nothing is synced."""
    decision = decide(facts(identity(name="Ana"), idp(OFF), linked=linked(user())))
    assert isinstance(decision, SignInAs)
    assert decision.changes.is_empty()


def test_mode_none_writes_at_creation_only():
    """Sync mode ``none`` leaves a returning user's attributes alone."""
    provider = idp(replace(ON, attribute_sync=SyncMode.NONE))
    decision = decide(facts(identity(name="Ana"), provider, linked=linked(user())))
    assert isinstance(decision, SignInAs)
    assert decision.changes.is_empty()


def test_stale_link_is_to_be_forgotten_with_the_new_user():
    """R-015: a deleted person who returns gets a new account, and the stale link goes in the same commit."""
    decision = decide(facts(linked=linked(None)))
    assert isinstance(decision, Provision)
    assert link("user-gone") == decision.forget
    assert [reason.code for reason in decision.reasons] == ["link_stale", "provisioned"]


def test_attributes_of_a_person_without_account_pass_through():
    """R-027: with provisioning off the mapped attributes pass on and nothing else does."""
    decision = decide(facts(identity(name="Ana"), idp(OFF)))
    assert isinstance(decision, PassThrough)
    assert decision.attributes == {"name": ("Ana",)}


@pytest.mark.parametrize("rule", [OnNameTaken.ASK, OnNameTaken.SUFFIX])
def test_taken_name_says_what_is_not_built(rule):
    """R-010: a collision changes nothing, and the reasons name the wish that could not be met."""
    decision = decide(facts(None, on(on_name_taken=rule), target=TAKEN))
    expected = ["not_linked", {"ask": "asking_not_available", "suffix": "suffix_not_available"}[rule]]
    assert [*expected, "name_taken"] == [reason.code for reason in decision.reasons]


def test_pattern_that_timed_out_refuses_and_tells_the_operator():
    """A time-out counts as a violation, shows the store's own message and adds a reason."""
    slow = replace(rules(), username=always(Verdict.TIMED_OUT))
    decision = decide(facts(target=TargetStore(StoreState.READY, slow)))
    assert isinstance(decision, Refuse)
    assert [reason.code for reason in decision.reasons] == [
        "not_linked",
        "pattern_timed_out",
        "user_name_breaks_pattern",
    ]
    assert rules().description.username.message == decision.sentence
    assert decision.code == "user_name_breaks_pattern"


def test_privileged_role_is_not_given():
    """R-038: a mapping to the operators' role gives nothing, and says so."""
    provider = idp(mappings=mapped_roles_table(("eng", "operator"), ("eng", "staff")))
    decision = decide(facts(identity(groups=["eng"]), provider))
    assert isinstance(decision, Provision)
    assert grants(ACME, "staff") == decision.draft.roles
    assert "role_privileged_dropped" in {reason.code for reason in decision.reasons}


def test_union_is_closed():
    """A decision is one of six, and nothing else."""
    from typing import get_args

    from jitney.provisioning.decision import Decision

    assert {SignInAs, Provision, LinkTo, PassThrough, Ask, Refuse} == set(get_args(Decision))
