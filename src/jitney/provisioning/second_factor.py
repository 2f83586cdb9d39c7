"""What a person owes beside the first step of a sign-in: nothing, a second factor, or more than they can give.

The application's policy, the identity provider, the person's roles, the request and the person's own factors each
demand for themselves, and all that is demanded must be met; only a refusal goes before them.
What cannot be known is taken as it is worst for whoever wants to come in (R-024).
"""

from dataclasses import dataclass

from jitney.model.claims import Attributes
from jitney.model.factor import FactorKind
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.model.sign_in_policy import LOCAL, AttributeCondition, Effect, PolicyRule, SignInPolicy
from jitney.model.user import EVERYONE, User, UserDraft
from jitney.provisioning.networks import is_in_one
from jitney.provisioning.sentences import SENTENCES

_ANY = frozenset(FactorKind) - {FactorKind.RECOVERY}


@dataclass(frozen=True, slots=True)
class FactorRules:
    """Settings of the whole server about second factors.

    Who has one of ``required_roles`` owes a second factor wherever they sign in.
    ``enhanced`` is ``enable_enhanced_feature``, for providers that say nothing themselves.
    """

    required_roles: frozenset[str] = frozenset()
    enhanced: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that is known of a person whose first factor has been proven, before a session exists.

    ``user`` is as it will be after this sign-in; ``None`` for somebody who passes through without an account, with
    the attributes ``passing``.
    ``idp`` is the provider of the first factor, ``None`` for user name and password;
    ``amr`` and ``acr`` are what its signed token said, and nothing that we added.
    ``proven`` is a second factor of ours that was proven already, in this journey or for this session.
    ``network`` is the browser's IP address.
    ``policy`` is the application's; ``wants_mfa`` says that its request demands ``REFEDS_MFA``.
    """

    user: User | UserDraft | None
    idp: IdentityProvider | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None
    proven: FactorKind | None = None
    network: str | None = None
    policy: SignInPolicy = SignInPolicy()
    wants_mfa: bool = False
    rules: FactorRules = FactorRules()
    passing: Attributes | None = None

    @property
    def has_factor(self) -> bool:
        """Say whether the user has enrolled a second factor already."""
        return isinstance(self.user, User) and self.user.has_second_factor


@dataclass(frozen=True, slots=True)
class NotOwed:
    """Nothing more is to be proven."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """A second factor of one of ``kinds`` is to be proven.

    ``may_enrol`` says whether somebody who has none may enrol one now.
    Who has one, but of no such kind, proves it before they enrol another: ``Circumstances.has_factor`` tells.
    """

    kinds: frozenset[FactorKind]
    may_enrol: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unmet:
    """The person cannot meet what is demanded; ``sentence`` is for them."""

    reason: Reason
    sentence: str


Demand = NotOwed | Owed | Unmet


@dataclass(frozen=True, slots=True)
class _Demanded:
    """One demand: why, and which kinds meet it."""

    reason: Reason
    kinds: frozenset[FactorKind] = _ANY


def demand(c: Circumstances) -> Demand:
    """Decide what is owed beside the first factor.

    The attack (R-100): somebody links a weaker provider to the victim's account, or comes through an application
    that asks for nothing, so that the factor which the victim has enrolled is never asked for.
    """
    at, rule = _first_that_fits(c)
    if rule is not None and rule.effect is Effect.REFUSE:
        return _unmet("refused_by_sign_in_policy", rule=str(at))
    demanded = _demanded(c, rule, at)
    if not demanded:
        return NotOwed()
    if _is_trusted(c):
        return NotOwed((Reason("second_factor_trusted", {"identity provider": c.idp.name if c.idp else ""}),))
    return _settled(c, demanded)


def _settled(c: Circumstances, demanded: tuple[_Demanded, ...]) -> Demand:
    """Decide about somebody from whom a second factor of ours is demanded."""
    kinds = _ANY.intersection(*(each.kinds for each in demanded))
    reasons = tuple(each.reason for each in demanded)
    because = ", ".join(reason.code for reason in reasons)
    if c.user is None:
        return _unmet("second_factor_needs_account", because=because)
    if not kinds:
        return _unmet("factors_contradict", because=because)
    if c.proven is not None and (c.proven in kinds or c.proven is FactorKind.RECOVERY):
        return NotOwed((*reasons, Reason("second_factor_proven", {"kind": c.proven.value})))
    may_enrol = _may_enrol(c)
    if not (may_enrol or c.has_factor):
        return _unmet("second_factor_unavailable", because=because)
    return Owed(kinds, may_enrol, reasons)


def _demanded(c: Circumstances, rule: PolicyRule | None, at: int) -> tuple[_Demanded, ...]:
    """List every demand; none takes another away."""
    asked = (
        _by_application(rule, at),
        _by_provider(c.idp),
        _by_role(c.user, c.rules.required_roles),
        _Demanded(Reason("second_factor_asked_for")) if c.wants_mfa else None,
        _Demanded(Reason("second_factor_enrolled")) if c.has_factor else None,
    )
    return tuple(each for each in asked if each is not None)


def _by_application(rule: PolicyRule | None, at: int) -> _Demanded | None:
    if rule is None or rule.effect is not Effect.FACTOR:
        return None
    return _Demanded(Reason("second_factor_by_application", {"rule": str(at)}), _kinds(rule.factors))


def _by_provider(idp: IdentityProvider | None) -> _Demanded | None:
    if idp is None or not idp.second_factor.required:
        return None
    about = {"identity provider": idp.name}
    return _Demanded(Reason("second_factor_by_provider", about), _kinds(idp.second_factor.kinds))


def _by_role(user: User | UserDraft | None, required: frozenset[str]) -> _Demanded | None:
    """Demand of whoever has such a role, and of whoever has a group of that name: too many rather than too few."""
    if user is None:
        return None
    groups = user.groups if isinstance(user, User) else ()
    held = {name.casefold() for name in (*_held_by(user), *(group.name for group in groups))}
    role = next((role for role in sorted(required) if role.casefold() in held), None)
    return None if role is None else _Demanded(Reason("second_factor_by_role", {"role": role}))


def _kinds(named: tuple[FactorKind, ...]) -> frozenset[FactorKind]:
    return frozenset(named) or _ANY


def _is_trusted(c: Circumstances) -> bool:
    """Say whether the provider itself has proven more than one factor, in words for which it is trusted.

    Where a factor of ours was proven, the session's words are ours too, and say nothing about the provider.
    """
    if c.idp is None or c.proven is not None:
        return False
    rule = c.idp.second_factor
    return c.acr in rule.trusted_acr or any(method in rule.trusted_amr for method in c.amr)


def _may_enrol(c: Circumstances) -> bool:
    if c.idp is None:
        return True
    return bool(c.idp.enhanced.resolved(default=c.rules.enhanced).second_factors)


def _unmet(code: str, **about: str) -> Unmet:
    return Unmet(Reason(code, about), SENTENCES[code])


def _first_that_fits(c: Circumstances) -> tuple[int, PolicyRule | None]:
    """Return the first rule that fits, and its number from 1 on.

    The attack (R-024): somebody hides from which network they come, so that a rule which refuses that network does
    not see them; what is unknown holds wherever it makes the way in narrower, and nowhere else.
    So a rule that only may fit admits nobody; one that only may ask for a factor does not keep those who would come
    to a refusal behind it from being refused.
    """
    perhaps: tuple[int, PolicyRule | None] = (0, None)
    for at, rule in enumerate(c.policy.rules, 1):
        fits = _fits(rule, c)
        if fits is False or (fits is None and rule.effect is Effect.ALLOW):
            continue
        if rule.effect is Effect.REFUSE:
            return at, rule
        if fits is None:
            perhaps = perhaps if perhaps[1] else (at, rule)
        else:
            return perhaps if perhaps[1] else (at, rule)
    return perhaps


def _fits(rule: PolicyRule, c: Circumstances) -> bool | None:
    """Say whether every condition of a rule holds; ``None`` where that cannot be known."""
    conditions = (
        _is_through(rule.identity_providers, c),
        not rule.roles or (c.user is not None and not _held_by(c.user).isdisjoint(rule.roles)),
        *(_has_value(condition, c) for condition in rule.attributes),
        not rule.networks or is_in_one(c.network, rule.networks),
        not rule.outside_networks or _negated(is_in_one(c.network, rule.outside_networks)),
    )
    if any(holds is False for holds in conditions):
        return False
    return None if None in conditions else True


def _is_through(names: tuple[str, ...], c: Circumstances) -> bool:
    return not names or (LOCAL if c.idp is None else c.idp.name) in names


def _held_by(user: User | UserDraft) -> frozenset[str]:
    """Return the roles of a user, and the groups of its store as operators name them (``ENG/staff``)."""
    groups = user.groups if isinstance(user, User) else ()
    domain = user.username.domain
    names = (*(role.name for role in user.roles), *(f"{domain}/{group.name}" for group in groups))
    return frozenset({EVERYONE, *names})


def _has_value(condition: AttributeCondition, c: Circumstances) -> bool | None:
    if c.user is not None:
        values = tuple(value.value for value in c.user.attributes.get(condition.attribute, ()))
    elif c.passing is not None:
        values = c.passing.get(condition.attribute, ())
    else:
        return None
    return any(value in condition.values for value in values) if condition.values else bool(values)


def _negated(holds: bool | None) -> bool | None:
    return None if holds is None else not holds
