"""What is owed beside the first factor: every demand, and every way out of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import ACME, OPERATOR, grants, idp, user, values

from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import REFEDS_MFA, FactorKind
from jitney.model.sign_in_policy import (
    LOCAL,
    AttributeCondition,
    Effect,
    PolicyRule,
    SecondFactorRule,
    SignInPolicy,
)
from jitney.model.user import UserDraft
from jitney.provisioning.second_factor import (
    Circumstances,
    FactorRules,
    NotOwed,
    Owed,
    Unmet,
    demand,
)
from jitney.provisioning.sentences import SENTENCES

TOTP, EMAIL, PASSKEY = FactorKind.TOTP, FactorKind.EMAIL, FactorKind.PASSKEY
KINDS = (TOTP, EMAIL, PASSKEY)
ALL = frozenset(KINDS)
PLAIN, NOBODY_IN_PARTICULAR = SecondFactorRule(), user()
ALLOW, FACTOR, REFUSE = Effect.ALLOW, Effect.FACTOR, Effect.REFUSE
ON = EnhancedFeature(second_factors=True)
OFF = EnhancedFeature(second_factors=False)
ENROLLED = user(has_second_factor=True)
ENGINEER = user(
    roles=grants(ACME, "staff"), attributes={"department": values(ACME, "rnd", "ops"), "blank": ()}
)
DRAFT = UserDraft(user().username, {"department": values(ACME, "rnd")}, grants(ACME, "staff"), "idp-acme")
INSIDE, OUTSIDE = "10.1.2.3", "192.0.2.7"


def rule(effect, **conditions):
    return PolicyRule(effect, **conditions)


def acme(second_factor=PLAIN, enhanced=ON):
    return idp(second_factor=second_factor, enhanced=enhanced)


def arrived(*rules, who=NOBODY_IN_PARTICULAR, **more):
    """The circumstances of somebody who comes to an application with these rules."""
    return Circumstances(who, policy=SignInPolicy(rules), **more)


def codes(answer):
    """What the answer is, and the codes of its reasons."""
    if isinstance(answer, Unmet):
        return Unmet, [answer.reason.code]
    return type(answer), [reason.code for reason in answer.reasons]


STEP = rule(FACTOR)
BY_APP, BY_IDP = "second_factor_by_application", "second_factor_by_provider"
BY_ROLE, ASKED = "second_factor_by_role", "second_factor_asked_for"
HAS, TRUSTED, PROVEN = "second_factor_enrolled", "second_factor_trusted", "second_factor_proven"
REFUSED, NO_ACCOUNT = "refused_by_sign_in_policy", "second_factor_needs_account"
CLASH, UNAVAILABLE = "factors_contradict", "second_factor_unavailable"
REQUIRED = SecondFactorRule(required=True)
TRUSTING = SecondFactorRule(required=True, trusted_acr=("urn:strong",), trusted_amr=("mfa", "hwk"))
STAFF_OWE = FactorRules(frozenset({"Staff"}))

TABLE = [
    # who, through what, and what is demanded                             | what follows
    (arrived(),                                                             NotOwed, []),
    (arrived(who=None, idp=acme()),                                         NotOwed, []),
    (arrived(STEP),                                                         Owed, [BY_APP]),
    (arrived(idp=acme(REQUIRED)),                                           Owed, [BY_IDP]),
    (arrived(who=ENGINEER, rules=STAFF_OWE),                                Owed, [BY_ROLE]),
    (arrived(who=DRAFT, rules=STAFF_OWE),                                   Owed, [BY_ROLE]),
    (arrived(who=user(groups=grants(ACME, "STAFF")), rules=STAFF_OWE),      Owed, [BY_ROLE]),
    (arrived(rules=FactorRules(frozenset({"everyone"}))),                   Owed, [BY_ROLE]),
    (arrived(rules=STAFF_OWE),                                              NotOwed, []),
    (arrived(wants_mfa=True),                                               Owed, [ASKED]),
    (arrived(who=ENROLLED),                                                 Owed, [HAS]),
    (arrived(STEP, who=replace(ENROLLED, roles=ENGINEER.roles), idp=acme(REQUIRED), rules=STAFF_OWE, wants_mfa=True),
                                                                            Owed, [BY_APP, BY_IDP, BY_ROLE, ASKED, HAS]),
    # what a rule allows is only what the application demands
    (arrived(rule(ALLOW), who=ENROLLED),                                    Owed, [HAS]),
    (arrived(rule(ALLOW), idp=acme(REQUIRED)),                              Owed, [BY_IDP]),
    (arrived(rule(ALLOW), wants_mfa=True),                                  Owed, [ASKED]),
    # the first rule that fits decides
    (arrived(rule(ALLOW), STEP),                                            NotOwed, []),
    (arrived(STEP, rule(ALLOW)),                                            Owed, [BY_APP]),
    (arrived(rule(REFUSE), rule(ALLOW)),                                    Unmet, [REFUSED]),
    (arrived(rule(ALLOW, roles=("admin",)), STEP),                          Owed, [BY_APP]),
    # a refusal goes before all
    (arrived(rule(REFUSE), idp=acme(TRUSTING), amr=("mfa",)),               Unmet, [REFUSED]),
    (arrived(rule(REFUSE), proven=TOTP),                                    Unmet, [REFUSED]),
    (arrived(rule(REFUSE), who=None, idp=acme()),                           Unmet, [REFUSED]),
    # trust in what this provider's token says, in the provider's own words
    (arrived(STEP, who=ENROLLED, idp=acme(TRUSTING), amr=("pwd", "mfa")),   NotOwed, [TRUSTED]),
    (arrived(STEP, idp=acme(TRUSTING), acr="urn:strong", wants_mfa=True),   NotOwed, [TRUSTED]),
    (arrived(STEP, who=None, idp=acme(TRUSTING), acr="urn:strong"),         NotOwed, [TRUSTED]),
    (arrived(idp=acme(TRUSTING), amr=("pwd",), acr="mfa"),                  Owed, [BY_IDP]),
    (arrived(idp=acme(TRUSTING), amr=("urn:strong",), acr="urn:STRONG"),    Owed, [BY_IDP]),
    (arrived(idp=acme(REQUIRED), amr=("mfa",), acr=REFEDS_MFA),             Owed, [BY_IDP]),
    (arrived(idp=acme(REQUIRED), acr=None),                                 Owed, [BY_IDP]),
    (arrived(STEP, amr=("mfa",), acr="urn:strong"),                         Owed, [BY_APP]),
    (arrived(rule(FACTOR, factors=(PASSKEY,)), idp=acme(TRUSTING), amr=("otp", "mfa"), acr=REFEDS_MFA, proven=EMAIL),
                                                                            Owed, [BY_APP, BY_IDP]),
    # a factor of ours that was proven
    (arrived(STEP, who=ENROLLED, proven=TOTP),                              NotOwed, [BY_APP, HAS, PROVEN]),
    (arrived(rule(FACTOR, factors=(PASSKEY,)), who=ENROLLED, proven=TOTP),  Owed, [BY_APP, HAS]),
    (arrived(rule(FACTOR, factors=(PASSKEY,)), who=ENROLLED, proven=FactorKind.RECOVERY), NotOwed, [BY_APP, HAS, PROVEN]),
    (arrived(who=None, idp=acme(REQUIRED), proven=FactorKind.RECOVERY),     Unmet, [NO_ACCOUNT]),
    # nobody without an account has a factor
    (arrived(STEP, who=None, idp=acme()),                                   Unmet, [NO_ACCOUNT]),
    (arrived(who=None, idp=acme(REQUIRED)),                                 Unmet, [NO_ACCOUNT]),
    (arrived(who=None, idp=acme(), wants_mfa=True),                         Unmet, [NO_ACCOUNT]),
    (arrived(STEP, who=None, idp=acme(), proven=TOTP),                      Unmet, [NO_ACCOUNT]),
    # demands that cannot be met together
    (arrived(rule(FACTOR, factors=(PASSKEY,)), idp=acme(SecondFactorRule(required=True, kinds=(TOTP, EMAIL)))),
                                                                            Unmet, [CLASH]),
    (arrived(rule(FACTOR, factors=(PASSKEY,)), idp=acme(SecondFactorRule(required=True, kinds=(TOTP,))), proven=TOTP),
                                                                            Unmet, [CLASH]),
    # people whose provider's people may have none
    (arrived(STEP, idp=acme(enhanced=OFF)),                                 Unmet, [UNAVAILABLE]),
    (arrived(STEP, idp=acme(enhanced=EnhancedFeature())),                   Unmet, [UNAVAILABLE]),
    (arrived(STEP, idp=acme(enhanced=OFF), rules=FactorRules(enhanced=True)), Unmet, [UNAVAILABLE]),
    (arrived(STEP, idp=acme(enhanced=EnhancedFeature()), rules=FactorRules(enhanced=True)), Owed, [BY_APP]),
    (arrived(STEP, who=ENROLLED, idp=acme(enhanced=OFF)),                   Owed, [BY_APP, HAS]),
    (arrived(STEP, who=DRAFT, idp=acme(enhanced=OFF)),                      Unmet, [UNAVAILABLE]),
]  # fmt: skip


@pytest.mark.parametrize(("circumstances", "then", "why"), TABLE)
def test_demand_follows_the_table(circumstances, then, why):
    """R-100: federated people get their local second factor unless their provider is trusted for what it says."""
    assert (then, why) == codes(demand(circumstances))


@pytest.mark.parametrize("code", [REFUSED, NO_ACCOUNT, CLASH, UNAVAILABLE])
def test_who_cannot_meet_a_demand_reads_why(code):
    """Each demand that cannot be met has its sentence, and stands in the table above."""
    (sentence, *_) = {demand(c).sentence for c, then, why in TABLE if (then, why) == (Unmet, [code])}
    assert SENTENCES[code] == sentence


def test_linking_another_provider_bypasses_no_factor_of_ours():
    """R-100: "linking another IdP never bypasses it": trust in one provider says nothing about another."""
    strong, weak = acme(TRUSTING), replace(acme(), id="idp-weak", name="weak")
    assert (NotOwed, [TRUSTED]) == codes(demand(Circumstances(ENROLLED, strong, ("mfa",))))
    for way in (weak, replace(weak, enhanced=OFF), None):
        assert (Owed, [HAS]) == codes(demand(Circumstances(ENROLLED, way, ("mfa",), "urn:strong")))


@pytest.mark.parametrize(
    ("wanted", "of_provider", "kinds"),
    [
        ((), (), ALL),
        ((TOTP, EMAIL), (), {TOTP, EMAIL}),
        ((), (PASSKEY,), {PASSKEY}),
        ((TOTP, PASSKEY), (PASSKEY, EMAIL), {PASSKEY}),
    ],
)
def test_kinds_are_those_that_meet_every_demand(wanted, of_provider, kinds):
    """Where several demand a factor, only the kinds that each of them takes are offered."""
    provider = acme(SecondFactorRule(required=True, kinds=of_provider))
    answer = demand(arrived(rule(FACTOR, factors=wanted), who=ENROLLED, idp=provider))
    assert isinstance(answer, Owed)
    assert kinds == answer.kinds


def test_kinds_of_a_provider_that_requires_nothing_narrow_nothing():
    """What a provider would take matters only while it requires a factor."""
    idle = SecondFactorRule(required=False, kinds=(TOTP,))
    assert (Unmet, [CLASH]) == codes(
        demand(arrived(rule(FACTOR, factors=(PASSKEY,)), idp=acme(replace(idle, required=True))))
    )
    answer = demand(arrived(rule(FACTOR, factors=(PASSKEY,)), idp=acme(idle)))
    assert isinstance(answer, Owed)
    assert {PASSKEY} == answer.kinds


@pytest.mark.parametrize(
    ("provider", "server", "may"),
    [
        (None, False, True),
        (acme(enhanced=ON), False, True),
        (acme(enhanced=OFF), True, False),
        (acme(enhanced=EnhancedFeature()), True, True),
        (acme(enhanced=EnhancedFeature()), False, False),
    ],
)
def test_who_may_enrol(provider, server, may):
    """jit.md 10, 2: local people always, federated ones where the part of the enhanced feature is on."""
    answer = demand(Circumstances(ENROLLED, provider, rules=FactorRules(enhanced=server)))
    assert isinstance(answer, Owed)
    assert may is answer.may_enrol


ENG = AttributeCondition("department", ("rnd", "lab"))
CONDITIONS = [
    # condition                                                  | circumstances                              | fits
    ({"identity_providers": ("acme",)},                            {"idp": acme()},                             True),
    ({"identity_providers": ("globex", "acme")},                   {"idp": acme()},                             True),
    ({"identity_providers": ("ACME", "globex")},                   {"idp": acme()},                             False),
    ({"identity_providers": ("removed:acme",)},                    {"idp": acme()},                             False),
    ({"identity_providers": (LOCAL,)},                             {"idp": acme()},                             False),
    ({"identity_providers": (LOCAL,)},                             {},                                          True),
    ({"identity_providers": ("acme",)},                            {},                                          False),
    ({"roles": ("staff", "x")},                                    {"who": ENGINEER},                           True),
    ({"roles": ("staff",)},                                        {"who": DRAFT, "idp": acme()},               True),
    ({"roles": ("Staff",)},                                        {"who": ENGINEER},                           False),
    ({"roles": ("staff",)},                                        {"who": user(groups=grants(ACME, "staff"))}, False),
    ({"roles": ("PRIMARY/staff",)},                                {"who": user(groups=grants(ACME, "staff"))}, True),
    ({"roles": ("ENG/staff",)},                                    {"who": user(groups=grants(ACME, "staff"))}, False),
    ({"roles": ("everyone",)},                                     {},                                          True),
    ({"roles": ("everyone",)},                                     {"who": None, "idp": acme()},                False),
    ({"attributes": (ENG,)},                                       {"who": ENGINEER},                           True),
    ({"attributes": (ENG,)},                                       {"who": DRAFT},                              True),
    ({"attributes": (ENG,)},                                       {},                                          False),
    ({"attributes": (AttributeCondition("department", ("RND",)),)}, {"who": ENGINEER},                          False),
    ({"attributes": (AttributeCondition("department"),)},          {"who": ENGINEER},                           True),
    ({"attributes": (AttributeCondition("blank"),)},               {"who": ENGINEER},                           False),
    ({"attributes": (ENG, AttributeCondition("blank"))},           {"who": ENGINEER},                           False),
    ({"attributes": (ENG,)},                {"who": None, "idp": acme(), "passing": {"department": ("lab",)}},  True),
    ({"attributes": (ENG,)},                {"who": None, "idp": acme(), "passing": {}},                        False),
    ({"networks": ("10.0.0.0/8",)},                                {"network": INSIDE},                         True),
    ({"networks": ("10.0.0.0/8",)},                                {"network": OUTSIDE},                        False),
    ({"networks": ("10.0.0.0/8",)},                                {"network": "::ffff:10.1.2.3"},              True),
    ({"networks": ("2001:db8::/32", "10.1.2.3")},                  {"network": INSIDE},                         True),
    ({"networks": ("2001:db8::/32",)},                             {"network": "2001:DB8::1"},                  True),
    ({"networks": ("2001:db8::/32",)},                             {"network": INSIDE},                         False),
    ({"networks": ("::/0",)},                                      {"network": "::ffff:10.1.2.3"},              False),
    ({"outside_networks": ("10.0.0.0/8",)},                        {"network": INSIDE},                         False),
    ({"outside_networks": ("10.0.0.0/8",)},                        {"network": OUTSIDE},                        True),
    ({"outside_networks": ("10.0.0.0/8",)},                        {"network": "::ffff:a01:203"},               False),
    ({"networks": ("10.0.0.0/8",), "outside_networks": ("10.1.0.0/16",)}, {"network": INSIDE},                  False),
    ({"networks": ("10.0.0.0/8",), "outside_networks": ("10.2.0.0/16",)}, {"network": INSIDE},                  True),
    ({"roles": ("staff",), "networks": ("10.0.0.0/8",)},           {"who": ENGINEER, "network": OUTSIDE},       False),
    ({"roles": ("staff",), "networks": ("10.0.0.0/8",)},           {"network": INSIDE},                         False),
]  # fmt: skip


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(("conditions", "given_", "fits"), CONDITIONS)
def test_rule_fits_where_every_condition_holds(effect, conditions, given_, fits):
    """Issue 6: providers, roles, attributes and networks are conditions; what fits decides, what follows does not."""
    last = REFUSE if effect is ALLOW else ALLOW
    found = demand(arrived(rule(effect, **conditions), rule(last), **given_))
    alone = demand(arrived(rule(effect if fits else last), **given_))
    assert codes(alone) == codes(found)


UNKNOWN = [
    # condition                                                          | circumstances
    ({"networks": ("10.0.0.0/8",)},                                        {"network": None}),
    ({"networks": ("10.0.0.0/8",)},                                        {"network": ""}),
    ({"networks": ("10.0.0.0/8",)},                                        {"network": "unknown"}),
    ({"networks": ("10.0.0.0/8",)},                                        {"network": "10.1.2.3, 192.0.2.7"}),
    ({"networks": ("10.0.0.0/8",)},                                        {"network": "010.1.2.3"}),
    ({"outside_networks": ("10.0.0.0/8",)},                                {"network": None}),
    ({"outside_networks": ("10.0.0.0/8",)},                                {"network": "10.1.2.3:443"}),
    ({"networks": ("10.0.0.1/8",)},                                        {"network": OUTSIDE}),
    ({"networks": ("::ffff:192.0.2.0/120",)},                              {"network": OUTSIDE}),
    ({"outside_networks": ("the office",)},                                {"network": OUTSIDE}),
    ({"attributes": (ENG,)},                                               {"who": None, "idp": acme()}),
    ({"attributes": (AttributeCondition("department"),)},                  {"who": None, "idp": acme()}),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "given_"), UNKNOWN)
def test_what_is_unknown_never_opens_a_way(conditions, given_):
    """R-024: an unparsable address denies: it holds for what narrows the way in, and does not for what widens it."""
    assert (Unmet, [REFUSED]) == codes(demand(arrived(rule(REFUSE, **conditions), rule(ALLOW), **given_)))
    assert (Unmet, [REFUSED]) == codes(demand(arrived(rule(ALLOW, **conditions), rule(REFUSE), **given_)))
    step, plain = rule(FACTOR, **conditions), rule(FACTOR)
    assert codes(demand(arrived(plain, **given_))) == codes(demand(arrived(step, rule(ALLOW), **given_)))


def test_known_part_outweighs_an_unknown_one():
    """R-024: one network that is spelt wrongly hides no other that the browser is in."""
    torn = ("10.0.0.1/8", "192.0.2.0/24")
    assert NotOwed() == demand(arrived(rule(ALLOW, networks=torn), rule(REFUSE), network=OUTSIDE))
    assert NotOwed() == demand(arrived(rule(REFUSE, outside_networks=torn), rule(ALLOW), network=OUTSIDE))
    assert NotOwed() == demand(arrived(rule(REFUSE, roles=("staff",), networks=torn), network=None))


def test_reasons_say_which_rule_and_which_role():
    """An operator finds the very rule: its number counts from 1, as the policy is printed."""
    answer = demand(
        arrived(rule(ALLOW, roles=("x",)), STEP, who=ENGINEER, idp=acme(REQUIRED), rules=STAFF_OWE)
    )
    assert isinstance(answer, Owed)
    assert [{"rule": "2"}, {"identity provider": "acme"}, {"role": "Staff"}] == [
        dict(reason.about) for reason in answer.reasons
    ]
    refused = demand(arrived(rule(ALLOW, roles=("x",)), rule(REFUSE)))
    assert isinstance(refused, Unmet)
    assert {"rule": "2"} == dict(refused.reason.about)


kinds = st.lists(st.sampled_from(KINDS), max_size=3, unique=True).map(tuple)
names = st.lists(st.sampled_from(["acme", "globex", LOCAL]), max_size=2).map(tuple)
networks = st.lists(st.sampled_from(["10.0.0.0/8", "192.0.2.0/24", "::/0", "no network"]), max_size=2).map(
    tuple
)
conditions = st.lists(
    st.builds(
        AttributeCondition, st.sampled_from(["department", "blank"]), st.sampled_from([(), ("rnd",), ("x",)])
    ),
    max_size=2,
).map(tuple)
roles = st.lists(st.sampled_from(["staff", "admin", "everyone"]), max_size=2).map(tuple)
policies = st.lists(
    st.builds(PolicyRule, st.sampled_from(Effect), names, roles, conditions, networks, networks, kinds), max_size=3
).map(tuple).map(SignInPolicy)  # fmt: skip
words = st.lists(st.sampled_from(["mfa", "hwk", "pwd"]), max_size=2).map(tuple)
factor_rules = st.builds(SecondFactorRule, st.booleans(), kinds, words, words)
providers = st.none() | st.builds(acme, factor_rules, st.sampled_from([ON, OFF, EnhancedFeature()]))
people = st.sampled_from([None, user(), ENGINEER, ENROLLED, DRAFT])
everything = st.builds(
    Circumstances, people, providers, words, st.sampled_from([None, "mfa", "urn:x"]),
    st.none() | st.sampled_from(FactorKind), st.sampled_from([None, "torn", INSIDE, OUTSIDE]), policies, st.booleans(),
    st.builds(FactorRules, roles.map(frozenset), st.booleans()),
    st.sampled_from([None, {}, {"department": ("rnd",)}]),
)  # fmt: skip


def never_weaker(before, after):
    """Say that whoever meets ``after`` meets ``before`` as well."""
    if isinstance(before, NotOwed):
        return True
    if isinstance(before, Unmet):
        return isinstance(after, Unmet)
    return isinstance(after, Unmet) or (isinstance(after, Owed) and after.kinds <= before.kinds)


def first_step(policy, more):
    """Put a rule that demands a factor before rules of which none refuses."""
    kept = tuple(each for each in policy.rules if each.effect is not REFUSE)
    return SignInPolicy((PolicyRule(FACTOR, factors=more), *kept)), SignInPolicy(kept)


@settings(max_examples=600, deadline=None)
@given(everything, kinds)
def test_another_demand_never_weakens(c, more):
    """R-100: whatever else is demanded, by whomever, makes nothing easier."""
    before = demand(c)
    assert never_weaker(before, demand(replace(c, wants_mfa=True)))
    owing = frozenset({*c.rules.required_roles, "everyone"})
    assert never_weaker(before, demand(replace(c, rules=replace(c.rules, required_roles=owing))))
    if c.idp is not None and not c.idp.second_factor.required:
        required = replace(c.idp.second_factor, required=True, kinds=more)
        assert never_weaker(before, demand(replace(c, idp=replace(c.idp, second_factor=required))))
    stepped, kept = first_step(c.policy, more)
    if not any(each.effect is FACTOR for each in kept.rules):
        assert never_weaker(demand(replace(c, policy=kept)), demand(replace(c, policy=stepped)))


@settings(max_examples=600, deadline=None)
@given(everything)
def test_factor_that_a_person_has_is_never_passed_over(c):
    """R-100: who has enrolled a factor proves it, unless this provider's token is trusted or it was proven already."""
    answer = demand(replace(c, user=ENROLLED))
    if not isinstance(answer, NotOwed):
        return
    rule = c.idp.second_factor if c.idp else SecondFactorRule()
    assert c.proven is not None or c.acr in rule.trusted_acr or set(c.amr) & set(rule.trusted_amr)


@settings(max_examples=600, deadline=None)
@given(everything)
def test_nobody_is_sent_to_a_page_that_cannot_be_left(c):
    """What is owed can be met: by a factor that is there, or by one that may be enrolled; else it is said at once."""
    answer = demand(c)
    if isinstance(answer, Owed):
        assert c.user is not None
        assert answer.kinds
        assert answer.may_enrol or c.has_factor


@settings(max_examples=600, deadline=None)
@given(everything)
def test_hiding_the_address_never_opens_a_way(c):
    """R-024: whoever hides from where they come is let in nowhere that stays shut to every address."""
    hidden = replace(c, network=None)
    seen = [demand(replace(c, network=address)) for address in (INSIDE, OUTSIDE, "2001:db8::1")]
    if isinstance(demand(hidden), NotOwed):
        assert any(isinstance(each, NotOwed) for each in seen)


def test_a_hidden_address_does_not_turn_a_refusal_into_a_factor():
    """R-024: inside with a factor, outside not at all: whoever hides the address is refused, factor or not."""
    policy = SignInPolicy(
        (PolicyRule(Effect.FACTOR, networks=("10.0.0.0/8",)), PolicyRule(Effect.REFUSE)),
    )
    proven = Circumstances(user(), proven=FactorKind.TOTP, policy=policy, network=INSIDE)
    assert isinstance(demand(proven), NotOwed)
    assert isinstance(demand(replace(proven, network=OUTSIDE)), Unmet)
    assert isinstance(demand(replace(proven, network=None)), Unmet)


def test_operators_count_by_their_role():
    """Issue 6: a second factor is required by role, whoever gave the role."""
    operator = user(roles=grants(OPERATOR, "operator"))
    rules = FactorRules(frozenset({"operator"}))
    assert (Owed, [BY_ROLE]) == codes(demand(Circumstances(operator, rules=rules)))
    assert NotOwed() == demand(Circumstances(user(), rules=rules))
