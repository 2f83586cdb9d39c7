"""Sign-in policies and second factors of providers: what may be saved, and what an operator is warned of."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.administration.declared.declarations import (
    Declaration,
    DeclaredApplication,
    DeclaredIdentityProvider,
)
from jitney.errors import InvalidInput, NotAllowed
from jitney.model.connection import OAuth2Connection
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.policy import ProvisioningPolicy
from jitney.model.sign_in_policy import (
    LOCAL,
    AttributeCondition,
    Effect,
    PolicyRule,
    SecondFactorRule,
    SignInPolicy,
)

pytestmark = pytest.mark.anyio

ALLOW, FACTOR, REFUSE = Effect.ALLOW, Effect.FACTOR, Effect.REFUSE
TOTP, PASSKEY = FactorKind.TOTP, FactorKind.PASSKEY
ON = EnhancedFeature(second_factors=True)
READY = replace(ACME, policy=ProvisioningPolicy(enabled=True), enhanced=ON)
NO_PROVISIONING = replace(READY, policy=ProvisioningPolicy())
NO_FACTORS = replace(READY, enhanced=EnhancedFeature())
DEMANDING = SecondFactorRule(required=True)


def with_rules(*rules: PolicyRule):
    return replace(WIKI, sign_in_policy=SignInPolicy(rules))


def rule(effect: Effect = FACTOR, **conditions: object) -> PolicyRule:
    return PolicyRule(effect, **conditions)  # pyright: ignore[reportArgumentType]


def attribute(name: str, *values: str) -> tuple[AttributeCondition, ...]:
    return (AttributeCondition(name, values),)


async def office_with(*providers, enhanced: bool = False) -> Office:
    office = Office(enhanced=enhanced)
    await office.roles.add(ROOT, "staff")
    for provider in providers:
        await office.identity_providers.add(ROOT, provider)
    return office


@pytest.mark.parametrize(
    "sound",
    [
        rule(),
        rule(REFUSE, identity_providers=(LOCAL, "acme")),
        rule(ALLOW, roles=("staff", "everyone", "operator")),
        rule(attributes=attribute("department", "rnd")),
        rule(attributes=attribute("employee_number")),
        rule(REFUSE, networks=("10.0.0.0/8", "2001:db8::/32"), outside_networks=("192.0.2.7", "::1")),
        rule(factors=(TOTP, PASSKEY)),
    ],
)
async def test_sound_rule_is_kept_as_it_is(sound: PolicyRule) -> None:
    """Issue 6: providers, factors and conditions of an application are data."""
    office = await office_with(READY)
    await office.applications.register(ROOT, with_rules(rule(REFUSE, roles=("staff",)), sound))
    kept = await office.applications.get(ROOT, "wiki")
    assert SignInPolicy((rule(REFUSE, roles=("staff",)), sound)) == kept.sign_in_policy


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        (rule(identity_providers=("ghost",)), "identity_providers", "ghost"),
        (rule(identity_providers=("removed:",)), "identity_providers", "removed:"),
        (rule(roles=("ghosts",)), "roles", "ghosts"),
        (rule(roles=("ENG/staff",)), "roles", "ENG/staff"),
        (rule(roles=("PRIMARY/staff",)), "roles", "PRIMARY/staff"),
        (rule(attributes=attribute("a b")), "attributes", "letters"),
        (rule(attributes=attribute("password", "x")), "attributes", "password"),
        (rule(attributes=attribute("department", "")), "attributes", "values"),
        (rule(attributes=attribute("department", *map(str, range(101)))), "attributes", "100"),
        (rule(networks=("10.0.0.1/8",)), "networks", "is 10.0.0.0/8 meant?"),
        (rule(networks=("the office",)), "networks", "the office is no network"),
        (rule(networks=("10.0.0.0/33",)), "networks", "no network"),
        (rule(networks=("::ffff:10.0.0.0/104",)), "networks", "IPv4 network"),
        (rule(outside_networks=("",)), "outside_networks", "no network"),
        (rule(networks=tuple(f"10.0.{n}.0/24" for n in range(101))), "networks", "at most 100"),
        (rule(ALLOW, factors=(TOTP,)), "factors", "effect is factor"),
        (rule(factors=(TOTP, TOTP)), "factors", "twice"),
        (rule(factors=(FactorKind.RECOVERY,)), "factors", "recovery code"),
    ],
)
async def test_rule_that_cannot_be_meant_is_refused(wrong: PolicyRule, field: str, told: str) -> None:
    """Issue 6: a rule that would never fit, or fit everybody by a slip, is refused by its number and its field."""
    office = await office_with(READY)
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, with_rules(rule(REFUSE, roles=("staff",)), wrong))
    assert "application_invalid" == refused.value.code
    assert [f"sign_in_policy.rules[2].{field}"] == list(refused.value.fields)
    assert told in refused.value.fields[f"sign_in_policy.rules[2].{field}"]
    assert before is office.doors.look()
    await office.applications.register(ROOT, with_rules(rule(REFUSE, roles=("staff",)), rule()))


async def test_policy_has_a_length_that_can_be_read() -> None:
    """Limits hold on what an operator saves: 50 rules, and not one more."""
    office = await office_with()
    rules = [rule(REFUSE, networks=(f"10.0.{n}.0/24",)) for n in range(51)]
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, with_rules(*rules))
    assert ["sign_in_policy.rules"] == list(refused.value.fields)
    await office.applications.register(ROOT, with_rules(*rules[1:]))


CANNOT = "people of acme cannot meet this policy, since provisioning is off there: they have no account"
CANNOT_ENROL = (
    "people of acme cannot meet this policy, since second_factors of the enhanced feature is off there: "
    "they can set none up"
)
WARNED = [
    # provider          | installation | rules                                              | what is said
    (READY,               False,         (rule(),),                                           []),
    (NO_FACTORS,          True,          (rule(),),                                           []),
    (NO_PROVISIONING,     True,          (rule(),),                                           [(1, CANNOT)]),
    (NO_FACTORS,          False,         (rule(),),                                           [(1, CANNOT_ENROL)]),
    (NO_PROVISIONING,     False,         (rule(identity_providers=("acme",)),),               [(1, CANNOT)]),
    (NO_PROVISIONING,     False,         (rule(networks=("10.0.0.0/8",)),),                   [(1, CANNOT)]),
    (NO_PROVISIONING,     False,         (rule(attributes=attribute("department")),),         [(1, CANNOT)]),
    (NO_PROVISIONING,     False,         (rule(identity_providers=(LOCAL,)),),                []),
    (NO_PROVISIONING,     False,         (rule(roles=("staff",)),),                           []),
    (NO_FACTORS,          False,         (rule(roles=("staff",)),),                           [(1, CANNOT_ENROL)]),
    (NO_PROVISIONING,     False,         (rule(ALLOW, identity_providers=("acme",)), rule()), []),
    (NO_PROVISIONING,     False,         (rule(ALLOW, roles=("staff",)), rule()),             [(2, CANNOT)]),
    (NO_PROVISIONING,     False,         (rule(ALLOW, identity_providers=(LOCAL,)), rule()),  [(2, CANNOT)]),
    (NO_PROVISIONING,     False,         (rule(REFUSE, identity_providers=("acme",)), rule()), []),
    (NO_PROVISIONING,     False,         (rule(REFUSE, networks=("10.0.0.0/8",)),),           []),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "enhanced", "rules", "said"), WARNED)
async def test_who_cannot_meet_a_policy_is_named_when_it_is_saved(provider, enhanced, rules, said) -> None:
    """Issue 6: "a message where a policy cannot be met by people of a provider whose provisioning is off"."""
    office = await office_with(provider, enhanced=enhanced)
    saved = await office.applications.register(ROOT, with_rules(*rules))
    assert [f"sign_in_policy.rules[{at}]: {text}." for at, text in said] == list(saved.warnings)
    again = await office.applications.change(ROOT, replace(saved.application, name="Our wiki"), version=1)
    assert saved.warnings == again.warnings


async def test_providers_that_an_application_does_not_take_are_not_warned_of() -> None:
    """Only people who may come to an application can fail to meet its policy."""
    office = await office_with(NO_PROVISIONING, replace(READY, name="globex"))
    wanted = replace(with_rules(rule()), identity_providers=("globex",))
    assert () == (await office.applications.register(ROOT, wanted)).warnings
    unconcerned = await office.identity_providers.change(ROOT, NO_FACTORS, version=1)
    assert () == unconcerned.warnings
    both = replace(wanted, id="intranet", identity_providers=())
    assert 1 == len((await office.applications.register(ROOT, both)).warnings)


async def test_trust_is_named_where_it_alone_can_be_enough() -> None:
    """R-100: people without an account meet a policy only by what their provider's signed token says."""
    trusting = replace(NO_PROVISIONING, second_factor=SecondFactorRule(trusted_amr=("mfa",)))
    office = await office_with(trusting)
    (warning,) = (await office.applications.register(ROOT, with_rules(rule()))).warnings
    assert f"sign_in_policy.rules[1]: {CANNOT}, and only what its token says can be enough." == warning


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ((rule(ALLOW, networks=("10.0.0.0/8",)),), "rules: no rule refuses anybody"),
        ((rule(REFUSE), rule(ALLOW)), "rules[1]: this rule fits everybody"),
        (
            (rule(REFUSE, identity_providers=("removed:globex",)),),
            "rules[1].identity_providers: all of them were removed",
        ),
        (
            (rule(REFUSE, identity_providers=("removed:globex", "acme")),),
            "rules[1].identity_providers: removed:globex was removed",
        ),
        (
            (rule(factors=(PASSKEY,)),),
            "rules[1].factors: none of these kinds does for acme",
        ),
    ],
)
async def test_rule_that_does_nothing_is_warned_of(rules: tuple[PolicyRule, ...], told: str) -> None:
    """A policy that lets in more people than it seems to is allowed, and never passed over in silence."""
    strict = replace(READY, second_factor=SecondFactorRule(required=True, kinds=(TOTP,)))
    office = await office_with(strict)
    (warning,) = (await office.applications.register(ROOT, with_rules(*rules))).warnings
    assert warning.startswith(f"sign_in_policy.{told}")


async def test_removed_provider_stays_nobody() -> None:
    """R-034: a name that a forced removal left behind can be kept, is warned of, and opens to nobody."""
    office = await office_with(READY)
    wanted = replace(WIKI, identity_providers=("removed:globex",))
    saved = await office.applications.register(ROOT, wanted)
    assert ("identity_providers: removed:globex was removed; nobody comes through it.",) == saved.warnings
    assert not saved.application.takes_from("acme")
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(READY, name="removed:globex"))
    assert {"name"} == set(refused.value.fields)


async def test_provider_is_never_called_local() -> None:
    """A provider called ``local`` would be let in by every rule for people of our own stores."""
    office = await office_with()
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(READY, name=LOCAL))
    assert {"name"} == set(refused.value.fields)
    assert before is office.doors.look()
    await office.identity_providers.add(ROOT, replace(READY, name="locals"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (SecondFactorRule(kinds=(FactorKind.RECOVERY,)), "kinds"),
        (SecondFactorRule(kinds=(TOTP, TOTP)), "kinds"),
        (SecondFactorRule(trusted_acr=("",)), "trusted_acr"),
        (SecondFactorRule(trusted_amr=("mfa hwk",)), "trusted_amr"),
        (SecondFactorRule(trusted_amr=("x" * 201,)), "trusted_amr"),
        (SecondFactorRule(trusted_acr=tuple(map(str, range(21)))), "trusted_acr"),
    ],
)
async def test_second_factor_of_a_provider_is_checked(wrong: SecondFactorRule, field: str) -> None:
    """R-100: what is trusted is a word that a token can carry; a blank would be carried by all of them."""
    office = await office_with()
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(READY, second_factor=wrong))
    assert ["second_factor." + field] == list(refused.value.fields)
    assert before is office.doors.look()
    sound = SecondFactorRule(True, (TOTP,), ("urn:strong",), ("mfa",))
    assert () == (await office.identity_providers.add(ROOT, replace(READY, second_factor=sound))).warnings


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        (
            replace(NO_PROVISIONING, second_factor=DEMANDING),
            "second_factor.required: people of acme cannot meet this, since provisioning is off there",
        ),
        (
            replace(NO_FACTORS, second_factor=DEMANDING),
            "second_factor.required: people of acme cannot meet this, since second_factors of",
        ),
        (
            replace(READY, second_factor=SecondFactorRule(trusted_amr=("pwd", "mfa"))),
            "second_factor.trusted_amr: pwd is no second factor",
        ),
        (
            replace(READY, second_factor=SecondFactorRule(kinds=(TOTP,))),
            "second_factor.kinds: without required",
        ),
        (
            replace(
                READY,
                connection=OAuth2Connection(
                    "https://a.example/a", "https://a.example/t", "https://a.example/u", "jitney", "s3cret"
                ),
                second_factor=SecondFactorRule(trusted_acr=("urn:strong",)),
            ),
            "second_factor.trusted_acr: nothing that plain OAuth 2.0 sends is signed",
        ),
    ],
)
async def test_demand_of_a_provider_that_does_not_work_is_warned_of(provider, told: str) -> None:
    """Issue 6: a demand that nobody can meet, and a trust that nothing deserves, are told when they are saved."""
    office = await office_with()
    warnings = (await office.identity_providers.add(ROOT, provider)).warnings
    assert [told] == [warning[: len(told)] for warning in warnings if warning.startswith("second_factor")]


async def test_provider_that_breaks_a_policy_is_warned_of_when_it_is_saved() -> None:
    """Issue 6: the same message when provisioning, or the part of the enhanced feature, is switched off later."""
    office = await office_with(READY)
    wanted = with_rules(rule(REFUSE, roles=("staff",)), rule(factors=(PASSKEY,)))
    assert () == (await office.applications.register(ROOT, wanted)).warnings
    rule_2 = "rule 2 of the sign-in policy of the application wiki"
    for version, (change, told) in enumerate(
        [
            (
                NO_PROVISIONING,
                f"policy.enabled: people of acme cannot meet {rule_2}, since provisioning is off there",
            ),
            (
                NO_FACTORS,
                f"enhanced.second_factors: people of acme cannot meet {rule_2}, since second_factors of",
            ),
            (
                replace(READY, second_factor=SecondFactorRule(required=True, kinds=(TOTP,))),
                f"second_factor.kinds: none of these kinds does for {rule_2}.",
            ),
        ],
        start=1,
    ):
        (warning,) = (await office.identity_providers.change(ROOT, change, version=version)).warnings
        assert warning.startswith(told)
    assert () == (await office.identity_providers.change(ROOT, READY, version=4)).warnings


async def test_role_that_a_policy_names_is_not_removed() -> None:
    """jit.md 2: what a policy refers to cannot be deleted; a rule about nobody would demand nothing."""
    office = await office_with(READY)
    made = (await office.applications.register(ROOT, with_rules(rule(roles=("staff",))))).application
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.roles.remove(ROOT, "staff")
    assert "role_in_use" == refused.value.code
    assert before is office.doors.look()
    await office.applications.change(ROOT, replace(made, sign_in_policy=SignInPolicy()), version=1)
    await office.roles.remove(ROOT, "staff")


async def test_change_of_trust_is_audited_as_risky() -> None:
    """R-117: what a provider is trusted for beside its subject is a trust flag, and its change is told as one."""
    office = await office_with(READY)
    trusting = replace(READY, second_factor=SecondFactorRule(trusted_amr=("mfa",)))
    saved = await office.identity_providers.change(ROOT, trusting, version=1)
    told = [event.about for event in await office.events(f"idp:{saved.idp.id}") if "fields" in event.about]
    assert [("second_factor.trusted_amr", "normal")] == [(one["fields"], one["risk"]) for one in told]
    plain = await office.identity_providers.change(ROOT, replace(trusting, display_name="A"), version=2)
    newest = (await office.events(f"idp:{plain.idp.id}"))[0].about
    assert ("display_name", False) == (newest["fields"], "risk" in newest)


async def test_declared_policies_are_judged_by_what_will_be_there() -> None:
    """Issue 6: ``jitney apply`` tells of policies in the file's words, by the providers that it brings itself."""
    office = await office_with(READY)
    wanted = with_rules(rule(identity_providers=("globex",)), rule(networks=("10.0.0.1/8",)))
    declared = Declaration(applications=(DeclaredApplication(wanted, "x" * 22),))
    with pytest.raises(InvalidInput) as refused:
        await office.declarations.plan(ROOT, declared)
    prefix = "application wiki: rule"
    assert {f"{prefix}[1].identity_providers", f"{prefix}[2].networks"} == set(refused.value.fields)
    sound = with_rules(rule(identity_providers=("globex",)), rule(REFUSE, networks=("10.0.0.0/8",)))
    globex = replace(NO_PROVISIONING, name="globex")
    plan = await office.declarations.plan(
        ROOT,
        Declaration(
            identity_providers=(DeclaredIdentityProvider(globex),),
            applications=(DeclaredApplication(sound, "x" * 22),),
        ),
    )
    assert [
        "identity_provider globex: provisioning.enabled: people of globex cannot meet rule 1 of the sign-in "
        "policy of the application wiki, since provisioning is off there: they have no account.",
        f"application wiki: rule[1]: {CANNOT.replace('acme', 'globex')}.",
    ] == list(plan.warnings)
    await office.declarations.apply(ROOT, plan)
    assert sound.sign_in_policy == (await office.applications.get(ROOT, "wiki")).sign_in_policy
