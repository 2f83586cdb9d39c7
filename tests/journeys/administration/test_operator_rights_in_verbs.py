"""Behind the door: what each operator may do, whom they reach, and what they may give away."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office, by_email, by_subject

from jitney.administration.operator import COMMAND_LINE, Operator, operator_of, rights_of
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, InvalidInput, JitneyError, NotAllowed
from jitney.model.changes import AddFactor, AddSession, Change, SetHasSecondFactor
from jitney.model.consent import Purpose
from jitney.model.factor import Factor, TOTPSecret
from jitney.model.session import LocalPerson, Session
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, OPERATOR_ROLE, User
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord

pytestmark = pytest.mark.anyio

DESK = Operator("u-desk", "desk", rights_of([HELP_DESK_ROLE]))
AUDIT = Operator("u-audit", "audit", rights_of([AUDITOR_ROLE]))
NOBODY = Operator("u-nobody", "nobody", frozenset())
GOOD = "correct-horse"
Verb = Callable[[Office, Operator, str], Awaitable[object]]
"""A verb, tried by an operator on a user."""

SEE: dict[str, Verb] = {
    "list people": lambda at, op, who: at.users.list(op, domain="PRIMARY"),
    "describe": lambda at, op, who: at.users.describe(op, who),
    "factors": lambda at, op, who: at.factor_reset.list(op, who),
    "receipts": lambda at, op, who: at.consents.list_for(op, who),
    "identity locks": lambda at, op, who: at.identity_locks.list(op, "acme"),
    "providers": lambda at, op, who: at.identity_providers.list(op),
    "applications": lambda at, op, who: at.applications.list(op),
    "stores": lambda at, op, who: at.user_stores.list(op),
    "purposes": lambda at, op, who: at.purposes.list(op),
    "roles": lambda at, op, who: at.roles.names(op),
    "operators": lambda at, op, who: at.operators.list(op),
    "plan of a removal": lambda at, op, who: at.provider_removing.plan(op, "acme"),
}
HELP: dict[str, Verb] = {
    "lock": lambda at, op, who: at.account_states.lock(op, who, reason="lost laptop"),
    "unlock": lambda at, op, who: at.account_states.unlock(op, who),
    "disable": lambda at, op, who: at.account_states.disable(op, who),
    "enable": lambda at, op, who: at.account_states.enable(op, who),
    "set a password": lambda at, op, who: at.account_states.set_password(op, who, GOOD + "-2"),
    "end sessions": lambda at, op, who: at.account_states.end_sessions(op, who),
    "reset factors": lambda at, op, who: at.factor_reset.reset(op, who),
    "unlink": lambda at, op, who: at.account_links.unlink(op, who, FederatedKey("acme", f"s-{who}")),
    "lock by subject": lambda at, op, who: at.identity_locks.lock(op, by_subject(f"s-{who}"), reason="x"),
    "lock by address": lambda at, op, who: at.identity_locks.lock(
        op, by_email(f"{who}@a.example"), reason="x"
    ),
    "unlock by subject": lambda at, op, who: at.identity_locks.unlock(op, by_subject(f"s-{who}")),
}
ADMINISTER: dict[str, Verb] = {
    "add a provider": lambda at, op, who: at.identity_providers.add(op, ACME),
    "switch a provider": lambda at, op, who: at.identity_providers.set_enabled(op, "acme", enabled=False),
    "test a provider": lambda at, op, who: at.identity_providers.test(op, "acme"),
    "remove a provider": lambda at, op, who: at.provider_removing.remove_unused(op, "acme"),
    "refresh metadata": lambda at, op, who: at.saml_metadata.refresh(op, "acme"),
    "rotate a key": lambda at, op, who: at.saml_keys.begin(op, "acme"),
    "register": lambda at, op, who: at.applications.register(op, WIKI),
    "rotate a secret": lambda at, op, who: at.applications.rotate_secret(op, "wiki"),
    "add a role": lambda at, op, who: at.roles.add(op, "staff"),
    "add a purpose": lambda at, op, who: at.purposes.add(op, Purpose("", "Office", "So.", ())),
    "add a store": lambda at, op, who: at.user_stores.add(
        op, UserStoreRecord("", UserStoreDescription("OWN"), OwnDatabase())
    ),
    "add a user": lambda at, op, who: at.users.add(op, NewUser("newcomer")),
    "give a role": lambda at, op, who: at.users.change(op, who, UserEdit(roles_added=(AUDITOR_ROLE,))),
    "make an operator": lambda at, op, who: at.operators.give(op, who, HELP_DESK_ROLE),
    "end an operator": lambda at, op, who: at.operators.take_away(op, who, HELP_DESK_ROLE),
    "remove a user": lambda at, op, who: at.users.remove(op, who),
    "link": lambda at, op, who: at.account_links.link(
        op, who, FederatedKey("acme", "s-new"), privileged=True
    ),
}
END: dict[str, Verb] = {
    "end an administrator": lambda at, op, who: at.operators.take_away(op, who, OPERATOR_ROLE)
}
MISSING = [
    *((name, verb, NOBODY) for name, verb in (SEE | HELP | ADMINISTER).items()),
    *((name, verb, AUDIT) for name, verb in (HELP | ADMINISTER).items()),
    *((name, verb, DESK) for name, verb in ADMINISTER.items()),
]


async def an_office() -> Office:
    """Open an office with Acme, a plain person and somebody of every role, all linked and with a second factor."""
    office = Office(enhanced=True)
    await office.identity_providers.add(ROOT, ACME)
    for name, role in (
        ("ada", None),
        ("root", OPERATOR_ROLE),
        ("desk", HELP_DESK_ROLE),
        ("audit", AUDITOR_ROLE),
    ):
        roles = (role,) if role else ()
        links, email = (FederatedKey("acme", f"s-{name}"),), {"email": (f"{name}@a.example",)}
        new = NewUser(name, attributes=email, roles=roles, password=GOOD, links=links)
        await _sign_in(office, await office.users.add(ROOT, new))
    return office


async def _sign_in(office: Office, user: User) -> None:
    now = office.clock.now()
    person = LocalPerson(user.id, "PRIMARY")
    session = Session(f"h-{user.id}", user.id, person, now, now, now, now + timedelta(hours=1))
    factor = Factor(f"f-{user.id}", user.id, TOTPSecret("A" * 32), now, "phone")
    await office.doors.unit_of_work.commit(
        AddSession(session),
        AddFactor(factor),
        SetHasSecondFactor(user.id, user.version, has_second_factor=True),
    )


@pytest.mark.parametrize(
    ("name", "verb", "operator"), MISSING, ids=lambda one: getattr(one, "name", None) or str(one)[:20]
)
async def test_verb_without_its_right_is_refused(name: str, verb: Verb, operator: Operator) -> None:
    """R-112: whoever has not the right is refused before anything is looked at, and nothing is changed."""
    office = await an_office()
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await verb(office, operator, "ada")
    assert ("operator_right_missing", before) == (refused.value.code, office.doors.look()), name


@pytest.mark.parametrize("name", [*SEE, *HELP])
async def test_help_desk_helps_people_and_auditors_look(name: str) -> None:
    """Issue 7: the help desk does on a plain person's account what helps; an auditor sees all that it sees."""
    office = await an_office()
    await (SEE | HELP)[name](office, DESK, "ada")
    if name in SEE:
        await SEE[name](office, AUDIT, "ada")
        await SEE[name](office, COMMAND_LINE, "ada")


@pytest.mark.parametrize("name", HELP)
async def test_help_desk_does_not_reach_administrators(name: str) -> None:
    """R-112: the help desk touches no account that may do more, though its equals'; an administrator does.

    An auditor takes records away, which the help desk may not: it would sign in as one, and take them.
    """
    office = await an_office()
    before = office.doors.look()
    for more in ("root", "audit"):
        with pytest.raises(NotAllowed) as refused:
            await HELP[name](office, DESK, more)
        assert ("operator_outranks_you", before) == (refused.value.code, office.doors.look())
    await HELP[name](office, DESK, "desk")
    for more in ("root", "audit"):
        await HELP[name](office, ROOT, more)


@pytest.mark.parametrize("by", ["lock", "disable", "lock by subject", "remove a user"])
async def test_nobody_shuts_out_themselves(by: str) -> None:
    """Issue 7: an administrator cannot lock, disable or remove the account that they are signed in with."""
    office = await an_office()
    root, desk = await _as_operator(office, "root"), await _as_operator(office, "desk")
    before = office.doors.look()
    verb = (HELP | ADMINISTER)[by]
    for operator in (root, desk) if by in HELP else (root,):
        with pytest.raises(NotAllowed) as refused:
            await verb(office, operator, operator.name)
        assert ("operator_may_not_lock_out_themselves", before) == (refused.value.code, office.doors.look())
    await verb(office, root, "desk")
    await verb(office, COMMAND_LINE, "root")


async def test_last_way_in_of_ones_own_is_kept() -> None:
    """Issue 7: forced or not, an administrator does not unlink what alone lets them in; another one does it."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    key = FederatedKey("acme", "s-1")
    await office.users.add(ROOT, NewUser("boss", roles=(OPERATOR_ROLE,), links=(key,)))
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.account_links.unlink(await _as_operator(office, "boss"), "boss", key, forced=True)
    assert ("operator_may_not_lock_out_themselves", before) == (refused.value.code, office.doors.look())
    await office.account_links.unlink(ROOT, "boss", key, forced=True)


async def test_no_role_is_given_that_allows_more_than_the_giver_may() -> None:
    """R-112: whoever may not help people gives nobody the role that does; what allows less they give."""
    office = await an_office()
    odd = Operator(
        "u-odd", "odd", rights_of([OPERATOR_ROLE]) - rights_of([HELP_DESK_ROLE]) | rights_of([AUDITOR_ROLE])
    )
    before = office.doors.look()
    for role in (HELP_DESK_ROLE, OPERATOR_ROLE):
        for refused_verb in (
            office.users.change(odd, "ada", UserEdit(roles_added=(role,))),
            office.users.add(odd, NewUser("newcomer", roles=(role,))),
            office.operators.give(odd, "ada", role),
        ):
            with pytest.raises(NotAllowed) as refused:
                await refused_verb
            assert ("operator_may_not_grant", before) == (refused.value.code, office.doors.look())
    await office.operators.give(odd, "ada", AUDITOR_ROLE)
    assert (await office.users.get(ROOT, "ada")).has_role(AUDITOR_ROLE)


async def test_nobody_takes_their_own_administration_away() -> None:
    """Issue 7: own rights are not given up; a lesser role beside them is, and another administrator may take it."""
    office = await an_office()
    root = await _as_operator(office, "root")
    await office.operators.give(root, "root", AUDITOR_ROLE)
    before = office.doors.look()
    for edit in (
        UserEdit(roles_removed=(OPERATOR_ROLE,)),
        UserEdit(roles_removed=(OPERATOR_ROLE, AUDITOR_ROLE)),
    ):
        with pytest.raises(NotAllowed) as refused:
            await office.users.change(root, "root", edit)
        assert ("operator_may_not_lock_out_themselves", before) == (refused.value.code, office.doors.look())
    await office.operators.take_away(root, "root", AUDITOR_ROLE)
    await office.operators.give(root, "ada", OPERATOR_ROLE)
    ada = await _as_operator(office, "ada")
    await office.operators.take_away(ada, "root", OPERATOR_ROLE)
    assert operator_of(await office.users.get(ROOT, "root")) is None


async def _lost_to_the_first(office: Office, held: Sequence[Change], verb: Awaitable[object]) -> None:
    """Who looked before the first had done it is refused by the commit, who looks now by what they see."""
    before = office.doors.look()
    with pytest.raises(Conflict) as lost:
        await office.doors.unit_of_work.commit(*held)
    with pytest.raises(NotAllowed) as refused:
        await verb
    assert ("user", "operators_all_shut_out") == (lost.value.what, refused.value.code)
    assert before is office.doors.look()


@pytest.mark.parametrize(
    "by", ["lock", "disable", "lock by subject", "remove a user", "end an administrator"]
)
async def test_two_administrators_do_not_shut_out_each_other(by: str) -> None:
    """R-021: of two who shut out each other at one moment the second is refused, so that one is always left."""
    office = await an_office()
    await office.operators.give(ROOT, "ada", OPERATOR_ROLE)
    root, ada = await _as_operator(office, "root"), await _as_operator(office, "ada")
    verb, other = (HELP | ADMINISTER | END)[by], await office.users.get(ROOT, "ada")
    held = await office.account_states.ways.holding(root, other)
    await office.doors.unit_of_work.commit(*held)
    await verb(office, ada, "root")
    await _lost_to_the_first(office, held, verb(office, root, "ada"))
    await verb(office, ROOT, "ada")


async def test_last_ways_in_of_two_administrators_do_not_go_at_one_moment() -> None:
    """R-021: of two administrators who take the only way in from each other the second is refused."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    keys = {name: FederatedKey("acme", f"s-{name}") for name in ("one", "two")}
    for name, key in keys.items():
        await office.users.add(ROOT, NewUser(name, roles=(OPERATOR_ROLE,), links=(key,)))
    one, two = await _as_operator(office, "one"), await _as_operator(office, "two")
    held = await office.account_states.ways.holding(one, await office.users.get(ROOT, "two"))
    await office.account_links.unlink(two, "one", keys["one"], forced=True)
    unlinking = office.account_links.unlink(one, "two", keys["two"], forced=True)
    await _lost_to_the_first(office, held, unlinking)
    await office.account_links.unlink(ROOT, "two", keys["two"], forced=True)


async def test_nobody_switches_off_the_store_of_their_own_account() -> None:
    """Issue 7: an administrator does not shut themselves out with everybody in their store; another one may."""
    office = await an_office()
    await office.user_stores.add(ROOT, UserStoreRecord("", UserStoreDescription("OWN"), OwnDatabase()))
    await office.users.add(ROOT, NewUser("boss", "OWN", roles=(OPERATOR_ROLE,), password=GOOD))
    boss = await _as_operator(office, "OWN/boss")
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.user_stores.disable(boss, "own")
    assert ("operator_may_not_lock_out_themselves", before) == (refused.value.code, office.doors.look())
    saved = await office.user_stores.disable(await _as_operator(office, "root"), "OWN")
    assert not saved.record.description.enabled


async def test_operators_are_listed_with_what_they_may() -> None:
    """Issue 7: whoever holds a role that opens the console is listed by name, page by page, and nobody else."""
    office = await an_office()
    page = await office.operators.list(AUDIT)
    assert [("audit", 2), ("desk", 2), ("root", 4)] == [
        (one.user.username.name, len(one.rights)) for one in page.operators
    ]
    assert page.after is None
    for number in range(20):
        await office.users.add(ROOT, NewUser(f"one-{number}", roles=(AUDITOR_ROLE,)))
    first = await office.operators.list(AUDIT)
    second = await office.operators.list(AUDIT, after=first.after or "")
    assert (20, 3, None) == (len(first.operators), len(second.operators), second.after)
    both = {one.user.id for one in (*first.operators, *second.operators)}
    assert 23 == len(both)


async def test_only_roles_of_operators_are_given_as_such() -> None:
    """Issue 7: the verb for operators gives no other role, whatever a form says; it gives one of theirs."""
    office = await an_office()
    await office.roles.add(ROOT, "staff")
    before = office.doors.look()
    for role in ("staff", "Operator", "", "everyone"):
        for refused_verb in (
            office.operators.give(ROOT, "ada", role),
            office.operators.take_away(ROOT, "ada", role),
        ):
            with pytest.raises(InvalidInput) as refused:
                await refused_verb
            assert ("operator_role_unknown", before) == (refused.value.code, office.doors.look())
    await office.operators.give(ROOT, "ada", AUDITOR_ROLE)
    assert await office.setup.offer() is None


async def test_auditor_alone_does_not_end_the_offer_of_a_set_up_link() -> None:
    """R-118: a house with an auditor and a help desk still lacks somebody to administer it."""
    office = Office()
    await office.users.add(ROOT, NewUser("audit", roles=(AUDITOR_ROLE, HELP_DESK_ROLE)))
    assert await office.setup.offer() is not None
    await office.users.add(ROOT, NewUser("root", roles=(OPERATOR_ROLE,)))
    assert await office.setup.offer() is None


@pytest.mark.parametrize(
    "role", ["operator.helpdesk", "Operator.HelpDesk", "operator.auditor", "OPERATOR.AUDITOR"]
)
async def test_role_that_opens_the_console_is_ours_alone(role: str) -> None:
    """R-038: no look-alike is defined, no such role is removed, and its holders are linked only on purpose."""
    office = await an_office()
    before = office.doors.look()
    if role != role.lower():
        with pytest.raises(JitneyError) as refused:
            await office.roles.add(ROOT, role)
        assert ("role_taken", before) == (refused.value.code, office.doors.look())
    else:
        with pytest.raises(NotAllowed) as kept:
            await office.roles.remove(ROOT, role)
        assert ("role_reserved", before) == (kept.value.code, office.doors.look())
        who = role.removeprefix("operator.").replace("helpdesk", "desk").replace("auditor", "audit")
        with pytest.raises(NotAllowed) as unmeant:
            await office.account_links.link(ROOT, who, FederatedKey("acme", "s-new"))
        assert ("user_is_privileged", before) == (unmeant.value.code, office.doors.look())
    await office.roles.add(ROOT, "operators")
    await office.account_links.link(ROOT, "ada", FederatedKey("acme", "s-new"))


async def _as_operator(office: Office, name: str) -> Operator:
    operator = operator_of(await office.users.get(ROOT, name))
    assert operator is not None
    return operator
