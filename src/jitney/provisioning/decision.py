"""decide(facts) → Decision: the table of jit.md 3 on one page.

One branch per row, top to bottom; the first that fits wins. Every decision carries its reasons as data, and
the last of them is the one that settled it. Nothing is carried out here, and nothing is ever raised.
"""

from dataclasses import dataclass, field, replace
from typing import assert_never

from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.claims import Attributes
from jitney.model.consent import ConsentedPurpose
from jitney.model.outcome import Reason
from jitney.model.policy import OnProvisioningFailure, OnUnprovenMatch, PromptMode
from jitney.model.user import User, UserChanges, UserDraft, Username, UserState
from jitney.provisioning.anchor import anchor_of, has_drifted
from jitney.provisioning.claim_mapping import ClaimsRefused, Mapped
from jitney.provisioning.consent import Consent, listed_attributes, weigh_consent, with_flags
from jitney.provisioning.facts import Candidate, Facts, LinkedUser, StoreState, contradiction
from jitney.provisioning.linking import Match, Nobody, NotWanted, Proven, Unlinkable, Unproven, judge
from jitney.provisioning.naming import NAME_OCCUPIED, name_of
from jitney.provisioning.placement import PlacementRefused
from jitney.provisioning.plan import draft_user, plan_sync
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.provisioning.prompting import prompt_form, proof_form, typed_attributes
from jitney.provisioning.sentences import SENTENCES
from jitney.provisioning.store_rules import Violation

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
    """Make this user and its link, all or nothing; ``forget`` is a stale link to remove with it.

    ``password`` is the one that the person chose; without it there is none.
    ``consented`` is what the receipt says, ``withheld`` what the person declined: no later sync stores it.
    ``anchor`` is what the link remembers of the provider's anchor claim.
    """

    draft: UserDraft
    reasons: Reasons
    forget: AccountLink | None = None
    password: str | None = field(default=None, repr=False)
    consented: tuple[ConsentedPurpose, ...] = ()
    withheld: tuple[str, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Join the arrival to a user who exists, by ``linked_by``; the user's earlier sessions end with it (R-011)."""

    user: User
    changes: UserChanges
    linked_by: LinkedBy
    reasons: Reasons
    forget: AccountLink | None = None
    withheld: tuple[str, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Let the person on without an account: the attributes live for this session only, nothing is written."""

    attributes: Attributes
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Ask:
    """Show this form first."""

    form: PromptForm | ProofForm
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Refuse:
    """Let nobody in and change nothing; ``sentence`` is for the person, the reasons for operators.

    ``by_the_person`` says that it was their own wish: the application is told ``access_denied``.
    """

    sentence: str
    reasons: Reasons
    by_the_person: bool = False

    @property
    def code(self) -> str:
        """Return the reason that settled it."""
        return self.reasons[-1].code


@dataclass(frozen=True, slots=True)
class Settle:
    """Bring to its end what is under way for this user in a store outside our database, and decide again."""

    user: User
    reasons: Reasons


Decision = SignInAs | Provision | LinkTo | PassThrough | Ask | Refuse | Settle


def decide(facts: Facts) -> Decision:
    """Decide what an arrival becomes; pure, total and deterministic (jit.md 3)."""
    policy, mapped, linked = facts.idp.policy, facts.mapped, facts.linked

    # Before the table: what may not even be looked at.
    if clash := contradiction(facts):
        return _refuse((), clash)
    if not facts.idp.enabled:
        return _refuse((), Reason("identity_provider_disabled", {"idp": facts.idp.name}))
    if facts.identity_lock and facts.identity_lock.is_in_force(facts.now):
        return _refuse((), Reason("identity_locked", {"reason": facts.identity_lock.reason}))
    if isinstance(mapped, ClaimsRefused):
        return _refuse((), mapped.reason)
    said = (*mapped.notes, *_ignored(facts))

    # The person has said no: whatever else fits, nothing is made or joined and nobody comes in against their will.
    if facts.answers and facts.answers.declined:
        return _declined(said)

    # Linked: the user exists, and is active or may not be used.
    if linked and (user := linked.present_user):
        if has_drifted(linked.link, policy, mapped, facts.identity):
            return _refuse(said, Reason("anchor_changed", {"claim": policy.anchor_claim or ""}))
        if user.state in {UserState.PENDING, UserState.LEAVING}:
            return Settle(user, (*said, Reason("user_under_way", {"state": user.state.value})))
        if blocked := _blocked(user, facts):
            return _refuse(said, blocked)
        return _sign_in(facts, mapped, linked, user, said)

    # Linked, but gone from the store: whoever cannot be asked has not said so.
    if linked and not linked.store.may_be_read:
        said = (*said, linked.fault) if linked.fault else said
        return _refuse(said, Reason(linked.store.value, {"domain": linked.link.domain}))
    forget = linked.link if linked else None
    said = (*said, Reason("link_stale", {"user": forget.user_id}) if forget else Reason("not_linked"))

    # Not linked, provisioning off.
    if not policy.enabled:
        return _pass_through(facts, mapped, said, Reason("provisioning_off"))

    # Not linked, linking on: before any prompt, so that a known person never sees a sign-up form (C23).
    match = judge(facts, mapped)
    if joined := _joined(match, facts, mapped, said):
        return replace(joined, forget=forget) if isinstance(joined, LinkTo) else joined
    if isinstance(match, Nobody) and policy.linking.skip_provisioning_if_nobody_matches:
        return _pass_through(facts, mapped, said, Reason("nobody_matched"))

    # No store can take the user. Where people choose their name, a name without a place is the next row's matter.
    placed, target, asks = facts.placed, facts.target, policy.prompt_mode.asks_username
    if isinstance(placed, PlacementRefused) and not (asks and target.rules):
        return _not_provisioned(facts, mapped, said, Violation((placed.reason,)))
    if placed is None or target.rules is None or target.state is not StoreState.READY:
        state = StoreState.UNKNOWN if target.state is StoreState.READY else target.state
        where = {"domain": placed.domain} if placed else {}
        why = (target.fault,) if target.fault else ()
        return _not_provisioned(facts, mapped, said, Violation((*why, Reason(state.value, where))))

    # The name breaks a rule of the store, or belongs to somebody else: nothing of theirs is touched.
    named = name_of(facts, mapped, placed, target.rules)
    said = (*said, *named.notes)
    if named.objection and not named.may_choose:
        return _not_provisioned(facts, mapped, said, named.objection)

    # The prompt mode wants answers that are missing, or an answer breaks a rule.
    consent = Consent()
    if policy.prompt_mode is not PromptMode.SILENT:
        form = prompt_form(facts, mapped, named, target.rules)
        if facts.reply is None or form.problems:
            slow = named.objection.reasons[:-1] if named.objection else ()
            return Ask(form, (*said, *slow, _answers_wanted(form)))
        consent = weigh_consent(facts.purposes, facts.reply.agreements)

    # A mandatory consent was declined.
    if consent.refused:
        return _declined(said, attributes=", ".join(consent.refused))

    # The store has just said no to this very user, for reasons of its own.
    if facts.setback and facts.setback.code != NAME_OCCUPIED:
        return _not_provisioned(facts, mapped, said, Violation((facts.setback,)))

    # Otherwise.
    return replace(_provision(facts, mapped, named.username, consent, said), forget=forget)


def _blocked(user: User, facts: Facts) -> Reason | None:
    """Say why a user may not sign in now (R-048); a lock that has expired holds nobody."""
    if user.lock and user.lock.is_in_force(facts.now):
        return Reason("user_locked", {"reason": user.lock.reason})
    return None if user.state is UserState.ACTIVE else Reason(f"user_{user.state.value}")


def _sign_in(
    facts: Facts, mapped: Mapped, linked: LinkedUser, user: User, said: Reasons
) -> SignInAs | Refuse:
    """Sign the linked user in, with the changes of attributes and roles; none while provisioning is off.

    Where the store refuses the changes, the policy says whether the person comes in without them: a role that was
    withdrawn upstream would stay (R-039).
    """
    said = (*said, Reason("linked", {"linked_by": linked.link.linked_by.value}))
    if not facts.idp.policy.enabled:
        return SignInAs(user, linked.link, UserChanges(), (*said, Reason("signed_in_provisioning_off")))
    if linked.store is StoreState.READ_ONLY:
        return SignInAs(user, linked.link, UserChanges(), (*said, Reason("signed_in_store_read_only")))
    if facts.setback and facts.idp.policy.on_provisioning_failure is not OnProvisioningFailure.CONTINUE:
        return _refuse(said, facts.setback)
    if facts.setback:
        settled = Reason("signed_in_sync_refused")
        return SignInAs(user, linked.link, UserChanges(), (*said, facts.setback, settled))
    changes, notes = plan_sync(facts, mapped, user, withheld=linked.link.withheld)
    settled = Reason("signed_in_unchanged" if changes.is_empty() else "signed_in_updated")
    return SignInAs(user, linked.link, changes, (*said, *notes, settled))


def _joined(match: Match, facts: Facts, mapped: Mapped, said: Reasons) -> LinkTo | Ask | Refuse | None:
    """Join, ask for proof, or refuse; ``None`` where nobody was found and the person claims no account."""
    match match:
        case NotWanted():
            return None
        case Nobody():
            claims_one = facts.answers is not None and facts.answers.wants_link
            return _ask_for_proof(facts, mapped, None, said) if claims_one else None
        case Unlinkable(code):
            return _refuse(said, Reason(code))
        case Unproven(candidate):
            return _ask_for_proof(facts, mapped, candidate, said)
        case Proven():
            return _link(facts, mapped, match, said)
        case _:  # pragma: no cover (a match that is missing here is a type error)
            assert_never(match)


def _ask_for_proof(facts: Facts, mapped: Mapped, candidate: Candidate | None, said: Reasons) -> Ask | Refuse:
    """Ask the person to prove the account, unless that is not to be, or cannot be done.

    Whoever has proven nothing is not told that the account is locked or switched off: such a one cannot be proven.
    """
    rule = facts.idp.policy.linking
    if candidate and rule.on_unproven_match is OnUnprovenMatch.REFUSE:
        return _refuse(said, Reason("link_not_proven", {"found_by": candidate.found_by}))
    blocked = _blocked(candidate.user, facts) if candidate else None
    form = None if blocked else proof_form(facts, mapped, candidate)
    if form is None:
        return _refuse((*said, blocked) if blocked else said, Reason("link_cannot_be_proven"))
    about = {"found_by": candidate.found_by} if candidate else {}
    return Ask(form, (*said, Reason("proof_wanted", about)))


def _link(facts: Facts, mapped: Mapped, match: Proven, said: Reasons) -> LinkTo | Refuse:
    """Join the arrival to the user, with the changes of attributes and roles as for one who was linked before.

    What the person declined or withdrew on another link stays declined (R-036).
    """
    user, withheld = match.who.user, _withheld_on_joining(match, facts)
    if blocked := _blocked(user, facts) or facts.setback:
        return _refuse(said, blocked)
    changes, notes = UserChanges(), (Reason("link_store_not_writable"),)
    if match.who.store is StoreState.READY:
        changes, notes = plan_sync(facts, mapped, user, withheld=withheld)
    return LinkTo(
        user,
        changes,
        match.linked_by,
        (*said, *notes, Reason("linked_now", {"linked_by": match.linked_by.value})),
        withheld=withheld,
        anchor=anchor_of(facts.idp.policy, mapped, facts.identity),
    )


def _withheld_on_joining(match: Proven, facts: Facts) -> tuple[str, ...]:
    """Return what the new link may not write: what was declined before, and what nobody was asked about.

    Joining an account asks for no consent, so that what purposes list is not stored by the way: only what the
    person has agreed to on another occasion is (R-036). A silent provider asks nobody.
    """
    who = match.who
    if facts.idp.policy.prompt_mode is PromptMode.SILENT:
        return who.withheld
    unasked = with_flags(listed_attributes(facts.purposes) - frozenset(who.agreed))
    return tuple(sorted({*who.withheld, *unasked}))


def _provision(
    facts: Facts, mapped: Mapped, username: Username, consent: Consent, said: Reasons
) -> Provision:
    """Draft the new user, minus what was declined, with what the person typed."""
    mode, reply = facts.idp.policy.prompt_mode, facts.reply
    typed = typed_attributes(facts, mapped)
    draft, notes = draft_user(facts, mapped, username, typed=typed, withheld=consent.withheld)
    return Provision(
        draft,
        (*said, *notes, Reason("provisioned", {"domain": username.domain})),
        password=reply.password if reply and mode.asks_password else None,
        consented=consent.purposes,
        withheld=consent.withheld,
        anchor=anchor_of(facts.idp.policy, mapped, facts.identity),
    )


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


def _ignored(facts: Facts) -> Reasons:
    """Note the fields that were posted and that nobody had asked for (R-019)."""
    names = facts.answers.ignored if facts.answers else ()
    about = {"names": ", ".join(names), "count": str(len(names))}
    return (Reason("unasked_fields_ignored", about),) if names else ()


def _answers_wanted(form: PromptForm) -> Reason:
    """Say what a form waits for: its fields' problems by their codes, without a word of what was typed."""
    problems = ", ".join(f"{name}: {problem.reason.code}" for name, problem in sorted(form.problems.items()))
    return Reason("answers_wanted", {"mode": form.mode.value} | ({"problems": problems} if problems else {}))


def _declined(said: Reasons, **about: str) -> Refuse:
    """Refuse by the person's own wish: nothing is stored, and the application gets ``access_denied``."""
    return replace(_refuse(said, Reason("consent_declined", about)), by_the_person=True)


def _refuse(said: Reasons, why: Reason, sentence: str | None = None) -> Refuse:
    return Refuse(sentence or SENTENCES[why.code], (*said, why))
