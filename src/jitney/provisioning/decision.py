"""decide(facts) → Decision: the table of jit.md 3 on one page.

One branch per row, top to bottom; the first that fits wins. Every decision carries its reasons as data, and
the last of them is the one that settled it. Nothing is carried out here, and nothing is ever raised.
"""

from dataclasses import dataclass

from jitney.model.account_link import AccountLink
from jitney.model.claims import Attributes
from jitney.model.outcome import Reason
from jitney.model.policy import OnNameTaken, OnProvisioningFailure
from jitney.model.user import GivenBy, Provenance, User, UserChanges, UserDraft, Username, UserState
from jitney.provisioning.attribute_sync import SyncTerms, first_attributes, plan_attributes
from jitney.provisioning.claim_mapping import ClaimsRefused, Mapped
from jitney.provisioning.facts import Facts, LinkedUser, StoreState, contradiction
from jitney.provisioning.linking import Match, judge_matches
from jitney.provisioning.placement import PlacementRefused
from jitney.provisioning.prompting import PromptForm, has_declined, owed_form
from jitney.provisioning.role_sync import ReachableRoles, grantable_roles, may_take_away, plan_roles
from jitney.provisioning.sentences import SENTENCES
from jitney.provisioning.store_rules import Violation, canonical_username, username_violation

Reasons = tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class SignInAs:
    """The person is this user already; ``changes`` are what sync plans against ``user.version``."""

    user: User
    link: AccountLink
    changes: UserChanges
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Provision:
    """Make this user and its link, all or nothing; ``forget`` is a stale link to remove with it."""

    draft: UserDraft
    reasons: Reasons
    forget: AccountLink | None = None


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Join the arrival to a user who exists; linking with proof will answer so."""

    user: User
    changes: UserChanges
    reasons: Reasons
    forget: AccountLink | None = None


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Let the person on without an account: the attributes live for this session only, nothing is written."""

    attributes: Attributes
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Ask:
    """Show this form first; the prompting modes will answer so."""

    form: PromptForm
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Refuse:
    """Let nobody in and change nothing; ``sentence`` is for the person, the reasons for operators."""

    sentence: str
    reasons: Reasons

    @property
    def code(self) -> str:
        """Return the reason that settled it."""
        return self.reasons[-1].code


Decision = SignInAs | Provision | LinkTo | PassThrough | Ask | Refuse


def decide(facts: Facts) -> Decision:
    """Decide what an arrival becomes; pure, total and deterministic (jit.md 3)."""
    policy, mapped, linked = facts.idp.policy, facts.mapped, facts.linked

    # Before the table: what may not even be looked at.
    if clash := contradiction(facts):
        return _refuse((), clash)
    if not facts.idp.enabled:
        return _refuse((), Reason("identity_provider_disabled", {"idp": facts.idp.name}))
    if isinstance(mapped, ClaimsRefused):
        return _refuse((), mapped.reason)
    said = mapped.notes

    # Linked: the user exists, and is active or may not be used.
    if linked and (user := linked.present_user):
        if blocked := _blocked(user, facts):
            return _refuse(said, blocked)
        return _sign_in(facts, mapped, linked, user)

    # Linked, but gone from the store: whoever cannot be asked has not said so.
    if linked and not linked.store.may_be_read:
        return _refuse(said, Reason(linked.store.value, {"domain": linked.link.domain}))
    forget = linked.link if linked else None
    said = (*said, Reason("link_stale", {"user": forget.user_id}) if forget else Reason("not_linked"))

    # Not linked, provisioning off.
    if not policy.enabled:
        return _pass_through(facts, mapped, said, Reason("provisioning_off"))

    # Not linked, linking on: before any prompt, so that a known person never sees a sign-up form.
    match = judge_matches(policy.linking, facts.matches)
    if match in {Match.NOT_LOOKED_UP, Match.WITHOUT_PROOF}:
        return _refuse(said, Reason("linking_not_available", {"match": match.value}))
    if match is Match.AMBIGUOUS:
        return _refuse(said, Reason("link_ambiguous"))
    if match is Match.NOBODY and policy.linking.skip_provisioning_if_nobody_matches:
        return _pass_through(facts, mapped, said, Reason("nobody_matched"))

    # No store can take the user.
    placed, target = facts.placed, facts.target
    if isinstance(placed, PlacementRefused):
        return _not_provisioned(facts, mapped, said, Violation((placed.reason,)))
    if placed is None or target.rules is None or target.state is not StoreState.READY:
        state = StoreState.UNKNOWN if target.state is StoreState.READY else target.state
        where = {"domain": placed.domain} if placed else {}
        return _not_provisioned(facts, mapped, said, Violation((Reason(state.value, where),)))
    said = (*said, *placed.notes)

    # The name breaks a rule of the store, or belongs to somebody else: nothing of theirs is touched.
    username = canonical_username(target.rules.description, placed.name)
    violation = username_violation(username, target.rules, verified_email=mapped.verified_email)
    if violation:
        return _not_provisioned(facts, mapped, said, violation)
    if target.name_owner:
        return _not_provisioned(facts, mapped, said, _taken(policy.name_taken_rule, target.name_owner))

    # The prompt mode wants answers that are missing; or a mandatory consent was declined.
    if form := owed_form(facts, username):
        return _refuse(said, Reason("prompting_not_available", {"mode": form.mode.value}))
    if has_declined(facts):
        return _refuse(said, Reason("consent_declined"))

    # Otherwise.
    return _provision(facts, mapped, username, said, forget)


def _blocked(user: User, facts: Facts) -> Reason | None:
    """Say why a linked user may not sign in now (R-048); a lock that has expired holds nobody."""
    if user.lock and user.lock.is_in_force(facts.now):
        return Reason("user_locked", {"reason": user.lock.reason})
    return None if user.state is UserState.ACTIVE else Reason(f"user_{user.state.value}")


def _sign_in(facts: Facts, mapped: Mapped, linked: LinkedUser, user: User) -> SignInAs:
    """Sign the linked user in, with the changes of attributes and roles; none while provisioning is off."""
    said = (*mapped.notes, Reason("linked", {"linked_by": linked.link.linked_by.value}))
    if not facts.idp.policy.enabled:
        return SignInAs(user, linked.link, UserChanges(), (*said, Reason("signed_in_provisioning_off")))
    if linked.store is StoreState.READ_ONLY:
        return SignInAs(user, linked.link, UserChanges(), (*said, Reason("signed_in_store_read_only")))
    changes, notes = _plan_sync(facts, mapped, user)
    settled = Reason("signed_in_unchanged" if changes.is_empty() else "signed_in_updated")
    return SignInAs(user, linked.link, changes, (*said, *notes, settled))


def _plan_sync(facts: Facts, mapped: Mapped, user: User) -> tuple[UserChanges, Reasons]:
    policy, server, giver = facts.idp.policy, facts.server, _giver(facts)
    terms = SyncTerms(giver, policy.attribute_sync, server.indelible, server.mastered_locally)
    wanted, notes = _wanted_roles(facts, mapped)
    takes_away = may_take_away(policy.role_sync, mapped.roles)
    roles = plan_roles(user.roles, wanted, giver=giver, takes_away=takes_away)
    attributes = plan_attributes(user.attributes, mapped, terms)
    return UserChanges(attributes, roles.added, roles.removed), notes


def _wanted_roles(facts: Facts, mapped: Mapped) -> tuple[tuple[str, ...], Reasons]:
    reachable = ReachableRoles(facts.roles, facts.server.privileged_roles)
    return grantable_roles((*(mapped.roles or ()), *facts.idp.policy.default_roles), reachable)


def _provision(
    facts: Facts, mapped: Mapped, username: Username, said: Reasons, forget: AccountLink | None
) -> Provision:
    giver = _giver(facts)
    wanted, notes = _wanted_roles(facts, mapped)
    roles = plan_roles((), wanted, giver=giver, takes_away=False)
    draft = UserDraft(username, first_attributes(mapped, giver), roles.added, origin=facts.idp.id)
    return Provision(draft, (*said, *notes, Reason("provisioned", {"domain": username.domain})), forget)


def _pass_through(facts: Facts, mapped: Mapped, said: Reasons, why: Reason) -> PassThrough | Refuse:
    """Let the person on without an account, unless the application needs one."""
    if facts.requires_local_account:
        return _refuse((*said, why), Reason("local_account_required"))
    return PassThrough(mapped.attributes, (*said, why))


def _not_provisioned(
    facts: Facts, mapped: Mapped, said: Reasons, violation: Violation
) -> PassThrough | Refuse:
    """No account can be made: refuse, or go on without one where the policy says so.

    A reserved or posing name is no mishap, and is refused in either case (R-031).
    """
    said, cause = (*said, *violation.reasons[:-1]), violation.reasons[-1]
    is_mishap = cause.code not in {"domain_reserved", "user_name_names_a_store", "user_name_reserved"}
    if is_mishap and facts.idp.policy.on_provisioning_failure is OnProvisioningFailure.CONTINUE:
        return _pass_through(facts, mapped, (*said, cause), Reason("continued_without_account"))
    return _refuse(said, cause, violation.sentence)


def _taken(rule: OnNameTaken, owner: User) -> Violation:
    """Say that a name is taken; neither asking for another nor a suffix is built yet, and reasons say so."""
    wished = {OnNameTaken.ASK: "asking_not_available", OnNameTaken.SUFFIX: "suffix_not_available"}
    notes = (Reason(wished[rule]),) if rule in wished else ()
    return Violation((*notes, Reason("name_taken", {"user": owner.id})))


def _refuse(said: Reasons, why: Reason, sentence: str | None = None) -> Refuse:
    return Refuse(sentence or SENTENCES[why.code], (*said, why))


def _giver(facts: Facts) -> Provenance:
    return Provenance(GivenBy.IDENTITY_PROVIDER, facts.idp.id)
