"""May this arrival join a user who exists: the lookups, and all conditions of R-006 one by one (jit.md 6)."""

from dataclasses import replace

import pytest
from tests.unit.provisioning.arrivals import (
    ACME,
    GLOBEX,
    OPERATOR,
    PERSON,
    answers,
    candidate,
    facts,
    grants,
    identity,
    idp,
    proof,
    rules,
    user,
    values,
)

from jitney.model.account_link import LinkedBy
from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.policy import AccountLookup, FixedPlacement, LinkRule, PromptMode, ProvisioningPolicy
from jitney.model.user import BY_THE_PERSON
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.facts import Answers, ServerRules, StoreState, TargetStore
from jitney.provisioning.linking import (
    Nobody,
    NotWanted,
    Proven,
    Unlinkable,
    Unproven,
    judge,
    lookups_of,
)

EMAIL, EMPLOYEE = AccountLookup("email", "email"), AccountLookup("emp", "employee_number")
RULE = LinkRule(enabled=True, lookups=(EMAIL,), trusted_email_domains=("acme.example",))
ANY = LinkRule(enabled=True)
OFF = LinkRule()
NAMES_MAY = ServerRules(equal_name_may_link=True)
USERNAME = PromptMode.USERNAME_PASSWORD_AND_CONSENT


def row(federated, local="email"):
    return AccountLookup(federated, local)


TABLE = MappingTable(
    (ClaimMapping("mail", "email"), ClaimMapping("dept", "departments", "none")), user_id_claim="nick"
)

LOOKUPS = [
    # the rule's lookups                         | claims                               | looked for, in order
    ((),                                           {"mail": "a@x.example"},               []),
    ((row("mail"),),                               {"mail": "a@x.example"},               [("mail", "a@x.example")]),
    ((row("email"),),                              {"mail": "a@x.example"},               [("email", "a@x.example")]),
    ((row("mail"), row("emp", "number")),          {"mail": "a@x.example", "emp": 7},     [("mail", "a@x.example"), ("emp", "7")]),
    ((row("emp", "number"), row("mail")),          {"mail": "a@x.example"},               [("mail", "a@x.example")]),
    ((row("a.b", "number"),),                      {"a": {"b": "7"}},                     [("a.b", "7")]),
    ((row(" mail ", "email"),),                    {"mail": "a@x.example"},               [(" mail ", "a@x.example")]),
    ((row(""), row("mail", " ")),                  {"mail": "a@x.example"},               []),
    ((row("mail"),),                               {},                                    []),
    ((row("mail"),),                               {"mail": ""},                          []),
    ((row("mail"),),                               {"mail": None},                        []),
    ((row("mail"),),                               {"mail": "  "},                        []),
    ((row("groups"),),                             {"groups": ["a", "b"]},                []),
    ((row("groups"),),                             {"groups": ["a"]},                     [("groups", "a")]),
    ((row("groups"),),                             {"groups": {"a": "b"}},                []),
    ((row("emp"),),                                {"emp": "x" * 5000},                   []),
    ((row("departments"),),                        {"mail": "a@x.example"},               []),
    ((row("departments"),),                        {"dept": ["a", "b"]},                  []),
    ((row("departments"),),                        {"dept": "a"},                         [("departments", "a")]),
    ((row("mail"), row("emp"), row("nick")),       {"nick": "a", "mail": "a@x.example"},  [("mail", "a@x.example")]),
]  # fmt: skip


@pytest.mark.parametrize(("lookups", "claims", "looked_for"), LOOKUPS)
def test_each_lookup_looks_for_one_value_or_for_nobody(lookups, claims, looked_for):
    """B7: a blank entry, no claim, and a claim without exactly one value look for nobody; two lookups at most."""
    who = identity(**claims)
    mapped = map_claims(who, TABLE)
    assert isinstance(mapped, Mapped)
    rule = LinkRule(enabled=True, lookups=lookups)
    assert looked_for == [(lookup.federated, value) for lookup, value in lookups_of(rule, mapped, who)]


def hers(*, email="ana@acme.example", verified="true", by=OPERATOR, **more):
    """A user here with this address, verified by this giver."""
    attributes = {"email": values(by, *([email] if isinstance(email, str) else email))}
    return user(
        "user-2",
        attributes=attributes | ({"email_verified": values(by, verified)} if verified else {}),
        **more,
    )


def arriving(who, candidates, *, rule=RULE, table=None, **more):
    provider = idp(ProvisioningPolicy(enabled=True, linking=rule), mappings=table or MappingTable())
    known = facts(who, provider, candidates=candidates, **more)
    assert isinstance(known.mapped, Mapped)
    return judge(known, known.mapped)


ANA = identity(email="ana@acme.example", email_verified=True)
BOTH = MappingTable((ClaimMapping("email", "email"), ClaimMapping("email_verified", "email_verified"),
                     ClaimMapping("upn", "upn")))  # fmt: skip

VOUCHED = [
    # what differs                              | the arrival | the user here | the rule | vouchers | joined
    ("nothing",                                   ANA, hers(), RULE, (), True),
    ("the letters' case",                         ANA, hers(email="Ana@ACME.example"), RULE, (), True),
    ("every domain is trusted",                   ANA, hers(), replace(RULE, trusted_email_domains=("*",)), (), True),
    ("verified by this very provider",            ANA, hers(by=ACME), RULE, (), True),
    ("verified by a provider with a say",         ANA, hers(by=GLOBEX), RULE, ("idp-globex",), True),
    ("verified by a provider without a say",      ANA, hers(by=GLOBEX), RULE, (), False),
    ("verified by the person",                    ANA, hers(by=PERSON), RULE, (), False),
    ("typed by the person",                       ANA, hers(by=BY_THE_PERSON), RULE, ("self",), False),
    ("not verified here",                         ANA, hers(verified="false"), RULE, (), False),
    ("no flag here",                              ANA, hers(verified=None), RULE, (), False),
    ("two addresses here",                        ANA, hers(email=("ana@acme.example", "b@acme.example")), RULE, (), False),
    ("another address here",                      ANA, hers(email="bea@acme.example"), RULE, (), False),
    ("look-alike letters",                        ANA, hers(email="аna@acme.example"), RULE, (), False),
    ("the domain is not trusted",                 ANA, hers(), replace(RULE, trusted_email_domains=("other.example",)), (), False),
    ("no domain is trusted",                      ANA, hers(), replace(RULE, trusted_email_domains=()), (), False),
    ("not verified there",                        identity(email="ana@acme.example", email_verified=False), hers(), RULE, (), False),
    ("no flag there",                             identity(email="ana@acme.example"), hers(), RULE, (), False),
    ("the flag is a text",                        identity(email="ana@acme.example", email_verified="true"), hers(), RULE, (), False),
    ("nothing there is signed",                   identity(email="ana@acme.example", email_verified=True, signed=frozenset()), hers(), RULE, (), False),
    ("the address there is not signed",           identity(email="ana@acme.example", email_verified=True, signed=frozenset({"email_verified"})), hers(), RULE, (), False),
    ("the lookup takes another claim",            identity(email="mal@acme.example", email_verified=True, upn="ana@acme.example"), hers(), replace(RULE, lookups=(row("upn"),)), (), False),
    ("the lookup goes to another attribute",      ANA, user("user-2", attributes={"mail": values(OPERATOR, "ana@acme.example")}), replace(RULE, lookups=(row("email", "mail"),)), (), False),
    ("an earlier lookup found the user",          identity(email="ana@acme.example", email_verified=True, upn="7"), replace(hers(), attributes={**hers().attributes, "number": values(OPERATOR, "7")}), replace(RULE, lookups=(row("upn", "number"), EMAIL)), (), False),
    ("an earlier lookup found nobody",            identity(email="ana@acme.example", email_verified=True, upn="7"), hers(), replace(RULE, lookups=(row("upn", "number"), EMAIL)), (), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("differs", "who", "here", "rule", "vouchers", "joined"), VOUCHED, ids=[r[0] for r in VOUCHED]
)
def test_lookup_is_proof_only_under_all_conditions(differs, who, here, rule, vouchers, joined):
    """R-006, B9, C17: one condition less, and the person must prove the account."""
    found = candidate(here)
    expected = Proven(found, LinkedBy.LOOKUP) if joined else Unproven(found)
    assert expected == arriving(who, (found,), rule=rule, table=BOTH, vouchers=frozenset(vouchers))


FOUND = candidate()
ADMIN = user("user-9", has_password=True, roles=grants(OPERATOR, "Operator"))
GROUPED = user("user-9", has_password=True, groups=grants(OPERATOR, "operator"))

JUDGEMENTS = [
    # what is known                             | rule | candidates                        | more                        | judged
    ("linking off",                               OFF,   (FOUND,),                            {},                           NotWanted()),
    ("linking off, with a proof",                 OFF,   None,                                {"proof": proof()},           NotWanted()),
    ("nobody has looked",                         ANY,   None,                                {},                           Unlinkable("matches_not_looked_up")),
    ("nobody has looked, with a proof",           ANY,   None,                                {"proof": proof()},           Unlinkable("matches_not_looked_up")),
    ("nobody",                                    ANY,   (),                                  {},                           Nobody()),
    ("one",                                       ANY,   (FOUND,),                            {},                           Unproven(FOUND)),
    ("one, twice",                                ANY,   (FOUND, FOUND),                      {},                           Unproven(FOUND)),
    ("two",                                       ANY,   (FOUND, candidate(user("user-2"))),  {},                           Unlinkable("link_ambiguous")),
    ("two, and one of them proven",               ANY,   (FOUND, candidate(user("user-2"))),  {"proof": proof()},           Unlinkable("link_ambiguous")),
    ("one, who is proven",                        ANY,   (FOUND,),                            {"proof": proof()},           Proven(proof(), LinkedBy.PROOF)),
    ("nobody, and an account is proven",          ANY,   (),                                  {"proof": proof()},           Proven(proof(), LinkedBy.PROOF)),
    ("one, and another is proven",                ANY,   (FOUND,),                            {"proof": proof(user("user-2"))}, Unlinkable("link_proof_of_other_account")),
    ("an operator",                               ANY,   (candidate(ADMIN),),                 {},                           Unlinkable("link_to_privileged")),
    ("an operator by a group",                    ANY,   (candidate(GROUPED),),               {},                           Unlinkable("link_to_privileged")),
    ("an operator, proven",                       ANY,   (),                                  {"proof": proof(ADMIN)},      Unlinkable("link_to_privileged")),
    ("an operator found, proven",                 ANY,   (candidate(ADMIN),),                 {"proof": proof(ADMIN)},      Unlinkable("link_to_privileged")),
    ("found in an unheard-of way",                ANY,   (candidate(found_by="guess"),),      {},                           Nobody()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "rule", "candidates", "more", "judged"), JUDGEMENTS, ids=[r[0] for r in JUDGEMENTS]
)
def test_what_was_found_and_proven_is_judged_as_the_table_says(known, rule, candidates, more, judged):
    """R-005, R-007, B8: proof comes before trust, and doubt before both."""
    assert judged == arriving(None, candidates, rule=rule, **more)


def test_user_with_a_privileged_role_of_the_server_is_not_joined():
    """R-038: which roles administer is the server's setting, in any case."""
    admin = candidate(user("user-9", roles=grants(OPERATOR, "Root")))
    server = ServerRules(privileged_roles=frozenset({"ROOT"}))
    assert Unlinkable("link_to_privileged") == arriving(None, (admin,), rule=ANY, server=server)
    assert Unproven(admin) == arriving(None, (admin,), rule=ANY)


NAMESAKE = user("user-2", name="alice", has_password=True)
OWNED = TargetStore(StoreState.READY, rules(), name_owner=NAMESAKE)
BY_NAME = candidate(NAMESAKE, "equal_name")


def by_name(mode=PromptMode.SILENT, rule=OFF, **more):
    """Judge an arrival whose wanted name belongs to somebody, on a server where that may count."""
    provider = idp(
        ProvisioningPolicy(enabled=True, linking=rule, prompt_mode=mode, placement=FixedPlacement())
    )
    known = facts(None, provider, **{"target": OWNED, "server": NAMES_MAY, **more})
    assert isinstance(known.mapped, Mapped)
    return judge(known, known.mapped)


NAMES = [
    # what is known                             | arguments                                                        | judged
    ("the switch is off",                         {"server": ServerRules()},                                         NotWanted()),
    ("nobody has the name",                       {"target": TargetStore(StoreState.READY, rules())},                NotWanted()),
    ("somebody has the name",                     {},                                                                Unproven(BY_NAME)),
    ("… and was looked up with links",            {"candidates": (candidate(NAMESAKE, "equal_name", through="idp-globex"),)}, Unproven(candidate(NAMESAKE, "equal_name", through="idp-globex"))),
    ("… and is proven",                           {"proof": proof(NAMESAKE)},                                        Proven(proof(NAMESAKE), LinkedBy.PROOF)),
    ("… and another is proven",                   {"proof": proof(user("user-3"))},                                  Unlinkable("link_proof_of_other_account")),
    ("… in the consent mode",                     {"mode": PromptMode.CONSENT},                                      Unproven(BY_NAME)),
    ("… a lookup found another",                  {"rule": ANY, "candidates": (FOUND,)},                             Unproven(FOUND)),
    ("… a lookup found nobody",                   {"rule": ANY, "candidates": ()},                                   Unproven(BY_NAME)),
    ("people choose their name",                  {"mode": USERNAME},                                                NotWanted()),
    ("… and claim the account",                   {"mode": USERNAME, "answers": Answers(wants_link=True)},           Unproven(BY_NAME)),
    ("… and have proven it",                      {"mode": USERNAME, "proof": proof(NAMESAKE)},                      Proven(proof(NAMESAKE), LinkedBy.PROOF)),
    ("… and typed the name",                      {"mode": USERNAME, "answers": answers("alice", "correct-horse")},  NotWanted()),
    ("… and typed the name, with a proof",        {"mode": USERNAME, "answers": answers("alice"), "proof": proof(NAMESAKE)}, NotWanted()),
    ("… and may prove any account of theirs",     {"mode": USERNAME, "rule": ANY, "candidates": (), "proof": proof(user("user-3"))}, Proven(proof(user("user-3")), LinkedBy.PROOF)),
]  # fmt: skip


@pytest.mark.parametrize(("known", "more", "judged"), NAMES, ids=[r[0] for r in NAMES])
def test_equal_name_makes_somebody_to_prove_and_a_typed_one_nobody(known, more, judged):
    """A7, A8, R-005: the holder of a name is never joined unproven, and never by a name that was typed."""
    assert judged == by_name(**more)


def test_address_that_is_verified_never_joins_by_name():
    """R-006: what a lookup may do, an equal name may not, whatever else fits."""
    here = replace(NAMESAKE, attributes=hers().attributes)
    target = replace(OWNED, name_owner=here)
    provider = idp(ProvisioningPolicy(enabled=True, linking=replace(RULE, lookups=())))
    known = facts(ANA, provider, target=target, server=NAMES_MAY, candidates=(candidate(here, "equal_name"),))
    assert isinstance(known.mapped, Mapped)
    assert Unproven(candidate(here, "equal_name")) == judge(known, known.mapped)
