"""The decision, as a table that looks like jit.md 3."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from tests.unit.provisioning.arrivals import (
    ACME,
    GLOBEX_PAGE,
    NOW,
    OPERATOR,
    agreed,
    always,
    answers,
    candidate,
    facts,
    grants,
    identity,
    idp,
    link,
    linked,
    locked,
    mapped_roles_table,
    proof,
    purpose,
    rules,
    user,
    values,
)

from jitney.model.account_link import LinkedBy
from jitney.model.claims import MappingTable
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
from jitney.model.user import BY_THE_PERSON, UserChanges, UserDraft, UserState
from jitney.provisioning.decision import (
    Ask,
    Decision,
    LinkTo,
    PassThrough,
    Provision,
    Refuse,
    Settle,
    SignInAs,
    decide,
)
from jitney.provisioning.facts import Answers, StoreState, TargetStore
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.provisioning.store_rules import Verdict, canonical_username

OFF = ProvisioningPolicy(enabled=False)
ON = ProvisioningPolicy(enabled=True)
CONTINUE = replace(ON, on_provisioning_failure=OnProvisioningFailure.CONTINUE)
AS_IN_USERNAME = replace(ON, placement=AsInUsername())
LINKING = replace(ON, linking=LinkRule(enabled=True))
LINKING_SKIP = replace(ON, linking=LinkRule(enabled=True, skip_provisioning_if_nobody_matches=True))
BY_EMAIL = LinkRule(
    enabled=True, lookups=(AccountLookup("email", "email"),), trusted_email_domains=("acme.example",)
)
VERIFIED = identity(email="a@acme.example", email_verified=True)
HERS = user(
    attributes={"email": values(OPERATOR, "a@acme.example"), "email_verified": values(OPERATOR, "true")},
    has_password=True,
)
TAKEN = TargetStore(StoreState.READY, rules(), name_owner=user("user-2"))
CONSENT, PASSWORD, USERNAME = (
    PromptMode.CONSENT, PromptMode.PASSWORD_AND_CONSENT, PromptMode.USERNAME_PASSWORD_AND_CONSENT,
)  # fmt: skip
NEWS = {"purposes": (purpose("news", "nickname", mandatory=("email",)),)}
READ_NEWS = agreed(("news", "email"))


def on(**policy):
    return idp(replace(ON, **policy))


def asking(mode, **policy):
    return on(prompt_mode=mode, **policy)


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
    ("linked, pending",                           facts(linked=linked(user(state=UserState.PENDING))), Settle, "user_under_way"),
    ("linked, leaving",                           facts(linked=linked(user(state=UserState.LEAVING))), Settle, "user_under_way"),
    ("linked, gone from its store",               facts(linked=linked(user(state=UserState.GONE))),  Refuse, "user_gone"),
    ("linked, locked, provisioning off",          facts(None, idp(OFF), linked=linked(user(lock=locked()))), Refuse, "user_locked"),
    ("linked, disabled, provisioning off",        facts(None, idp(OFF), linked=linked(user(state=UserState.DISABLED))), Refuse, "user_disabled"),
    ("linked, pending, provisioning off",         facts(None, idp(OFF), linked=linked(user(state=UserState.PENDING))), Settle, "user_under_way"),
    ("linked, lock expired, provisioning off",    facts(None, idp(OFF), linked=linked(user(lock=locked(NOW)))), SignInAs, "signed_in_provisioning_off"),
    ("linked, user gone",                         facts(linked=linked(None)),                        Provision, "provisioned"),
    ("linked, user gone, provisioning off",       facts(None, idp(OFF), linked=linked(None)),        PassThrough, "provisioning_off"),
    ("linked, store unreachable",                 facts(linked=linked(None, StoreState.UNREACHABLE)), Refuse, "user_store_unreachable"),
    ("linked, store unreachable, user at hand",   facts(linked=linked(user(), StoreState.UNREACHABLE)), Refuse, "user_store_unreachable"),
    ("linked, store disabled",                    facts(linked=linked(user(), StoreState.DISABLED)), Refuse, "user_store_disabled"),
    ("linked, store unknown",                     facts(linked=linked(None, StoreState.UNKNOWN)),    Refuse, "user_store_unknown"),
    ("not linked, provisioning off",              facts(None, idp(OFF)),                             PassThrough, "provisioning_off"),
    ("… and an account is required",              facts(None, idp(OFF), requires_local_account=True), Refuse, "local_account_required"),
    ("linking on, one matches with proof enough", facts(VERIFIED, on(linking=BY_EMAIL), candidates=(candidate(HERS),)), LinkTo, "linked_now"),
    ("… and the person has proven it",            facts(None, idp(LINKING), candidates=(candidate(),), proof=proof()), LinkTo, "linked_now"),
    ("… nobody matches, an account is proven",    facts(None, idp(LINKING), candidates=(), proof=proof()), LinkTo, "linked_now"),
    ("… the account proven is another one",       facts(None, idp(LINKING), candidates=(candidate(),), proof=proof(user("user-2"))), Refuse, "link_proof_of_other_account"),
    ("… the account proven is locked",            facts(None, idp(LINKING), candidates=(), proof=proof(user(lock=locked()))), Refuse, "user_locked"),
    ("… the account matched is disabled",         facts(VERIFIED, on(linking=BY_EMAIL), candidates=(candidate(replace(HERS, state=UserState.DISABLED)),)), Refuse, "user_disabled"),
    ("… the account proven is pending",           facts(None, idp(LINKING), candidates=(), proof=proof(user(state=UserState.PENDING))), Refuse, "user_pending"),
    ("… the account proven is an operator's",     facts(None, idp(LINKING), candidates=(), proof=proof(user(roles=grants(OPERATOR, "operator")))), Refuse, "link_to_privileged"),
    ("… the account proven is a help desk's",     facts(None, idp(LINKING), candidates=(), proof=proof(user(roles=grants(OPERATOR, "operator.helpdesk")))), Refuse, "link_to_privileged"),
    ("linking on, one matches without proof",     facts(None, idp(LINKING), candidates=(candidate(),)), Ask, "proof_wanted"),
    ("… in a prompting mode",                     facts(None, asking(USERNAME, linking=LINKING.linking), candidates=(candidate(),)), Ask, "proof_wanted"),
    ("… refuse by policy",                        facts(None, on(linking=replace(LINKING.linking, on_unproven_match=OnUnprovenMatch.REFUSE)), candidates=(candidate(),)), Refuse, "link_not_proven"),
    ("… and nothing could prove it",              facts(None, idp(LINKING), candidates=(candidate(user()),)), Refuse, "link_cannot_be_proven"),
    ("… and it is locked",                        facts(None, idp(LINKING), candidates=(candidate(user(has_password=True, lock=locked())),)), Refuse, "link_cannot_be_proven"),
    ("… and it is an operator's",                 facts(None, idp(LINKING), candidates=(candidate(user(has_password=True, roles=grants(OPERATOR, "Operator"))),)), Refuse, "link_to_privileged"),
    ("linking on, more than one matches",         facts(None, idp(LINKING), candidates=(candidate(), candidate(user("user-2")))), Refuse, "link_ambiguous"),
    ("linking on, nobody has looked",             facts(None, idp(LINKING)),                         Refuse, "matches_not_looked_up"),
    ("linking on, nobody matches, skip on",       facts(None, idp(LINKING_SKIP), candidates=()),     PassThrough, "nobody_matched"),
    ("… and an account is required",              facts(None, idp(LINKING_SKIP), candidates=(), requires_local_account=True), Refuse, "local_account_required"),
    ("linking on, nobody matches, skip off",      facts(None, idp(LINKING), candidates=()),          Provision, "provisioned"),
    ("… the person says they have an account",    facts(None, asking(CONSENT, linking=LINKING.linking), candidates=(), answers=Answers(wants_link=True)), Ask, "proof_wanted"),
    ("linking off, an account is proven",         facts(proof=proof(user("user-2"))),                Provision, "provisioned"),
    ("linking off, somebody matches",             facts(candidates=(candidate(user("user-2")),)),    Provision, "provisioned"),
    ("linking off, the person claims an account", facts(None, asking(CONSENT), answers=Answers(wants_link=True)), Ask, "answers_wanted"),
    ("store unknown",                             facts(target=TargetStore()),                       Refuse, "user_store_unknown"),
    ("store has no rules",                        facts(target=TargetStore(StoreState.READY)),       Refuse, "user_store_unknown"),
    ("nothing was placed",                        facts(placed=None),                                Refuse, "user_store_unknown"),
    ("store disabled",                            facts(target=store(StoreState.DISABLED)),          Refuse, "user_store_disabled"),
    ("store read-only",                           facts(target=store(StoreState.READ_ONLY)),         Refuse, "user_store_read_only"),
    ("store unreachable",                         facts(target=store(StoreState.UNREACHABLE)),       Refuse, "user_store_unreachable"),
    ("store disabled, continue",                  facts(None, idp(CONTINUE), target=store(StoreState.DISABLED)), PassThrough, "continued_without_account"),
    ("… and an account is required",              facts(None, idp(CONTINUE), target=store(StoreState.DISABLED), requires_local_account=True), Refuse, "local_account_required"),
    ("domain unknown, refuse",                    facts(identity(nick="NOPE/alice"), idp(replace(AS_IN_USERNAME, on_unknown_domain=OnUnknownDomain.REFUSE), mappings=MappingTable(user_id_claim="nick"))), Refuse, "domain_unknown"),
    ("linked, the anchor has changed",            facts(identity(tid="t-2"), on(anchor_claim="tid"), linked=linked(user(), anchor="t-1")), Refuse, "anchor_changed"),
    ("linked, the anchor is the same",            facts(identity(tid="t-1"), on(anchor_claim="tid"), linked=linked(user(), anchor="t-1")), SignInAs, "signed_in_unchanged"),
    ("domain reserved",                           facts(identity("INTERNAL/alice"), idp(AS_IN_USERNAME)), Refuse, "domain_reserved"),
    ("domain reserved, continue",                 facts(identity("internal/alice"), idp(CONTINUE)),  Refuse, "domain_reserved"),
    ("name breaks the pattern",                   facts(identity("al")),                             Refuse, "user_name_breaks_pattern"),
    ("name breaks the pattern, continue",         facts(identity("al"), idp(CONTINUE)),              PassThrough, "continued_without_account"),
    ("name reserved, continue",                   facts(identity("everyone"), idp(CONTINUE)),        Refuse, "user_name_reserved"),
    ("name is an unverified address",             facts(identity("ana@acme.example")),               Refuse, "user_name_is_unverified_email"),
    ("name is the verified address",              facts(identity("ana@acme.example", email="ana@acme.example", email_verified=True)), Provision, "provisioned"),
    ("name taken, refuse",                        facts(target=TAKEN),                               Refuse, "name_taken"),
    ("name taken, ask, in a mode that cannot",    facts(None, on(on_name_taken=OnNameTaken.ASK), target=TAKEN), Refuse, "name_taken"),
    ("name taken, suffix",                        facts(None, on(on_name_taken=OnNameTaken.SUFFIX), target=replace(TAKEN, free_name="alice2")), Provision, "provisioned"),
    ("name taken, suffix, no number is free",     facts(None, on(on_name_taken=OnNameTaken.SUFFIX), target=TAKEN), Refuse, "name_taken"),
    ("name taken, suffix breaks the pattern",     facts(None, on(on_name_taken=OnNameTaken.SUFFIX), target=replace(TAKEN, free_name="a" * 51)), Refuse, "user_name_breaks_pattern"),
    ("name taken, continue",                      facts(None, idp(CONTINUE), target=TAKEN),          PassThrough, "continued_without_account"),
    ("name taken, the mode may ask",              facts(None, asking(USERNAME), target=TAKEN),       Ask, "answers_wanted"),
    ("… but the policy refuses",                  facts(None, asking(USERNAME, on_name_taken=OnNameTaken.REFUSE), target=TAKEN), Refuse, "name_taken"),
    ("name breaks the pattern, the mode may ask", facts(identity("al"), asking(USERNAME)),           Ask, "answers_wanted"),
    ("name reserved, the mode may ask",           facts(identity("INTERNAL/al"), asking(USERNAME)),  Ask, "answers_wanted"),
    ("consent mode",                              facts(None, asking(CONSENT)),                      Ask, "answers_wanted"),
    ("password and consent mode",                 facts(None, asking(PASSWORD)),                     Ask, "answers_wanted"),
    ("user name, password and consent mode",      facts(None, asking(USERNAME)),                     Ask, "answers_wanted"),
    ("consent mode, answered",                    facts(None, asking(CONSENT), answers=Answers()),   Provision, "provisioned"),
    ("password mode, answered",                   facts(None, asking(PASSWORD), answers=answers(password="correct horse")), Ask, "answers_wanted"),
    ("password mode, well answered",              facts(None, asking(PASSWORD), answers=answers(password="correct-horse")), Provision, "provisioned"),
    ("user name mode, answered",                  facts(None, asking(USERNAME), answers=answers("bob", "correct-horse")), Provision, "provisioned"),
    ("… with a bad password",                     facts(None, asking(USERNAME), answers=answers("bob", "no")), Ask, "answers_wanted"),
    ("… with a name that is taken",               facts(None, asking(USERNAME), answers=answers("bob", "correct-horse"), target=TAKEN), Ask, "answers_wanted"),
    ("all consents given",                        facts(None, asking(CONSENT), answers=Answers(agreements=READ_NEWS), **NEWS), Provision, "provisioned"),
    ("mandatory consent declined",                facts(None, asking(CONSENT), answers=Answers(agreements=agreed(("news", "nickname"))), **NEWS), Refuse, "consent_declined"),
    ("… and a field is wrong",                    facts(None, asking(PASSWORD), answers=answers(password="no"), **NEWS), Ask, "answers_wanted"),
    ("… under words that have changed",           facts(None, asking(CONSENT), answers=Answers(agreements=agreed(("news", "email"), version=2)), **NEWS), Ask, "answers_wanted"),
    ("everything declined",                       facts(None, asking(USERNAME), answers=Answers(declined=True)), Refuse, "consent_declined"),
    ("… although somebody matches",               facts(VERIFIED, asking(CONSENT, linking=BY_EMAIL), candidates=(candidate(HERS),), answers=Answers(declined=True)), Refuse, "consent_declined"),
    ("silent mode asks for no consent",           facts(None, idp(ON), **NEWS),                      Provision, "provisioned"),
    ("otherwise",                                 facts(),                                           Provision, "provisioned"),
    # before the table
    ("provider disabled",                         facts(None, idp(enabled=False), linked=linked(user())), Refuse, "identity_provider_disabled"),
    ("the social identity is locked",             facts(identity_lock=locked()),                     Refuse, "identity_locked"),
    ("… although the account is not",             facts(linked=linked(user()), identity_lock=locked()), Refuse, "identity_locked"),
    ("… whatever else is wrong with the account", facts(linked=linked(user(state=UserState.DISABLED)), identity_lock=locked()), Refuse, "identity_locked"),
    ("… and the store cannot be asked",           facts(linked=linked(None, StoreState.UNREACHABLE), identity_lock=locked()), Refuse, "identity_locked"),
    ("… with provisioning off",                   facts(None, idp(OFF), identity_lock=locked()),     Refuse, "identity_locked"),
    ("… and claims break a limit",                facts(identity(email=["a", "b"]), identity_lock=locked()), Refuse, "identity_locked"),
    ("… and the account is proven",               facts(None, idp(LINKING), candidates=(), proof=proof(), identity_lock=locked()), Refuse, "identity_locked"),
    ("… and its provider is disabled",            facts(None, idp(enabled=False), identity_lock=locked()), Refuse, "identity_provider_disabled"),
    ("… until later",                             facts(identity_lock=locked(NOW + timedelta(seconds=1))), Refuse, "identity_locked"),
    ("… until now",                               facts(linked=linked(user()), identity_lock=locked(NOW)), SignInAs, "signed_in_unchanged"),
    ("… until now, and nobody is linked",         facts(identity_lock=locked(NOW)),                  Provision, "provisioned"),
    ("claims break a limit",                      facts(identity(email=["a", "b"]), linked=linked(user())), Refuse, "claim_not_single"),
    ("identity of another provider",              facts(replace(identity(), idp="idp-other")),       Refuse, "facts_disagree"),
    ("link of another subject",                   facts(identity("bob"), linked=linked(user())),     Refuse, "facts_disagree"),
    ("user of another link",                      facts(linked=replace(linked(user()), user=user("user-2"))), Refuse, "facts_disagree"),
    ("link of another candidate",                 facts(candidates=(candidate(links=(link("user-2"),)),)), Refuse, "facts_disagree"),
    ("rules of another store",                    facts(None, on(placement=FixedPlacement("ENG")), target=store(StoreState.READY)), Refuse, "facts_disagree"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "known", "then", "code"), TABLE, ids=[row[0] for row in TABLE])
def test_each_row_decides_as_the_table_says(row, known, then, code):
    """R-021, R-024, R-027, R-048: the first row that fits wins, and its reason stands last."""
    decision = decide(known)
    assert (then, code) == (type(decision), decision.reasons[-1].code)


def test_lock_on_an_identity_says_why_to_operators_alone():
    """R-035, R-123: the reason of the lock stands in the outcome; the person reads that the account is locked."""
    refused = decide(facts(linked=linked(user()), identity_lock=locked()))
    assert isinstance(refused, Refuse)
    assert [("identity_locked", {"reason": "too many tries"})] == [
        (one.code, one.about) for one in refused.reasons
    ]
    assert "too many tries" not in refused.sentence


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
    """A decision is one of seven, and nothing else."""
    assert {SignInAs, Provision, LinkTo, PassThrough, Ask, Refuse, Settle} == set(get_args(Decision))


def test_new_person_of_a_prompting_mode_is_drafted_with_what_they_chose():
    """A2, A4: the account has the chosen password, what was agreed to, and what was typed as the person's own word."""
    decision = decide(
        facts(
            identity("alice", name="Ana"), asking(PASSWORD), purposes=(purpose("news", "nickname", "name"),),
            required_attributes=("email",),
            answers=answers(
                password="correct-horse", attributes={"email": "ana@home.example"}, agreements=agreed(("news", "name"))
            ),
        )
    )  # fmt: skip
    assert isinstance(decision, Provision)
    assert {
        "name": values(ACME, "Ana"),
        "email": values(BY_THE_PERSON, "ana@home.example"),
        "email_verified": values(BY_THE_PERSON, "false"),
    } == decision.draft.attributes
    assert (decision.password, decision.withheld) == ("correct-horse", ("nickname",))
    assert [("news", 1, ("name",), ("nickname",))] == [
        (one.id, one.version, one.consented, one.declined) for one in decision.consented
    ]


@pytest.mark.parametrize(
    ("mode", "password"), [(PromptMode.SILENT, None), (CONSENT, None), (PASSWORD, "correct-horse")]
)
def test_only_the_modes_that_ask_for_a_password_take_one(mode, password):
    """R-019, R-028: without a mode that asks for it nobody gets a password, whatever was posted."""
    decision = decide(facts(None, asking(mode), answers=answers("bob", "correct-horse")))
    assert isinstance(decision, Provision)
    assert password == decision.password
    assert decision.draft.username.name == "alice"


def test_typed_name_is_placed_by_the_policy():
    """A3, A5: the store is the policy's, or the one that the typed name asks for."""
    typed = answers("WSO2TEST.COM/modifiedUserName", "correct-horse")
    fixed = decide(facts(None, asking(USERNAME), answers=typed))
    as_in = decide(facts(None, asking(USERNAME, placement=AsInUsername()), answers=typed))
    assert isinstance(fixed, Provision)
    assert isinstance(as_in, Provision)
    assert "modifiedUserName" == str(fixed.draft.username)
    assert "WSO2TEST.COM/modifiedUserName" == str(as_in.draft.username)


def test_declined_attribute_is_not_stored_and_neither_is_its_flag():
    """R-036: what was declined is not drafted, and the link remembers it."""
    decision = decide(
        facts(VERIFIED, asking(CONSENT), purposes=(purpose("news", "email"),), answers=Answers())
    )
    assert isinstance(decision, Provision)
    assert {} == decision.draft.attributes
    assert ("email", "email_verified") == decision.withheld


@pytest.mark.parametrize("declined", [Answers(declined=True), Answers()])
def test_person_who_declines_is_turned_back_by_their_own_wish(declined):
    """C15: an absent box and a plain no both end without an account, and the application is told so."""
    decision = decide(facts(None, asking(CONSENT), answers=declined, **NEWS))
    assert isinstance(decision, Refuse)
    assert ("consent_declined", True) == (decision.code, decision.by_the_person)
    taken = decide(facts(target=TAKEN))
    assert isinstance(taken, Refuse)
    assert not taken.by_the_person


def test_person_who_is_joined_by_lookup_is_refreshed_as_one_who_was_linked():
    """B9, A7: the link is made, and what the provider says of the person is taken over."""
    who = identity(email="a@acme.example", email_verified=True, given_name="Ana", groups=["eng"])
    table = replace(mapped_roles_table(("eng", "staff")), claims=MappingTable().claims)
    decision = decide(
        facts(who, idp(replace(ON, linking=BY_EMAIL), mappings=table), candidates=(candidate(HERS),))
    )
    assert isinstance(decision, LinkTo)
    assert (HERS, LinkedBy.LOOKUP, None) == (decision.user, decision.linked_by, decision.forget)
    assert UserChanges({"given_name": values(ACME, "Ana")}, grants(ACME, "staff")) == _without_mail(
        decision.changes
    )


def _without_mail(changes):
    return replace(
        changes, attributes={k: v for k, v in changes.attributes.items() if not k.startswith("email")}
    )


def test_person_who_has_proven_an_account_is_joined_to_it():
    """C23: who claims an account and proves it is joined to that account, in whatever store it is."""
    decision = decide(
        facts(None, asking(USERNAME, linking=LINKING.linking), candidates=(), proof=proof(user("user-7")),
              linked=linked(None))
    )  # fmt: skip
    assert isinstance(decision, LinkTo)
    assert ("user-7", LinkedBy.PROOF) == (decision.user.id, decision.linked_by)
    assert link("user-gone") == decision.forget


def test_link_carries_the_anchor_and_what_was_declined_on_other_links():
    """R-016, R-036: a new way in neither forgets a no nor comes without its anchor."""
    known = facts(
        identity(name="Ana", tid="t-1"), on(linking=LINKING.linking, anchor_claim="tid"), candidates=(),
        proof=proof(withheld=("email", "name", "nickname")),
    )  # fmt: skip
    decision = decide(known)
    assert isinstance(decision, LinkTo)
    assert ("t-1", ("email", "name", "nickname")) == (decision.anchor, decision.withheld)
    assert decision.changes.is_empty()


def test_link_into_a_store_that_cannot_be_written_changes_nothing_there():
    """The user of a read-only store is joined without a change."""
    proven = proof(store=StoreState.READ_ONLY)
    decision = decide(facts(identity(name="Ana"), idp(LINKING), candidates=(), proof=proven))
    assert isinstance(decision, LinkTo)
    assert decision.changes.is_empty()
    assert "link_store_not_writable" in {reason.code for reason in decision.reasons}


def test_known_person_is_asked_for_proof_and_never_for_a_sign_up():
    """C23: whoever a lookup finds sees no sign-up form, in any mode; who is not found sees one."""
    for mode in PromptMode:
        provider = asking(mode, linking=LINKING.linking)
        decision = decide(facts(None, provider, candidates=(candidate(),), others=(GLOBEX_PAGE,)))
        assert isinstance(decision, Ask)
        assert ProofForm("alice", matched=True, password=True) == decision.form
    unknown = decide(facts(None, asking(CONSENT, linking=LINKING.linking), candidates=()))
    assert isinstance(unknown, Ask)
    assert isinstance(unknown.form, PromptForm)


def test_provisioned_user_of_a_policy_with_an_anchor_has_it_remembered():
    """R-016: the link remembers the anchor of the first arrival."""
    decision = decide(facts(identity(tid="t-1"), on(anchor_claim="tid")))
    assert isinstance(decision, Provision)
    assert "t-1" == decision.anchor


def test_unasked_fields_are_noted_and_change_nothing():
    """C26, R-019: a crafted post is told to operators, by the names of the fields."""
    clean = decide(facts(None, asking(CONSENT), answers=Answers()))
    crafted = decide(facts(None, asking(CONSENT), answers=Answers(ignored=("email_verified", "roles"))))
    assert isinstance(clean, Provision)
    assert isinstance(crafted, Provision)
    assert clean.draft == crafted.draft
    notes = {reason.code: reason.about for reason in crafted.reasons}
    assert {"names": "email_verified, roles", "count": "2"} == notes["unasked_fields_ignored"]
    assert "unasked_fields_ignored" not in {reason.code for reason in clean.reasons}


def test_suffix_is_noted():
    """A name with a number is the one that was free, and the reasons say that it is not the wanted one."""
    decision = decide(
        facts(None, on(on_name_taken=OnNameTaken.SUFFIX), target=replace(TAKEN, free_name="alice2"))
    )
    assert isinstance(decision, Provision)
    assert "alice2" == decision.draft.username.name
    assert ["not_linked", "name_suffixed", "provisioned"] == [reason.code for reason in decision.reasons]


def test_mode_that_cannot_ask_for_another_name_says_so():
    """R-010: a collision changes nothing, and the reasons name the wish that could not be met."""
    decision = decide(facts(None, on(on_name_taken=OnNameTaken.ASK), target=TAKEN))
    assert ["not_linked", "asking_not_available", "name_taken"] == [
        reason.code for reason in decision.reasons
    ]


def test_declined_attribute_stays_declined_at_later_sign_ins():
    """R-036: a link that withholds an attribute never writes it; another link of another person does."""
    who = identity(nickname="nic", name="Ana")
    held = decide(facts(who, linked=linked(user(), withheld=("nickname",))))
    free = decide(facts(who, linked=linked(user())))
    assert isinstance(held, SignInAs)
    assert isinstance(free, SignInAs)
    assert {"name": values(ACME, "Ana")} == held.changes.attributes
    assert {"name", "nickname"} == set(free.changes.attributes)


def test_same_name_from_two_providers_never_merges():
    """C1: the second provider's namesake is refused, or asked for another name, and the first keeps the account."""
    first = user("user-2", origin="idp-globex")
    target = replace(TAKEN, name_owner=first)
    assert isinstance(decide(facts(target=target)), Refuse)
    assert isinstance(decide(facts(None, asking(USERNAME), target=target)), Ask)


def test_equal_name_leads_to_a_proof_where_the_server_says_so_and_to_nothing_else():
    """A7, A8: with the switch the namesake must be proven; without it the name is taken."""
    on_switch = replace(facts().server, equal_name_may_link=True)
    alice = user("user-2", has_password=True, name="alice")
    target = TargetStore(StoreState.READY, rules(), name_owner=alice)
    asked = decide(facts(target=target, server=on_switch))
    assert isinstance(asked, Ask)
    assert isinstance(asked.form, ProofForm)
    proven = decide(facts(identity(name="Ana"), target=target, server=on_switch, proof=proof(alice)))
    assert isinstance(proven, LinkTo)
    assert ("user-2", LinkedBy.PROOF, {"name": values(ACME, "Ana")}) == (
        proven.user.id, proven.linked_by, proven.changes.attributes,
    )  # fmt: skip
    off = decide(facts(target=target, proof=proof(alice)))
    assert isinstance(off, Refuse)
    assert "name_taken" == off.code


def test_provisioning_that_was_switched_off_leaves_linked_people_alone():
    """C22: linked people still sign in, and nothing of theirs is refreshed."""
    decision = decide(facts(identity(name="Ana"), idp(OFF), linked=linked(user())))
    assert isinstance(decision, SignInAs)
    assert decision.changes.is_empty()


def test_deleted_person_comes_back_as_a_new_one_in_every_mode():
    """A6: the stale link is forgotten, whatever the mode is now."""
    for mode, said in [
        (PromptMode.SILENT, None),
        (CONSENT, Answers()),
        (PASSWORD, answers(password="correct-horse")),
    ]:
        decision = decide(facts(None, asking(mode), answers=said, linked=linked(None)))
        assert isinstance(decision, Provision)
        assert link("user-gone") == decision.forget


def test_role_that_cannot_be_given_is_never_passed_over_in_silence():
    """B16: where WSO2 fails, we drop a role that does not exist, with a reason, and give those that do."""
    decision = decide(facts(identity(groups=["eng", "ops"]),
                            idp(mappings=mapped_roles_table(("eng", "staff"), ("ops", "nothing")))))  # fmt: skip
    assert isinstance(decision, Provision)
    assert grants(ACME, "staff") == decision.draft.roles
    assert {"role": "nothing"} == {r.code: r.about for r in decision.reasons}["role_unknown_dropped"]


def test_decision_with_a_password_does_not_show_it():
    """R-028: a decision that is written into a log tells no password."""
    decision = decide(facts(None, asking(PASSWORD), answers=answers(password="correct-horse")))
    assert "correct-horse" not in repr(decision)
    assert "correct-horse" not in repr(answers(password="correct-horse"))
