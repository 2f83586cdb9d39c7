"""Tries a directory step by step, and says what is wrong and how to mend it; keeps and changes nothing."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from jitney.errors import JitneyError
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.user_store_record import LDAPConnection, UserStoreRecord
from jitney.userstores.ldap.directory import Directory
from jitney.userstores.ldap.trials.bind import ADVICE, try_bind
from jitney.userstores.ldap.trials.content import try_base, try_groups, try_people
from jitney.userstores.ldap.trials.reach import try_connection, try_name
from jitney.userstores.ldap.trials.schema import try_schema
from jitney.userstores.ldap.trials.tls import try_tls
from jitney.userstores.ldap.trials.write import try_write
from jitney.userstores.ldap.wire.answers import Refused, Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection
from jitney.userstores.ldap.wire.faults import fault_in_reading

Trial = tuple[str, Callable[[], Awaitable[Step]]]


async def diagnose(record: UserStoreRecord, connection: LDAPConnection) -> Diagnosis:
    """Try everything that signing in and making people needs; never raises for what is wrong with it.

    The first step that goes badly is the last one that is tried.
    """
    directory = Directory(connection, None)
    opened: list[DirectoryConnection] = []

    async def bind() -> Step:
        step, made = await try_bind(directory.opener)
        opened.extend([made] if made is not None else [])
        return step

    reaching: list[Trial] = [
        ("name_resolution", lambda: try_name(connection)),
        ("connection", lambda: try_connection(connection)),
        ("tls", lambda: try_tls(connection)),
        ("bind", bind),
    ]
    try:
        return Diagnosis(tuple(await _try([*reaching, *_of_content(record, directory, opened)])))
    finally:
        for each in opened:
            each.close()
        directory.close()


def _of_content(
    record: UserStoreRecord, directory: Directory, opened: Sequence[DirectoryConnection]
) -> list[Trial]:
    """Return what is tried once there is a connection; what the store does not need is not tried."""
    connection = directory.connection
    may_write = not record.description.read_only
    trial_name = f"jitney-trial-{uuid4()}"
    trials: list[tuple[str, bool, Callable[[], Awaitable[Step]]]] = [
        ("base", True, lambda: try_base(opened[0], connection.user_base)),
        ("read", True, lambda: try_people(opened[0], directory)),
        ("schema", may_write, lambda: try_schema(opened[0], directory)),
        ("groups", connection.groups.base is not None, lambda: try_groups(opened[0], connection.groups)),
        ("write", may_write, lambda: try_write(opened[0], directory, trial_name)),
    ]
    return [(name, trial) for name, is_needed, trial in trials if is_needed]


async def _try(trials: Sequence[Trial]) -> list[Step]:
    steps: list[Step] = []
    for name, trial in trials:
        if steps and steps[-1].finding in {Finding.BAD, Finding.NOT_TRIED}:
            steps.append(Step(name, Finding.NOT_TRIED, "What comes before it is to be mended first."))
        else:
            steps.append(await _said(name, trial()))
    return steps


async def _said(name: str, step: Awaitable[Step]) -> Step:
    """Return a step; where it could not be carried out, why."""
    try:
        return await step
    except (Refused, Unanswered) as flaw:
        fault = fault_in_reading(flaw)
    except JitneyError as known:
        fault = known
    return Step(name, Finding.BAD, ADVICE.get(fault.code, fault.sentence), fault.code)
