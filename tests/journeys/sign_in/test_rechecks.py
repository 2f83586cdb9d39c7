"""What was allowed when a journey began is asked again at every step, and once more inside the last commit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.doors import STORES, memory_doors
from tests.journeys.sign_in.sign_in_house import (
    ACME,
    BROWSER,
    PASSWORD,
    House,
    ada,
    furnish,
    journey_of,
    make_house,
    memory_of,
    open_house,
    refusal_of,
)

from jitney.errors import Overloaded, UserStoreUnavailable
from jitney.model.changes import (
    AddRole,
    AddSession,
    Change,
    RehashPassword,
    RemoveRole,
    SetPassword,
)
from jitney.model.claims import MappingTable, RoleMapping
from jitney.model.policy import PromptMode
from jitney.model.session import PassingPerson
from jitney.model.sign_in import Stage
from jitney.model.user import OPERATOR_ROLE, Lock, UserState
from jitney.ports import OutcomeFilter, UnitOfWork
from jitney.signin.journey import Arrived, Prompt, Refused
from jitney.userstores.memory import MemoryUserStore
from jitney.userstores.passwords import Argon2Cost, Argon2Passwords
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio

Act = Callable[[House], Awaitable[Any]]


@dataclass
class Interrupted:
    """Lets something happen right before each commit that would let somebody in; as often as ``times`` says."""

    behind: UnitOfWork
    meanwhile: Callable[[], Awaitable[Any]] | None = None
    times: int = 1
    before: type = AddSession

    async def commit(self, *changes: Change) -> None:
        if self.meanwhile and self.times and any(isinstance(change, self.before) for change in changes):
            self.times -= 1
            await self.meanwhile()
        await self.behind.commit(*changes)


async def interrupted_house() -> tuple[House, Interrupted]:
    doors = memory_doors()
    between = Interrupted(doors.unit_of_work)
    return await furnish(make_house(doors, unit_of_work=between)), between


async def lock(house: House) -> None:
    await house.set_state(lock=Lock("left the company", house.clock.now()))


async def change_issuer(house: House) -> None:
    connection = (await house.provider()).connection
    await house.change_provider(connection=replace(connection, issuer="https://new.example"))


async def end_journeys(house: House) -> None:
    """Move all journeys on, as another node would."""
    kept = memory_of(house).look().copy()
    kept.sign_ins = {key: replace(each, version=99) for key, each in kept.sign_ins.items()}
    memory_of(house).publish(kept)


CLOSED: dict[str, Act] = {
    "identity_provider_disabled": lambda house: house.change_provider(enabled=False),
    "application_disabled": lambda house: house.change_application(enabled=False),
    "identity_provider_not_offered": lambda house: house.change_application(identity_providers=("globex",)),
    "identity_provider_unknown": House.remove_provider,
    "connection_changed": change_issuer,
}
"""Reason code → what an operator did meanwhile, to somebody who arrives for the first time."""

BARRED: dict[str, Act] = {
    "user_locked": lock,
    "user_disabled": lambda house: house.set_state(state=UserState.DISABLED),
    "user_pending": lambda house: house.set_state(state=UserState.PENDING),
}
"""Reason code → what an operator did meanwhile, to somebody who has been here before."""

WHILE_AWAY = {
    code: act
    for code, act in CLOSED.items()
    if code not in {"identity_provider_unknown", "connection_changed"}
}


@pytest.mark.parametrize("code", WHILE_AWAY)
async def test_what_was_closed_while_the_person_was_away_stays_closed(house: House, code: str) -> None:
    """R-021, P-7: IdP, mode and application are asked again on the way back; nobody is made and nobody comes in."""
    state = await house.leave()
    await CLOSED[code](house)
    step = await house.come_back(state)
    assert isinstance(step, Refused)
    assert code == step.outcome.code == (await house.codes())[0]
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])


async def test_return_to_a_provider_that_is_gone_is_refused_by_that_name(house: House) -> None:
    """R-021: there is nobody left who could have answered, and the reason is the same at whichever moment it went.

    Only the journey ends, with its outcome; ``test_what_closes_before_the_last_commit`` is the moment after.
    """
    state = await house.leave()
    await house.remove_provider()
    step = await house.come_back(state)
    assert isinstance(step, Refused)
    assert "identity_provider_unknown" == step.outcome.code == (await house.codes())[0]
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])
    assert "sign_in_moved_on" == (await refusal_of(house, house.come_back(state))).code


@pytest.mark.parametrize("code", CLOSED)
async def test_what_closes_before_the_last_commit_keeps_the_person_out(code: str) -> None:
    """R-021, P-2, P-7: what the decision took for granted is held inside the final commit itself."""
    house, between = await interrupted_house()
    between.meanwhile = lambda: CLOSED[code](house)
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert (code, 0) == (step.outcome.code, between.times)
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])


@pytest.mark.parametrize("code", BARRED)
@pytest.mark.parametrize("when", ["away", "committing"])
async def test_person_who_was_barred_meanwhile_is_kept_out(code: str, when: str) -> None:
    """B4, C18, R-021, R-048, P-7: user active and unlocked, on the way back and in the commit; no sync."""
    house, between = await interrupted_house()
    await house.sign_in()
    state = await house.leave()
    if when == "away":
        await BARRED[code](house)
    else:
        between.meanwhile = lambda: BARRED[code](house)
        between.times = 1
    step = await house.come_back(state)
    assert isinstance(step, Refused)
    assert code == step.outcome.code
    assert 1 == len((await house.snapshot())["sessions"])
    await house.set_state()
    await house.sign_in()


@pytest.mark.parametrize("code", BARRED)
async def test_person_who_is_barred_is_kept_out_where_provisioning_is_off_too(
    house: House, code: str
) -> None:
    """C18, R-027, R-048: a state of the account counts where nobody is provisioned too; nothing is changed."""
    await house.sign_in()
    await house.change_policy(enabled=False)
    await BARRED[code](house)
    before, state = await house.user(), await house.leave()
    sessions = (await house.snapshot())["sessions"]
    step = await house.come_back(state)
    assert isinstance(step, Refused)
    assert (code, before, sessions) == (
        step.outcome.code, await house.user(), (await house.snapshot())["sessions"],
    )  # fmt: skip
    expired = Lock("too many tries", house.clock.now(), house.clock.now())
    await house.set_state(lock=expired)
    await house.sign_in()
    assert "signed_in_provisioning_off" == (await house.codes())[0]


async def test_provisioning_that_is_switched_off_meanwhile_makes_nobody() -> None:
    """R-021, R-027: "JIT still enabled": the person passes, as the policy now says, and no user is written."""
    house, between = await interrupted_house()
    between.meanwhile = lambda: house.change_policy(enabled=False)
    arrived = await house.sign_in()
    assert isinstance(arrived.session.person, PassingPerson)
    assert [] == await house.users()


async def test_role_that_is_taken_away_meanwhile_is_given_to_nobody() -> None:
    """B16: role and mapping go inside the commit: it fails whole, and is decided again without them."""
    house, between = await interrupted_house()
    mapped = MappingTable(
        user_id_claim="preferred_username", role_claim="groups", roles=(RoleMapping("eng", "boss"),)
    )
    await house.commit(AddRole("boss"))
    await house.change_provider(mappings=mapped)
    await house.change_policy(default_roles=("staff",))
    house.upstream.script["ada"] = ada(groups=["eng"])
    seen: list[tuple[int, int]] = []

    async def meanwhile() -> None:
        await house.change_provider(mappings=replace(mapped, roles=()))
        await house.commit(RemoveRole("boss"))

    async def look() -> None:
        kept = memory_of(house).look()
        seen.append((len(kept.users), len(kept.links)))
        if len(seen) == 1:
            await meanwhile()

    between.meanwhile, between.times = look, 2
    await house.sign_in()
    [link] = memory_of(house).look().links.values()
    user = await house.user()
    assert ([(0, 0), (0, 0)], user.id) == (seen, link.user_id)
    assert ["staff"] == [grant.name for grant in user.roles]
    assert ["provisioned"] == await house.codes()


async def test_role_that_may_not_be_given_is_dropped_and_the_rest_is_done(house: House) -> None:
    """B16: a role that is gone, or confers administration, is left out with a reason; the account is made whole."""
    table = MappingTable(
        user_id_claim="preferred_username", role_claim="groups",
        roles=(RoleMapping("eng", "staff"), RoleMapping("eng", "gone"), RoleMapping("eng", OPERATOR_ROLE)),
    )  # fmt: skip
    await house.change_provider(mappings=table)
    house.upstream.script["ada"] = ada(groups=["eng"])
    await house.sign_in()
    assert ["staff"] == [grant.name for grant in (await house.user()).roles]
    [outcome] = await house.doors.records.outcomes(OutcomeFilter())
    assert {("role_unknown_dropped", "gone"), ("role_privileged_dropped", OPERATOR_ROLE)} == {
        (reason.code, reason.about["role"]) for reason in outcome.reasons if "role" in reason.about
    }


async def test_change_that_closes_nothing_keeps_nobody_out() -> None:
    """R-021: the positive twin: a new version of provider and application that still let the person in."""
    house, between = await interrupted_house()

    async def rename() -> None:
        await house.change_provider(display_name="Acme Ltd")
        await house.change_application(name="The Shop")

    between.meanwhile = rename
    await house.sign_in()
    assert (0, 1) == (between.times, len(await house.users()))


async def test_changes_without_end_are_answered_with_an_outcome() -> None:
    """R-024, R-151: who loses every race is told to try again; nobody waits for ever and nothing is half done."""
    house, between = await interrupted_house()
    between.meanwhile, between.times = lambda: house.change_provider(display_name="Again"), 100
    step = await house.come_back(await house.leave())
    assert isinstance(step, Refused)
    assert ("sign_in_contended", 92) == (step.outcome.code, between.times)
    assert [] == await house.users()


async def test_journey_that_ended_elsewhere_makes_no_second_session() -> None:
    """R-018: a journey which was ended before its last commit lets nobody in, and writes no outcome twice."""
    house, between = await interrupted_house()
    state = await house.leave()

    between.meanwhile = lambda: end_journeys(house)
    with pytest.raises(Exception, match="completed already"):
        await house.come_back(state)
    assert ([], []) == (await house.users(), await house.codes())


async def test_refusal_of_a_journey_that_ended_elsewhere_is_told_so() -> None:
    """R-018: a commit whose answer was lost may have arrived; its refusal then changes nothing."""
    house, between = await interrupted_house()
    state = await house.leave()

    async def arrive_after_all() -> None:
        await end_journeys(house)
        raise Overloaded("database_commit_unknown", "Later.")

    between.meanwhile = arrive_after_all
    with pytest.raises(Exception, match="completed already"):
        await house.come_back(state)
    assert [] == await house.codes()


@pytest.mark.parametrize("when", ["away", "committing"])
async def test_mode_that_begins_to_ask_meanwhile_asks(when: str) -> None:
    """R-021: JIT still enabled and the same mode: what was silent and is no more, is asked."""
    house, between = await interrupted_house()
    state = await house.leave()
    if when == "away":
        await house.change_policy(prompt_mode=PromptMode.CONSENT)
    else:
        between.meanwhile = lambda: house.change_policy(prompt_mode=PromptMode.CONSENT)
    step = await house.come_back(state)
    assert isinstance(step, Prompt)
    assert ([], {}) == (await house.users(), (await house.snapshot())["sessions"])


async def test_question_cannot_be_carried_out(house: House) -> None:
    """R-024: no fall-through branch means "allow": whoever hands a question to the provisioner has a bug."""
    await house.change_policy(prompt_mode=PromptMode.CONSENT)
    step = await house.prompt()
    kept = await house.prompts.journeys.find_by_key_alone(step.key)
    looked = await house.hall.look(kept, connection=ACME.connection.fingerprint)
    before = await house.snapshot()
    with pytest.raises(TypeError, match="cannot be carried out"):
        await house.hall.provisioner.carry_out(looked.decision, looked.facts, kept, application=None)
    assert before == await house.snapshot()


async def test_person_without_application_is_let_in_by_the_provisioner(house: House) -> None:
    """R-021: where no application sent the person, the provider's guard stands alone."""
    away = replace(await journey_of(house, await house.leave()), request=None)
    kept = replace(away, stage=Stage.PROVEN, identity=ada())
    step = await house.hall.advance(kept, connection=ACME.connection.fingerprint)
    assert isinstance(step, Arrived)
    assert step.request is None


async def test_hall_takes_only_journeys_that_owe_provisioning(house: House) -> None:
    """R-018: an identity on a journey that stands elsewhere lets nobody in; on the right step it does."""
    away = replace(await journey_of(house, await house.leave()), identity=ada())
    for stage in set(Stage) - {Stage.PROVEN}:
        call = house.hall.advance(replace(away, stage=stage), connection=ACME.connection.fingerprint)
        assert "sign_in_moved_on" == (await refusal_of(house, call)).code
    call = house.hall.advance(
        replace(away, stage=Stage.PROVEN, identity=None), connection=ACME.connection.fingerprint
    )
    assert "sign_in_moved_on" == (await refusal_of(house, call)).code
    assert isinstance(
        await house.hall.advance(replace(away, stage=Stage.PROVEN), connection=ACME.connection.fingerprint),
        Arrived,
    )


# ── stores ──────────────────────────────────────────────────────────────────────────────────────────


class Unreachable:
    """A user store whose server does not answer."""

    entries = None
    description = STORES[0]

    async def find(self, user_id: str) -> None:
        raise UserStoreUnavailable("user_store_unreachable", "Later.")

    find_by_name_key = find_password_hash = page = find


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("user_store_disabled", {"enabled": False}),
        ("user_store_read_only", {"read_only": True}),
        ("user_store_unreachable", None),
    ],
)
async def test_store_that_cannot_take_or_tell_is_never_guessed_about(
    code: str, changed: dict[str, Any] | None, returning: bool
) -> None:
    """C12, R-021, R-024: a store that is off, read-only or silent makes nobody; a read-only one still tells."""
    house = await open_house()
    if returning:
        await house.sign_in()
    stores: list[Any] = [Unreachable()]
    if changed is not None:
        stores = [MemoryUserStore(replace(STORES[0], **changed), memory_of(house).look)]
    registry: Any = UserStoreRegistry(stores)
    weak = make_house(house.doors, user_stores=registry)
    weak.entropy.token()  # not the handles of the first house again
    step = await weak.come_back(await weak.leave(browser="w" * 43), browser="w" * 43)
    if returning and code == "user_store_read_only":
        assert isinstance(step, Arrived)
    else:
        assert isinstance(step, Refused)
        assert code == step.outcome.code
    assert int(returning) == len(await house.users())


# ── local sign-in ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", ["lock", "application", "password"])
async def test_local_person_is_asked_about_again_inside_the_commit(act: str) -> None:
    """R-021, P-7: locked, application off, or the password changed, between the comparison and the commit."""
    house, between = await interrupted_house()
    user = await house.add_local()
    handle = await house.choose()

    async def meanwhile() -> None:
        if act == "lock":
            await house.set_state(lock=Lock("left", house.clock.now()), name="grace")
        elif act == "application":
            await house.change_application(enabled=False)
        else:
            await house.commit(SetPassword(user.id, user.version, "another"))

    between.meanwhile = meanwhile
    with pytest.raises(Exception, match="Something changed meanwhile"):
        await house.local.sign_in(handle, "grace", PASSWORD, browser=BROWSER)
    assert ({}, []) == ((await house.snapshot())["sessions"], await house.codes())


async def test_hash_that_was_renewed_meanwhile_keeps_nobody_out() -> None:
    """R-124: two sign-ins at once both renew the hash of one password; both come in."""
    house, between = await interrupted_house()
    user = await house.add_local(password=None)
    weaker = await Argon2Passwords(Argon2Cost(8, 2, 1)).hash(PASSWORD)
    await house.commit(SetPassword(user.id, user.version, weaker))
    between.before = RehashPassword
    between.meanwhile = lambda: house.commit(RehashPassword(user.id, weaker, "the other's"))
    step = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser=BROWSER)
    assert isinstance(step, Arrived)
    assert "the other's" == await house.doors.primary.find_password_hash(user.id)


async def test_lock_that_has_run_out_keeps_nobody_out(house: House) -> None:
    """C18, R-048: the positive twin: an expired lock bars nobody."""
    await house.sign_in()
    await house.set_state(
        lock=Lock("too many tries", house.clock.now(), house.clock.now() + timedelta(minutes=1))
    )
    assert isinstance(await house.come_back(await house.leave()), Refused)
    house.clock.advance(timedelta(minutes=1))
    await house.sign_in()
