"""What a directory cannot or will not do is said in our words, and nothing is half done."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from tests.contract.entry_store.ldap_clients import SlapdRaw
from tests.contract.entry_store.ldap_kinds import OPTIONS, connection_to
from tests.contract.entry_store.ldap_standing import emptied, opened, plain_connection_to, refusal_of
from tests.contract.entry_store.people import new_entry
from tests.contract.entry_store.standing import DESCRIPTION, Stranger
from tests.servers.ldap_faults import ADMIN_LIMIT, BUSY, TIME_LIMIT, UNAVAILABLE, refusing
from tests.servers.slapd import SlapdServer
from tests.servers.tcp_shim import TcpShim

from jitney.errors import UserStoreRejected, UserStoreUnavailable
from jitney.model.entry import EntryChanges
from jitney.model.user_store_record import TLSMode
from jitney.userstores.ldap.entries import LDAPEntryStore

pytestmark = pytest.mark.anyio

_ELSEWHERE = "ldap://127.0.0.1:1"


@pytest.fixture(scope="module")
def server() -> Iterator[SlapdServer]:
    with SlapdServer(replace(OPTIONS, referral_to=_ELSEWHERE)) as server:
        yield server


@pytest.fixture
async def raw(server: SlapdServer) -> SlapdRaw:
    return await emptied(server)


@pytest.fixture
async def store(server: SlapdServer) -> AsyncIterator[LDAPEntryStore]:
    async with opened(connection_to(server)) as store:
        yield store


async def test_wrong_password_of_the_account_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-044: a bind that the directory refuses is no empty directory."""
    async with opened(connection_to(server), bind_password="wrong") as store:
        for asking in (store.find_by_name("alice"), store.page(), store.add(new_entry(), None)):
            fault = await refusal_of(asking)
            assert (UserStoreUnavailable, "user_store_bind_refused") == (type(fault), fault.code)


@pytest.mark.parametrize("changes", [{"bind_password": None}, {"bind_password": " "}, {"bind_dn": ""}])
async def test_account_without_a_password_is_not_tried(
    server: SlapdServer, changes: dict[str, str | None]
) -> None:
    """R-042: a bind without name or password would succeed as nobody, so it is not even tried."""
    async with opened(connection_to(server), **changes) as store:
        assert "user_store_bind_refused" == (await refusal_of(store.find_by_name("alice"))).code


async def test_missing_base_is_told(server: SlapdServer) -> None:
    """R-045: a base that is not there is a fault: it must not look as if everybody had gone."""
    async with opened(connection_to(server), user_base=f"ou=nowhere,{server.base_dn}") as store:
        for asking in (store.find("x"), store.find_by_name("x"), store.page(), store.add(new_entry(), None)):
            assert "user_store_base_missing" == (await refusal_of(asking)).code


async def test_referral_of_a_base_is_not_followed(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: a directory that sends us elsewhere is not followed, in reading and in writing."""
    before = await raw.dump()
    async with opened(connection_to(server), user_base=f"ou=elsewhere,{server.base_dn}") as store:
        for asking in (store.find_by_name("alice"), store.page(), store.add(new_entry(), None)):
            assert "user_store_referral" == (await refusal_of(asking)).code
    assert before == await raw.dump()


async def test_referral_among_the_answers_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: an answer that is only a part, the rest being elsewhere, is no answer."""
    await raw.seed(Stranger("alice"))
    async with opened(connection_to(server), user_base=server.base_dn) as store:
        assert "user_store_referral" == (await refusal_of(store.find_by_name("nobody"))).code
        assert "user_store_referral" == (await refusal_of(anext(store.values("email")))).code


async def test_filter_that_cannot_be_read_is_told(server: SlapdServer) -> None:
    """R-041: an operator's filter with a parenthesis too few is a fault of the settings."""
    async with opened(connection_to(server), user_filter="(objectClass=person") as store:
        assert "user_store_filter_malformed" == (await refusal_of(store.find_by_name("alice"))).code


async def test_read_only_directory_says_so(server: SlapdServer, raw: SlapdRaw) -> None:
    """A directory that takes no writes refuses each of them, is read as before, and keeps what it holds."""
    stranger = await raw.seed(Stranger("bob"))
    before = await raw.dump()
    server.reconfigure(replace(server.options, read_only=True))
    try:
        async with opened(connection_to(server)) as store:
            assert await store.find(stranger) is not None
            for asking in _writes(store, stranger):
                fault = await refusal_of(asking)
                assert (UserStoreRejected, "user_store_refuses_writes") == (type(fault), fault.code)
            assert before == await raw.dump()
    finally:
        server.reconfigure(replace(server.options, read_only=False))


async def test_read_only_store_is_not_written(server: SlapdServer, raw: SlapdRaw) -> None:
    """A store that the operator made read-only is not even asked for a write."""
    stranger = await raw.seed(Stranger("bob"))
    before = await raw.dump()
    store = LDAPEntryStore(connection_to(server), replace(DESCRIPTION, read_only=True))
    for asking in (*_writes(store, stranger), store.remove(stranger, "")):
        assert "user_store_refuses_writes" == (await refusal_of(asking)).code
    assert before == await raw.dump()
    await store.aclose()


async def test_account_without_permission_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """An account that may read and not write is refused each write, and nothing has changed."""
    stranger = await raw.seed(Stranger("bob", password="Bobs-Own-22222"))
    before = await raw.dump()
    account = {"bind_dn": raw.dn_of(stranger), "bind_password": "Bobs-Own-22222"}
    async with opened(connection_to(server), **account, user_base=raw.dn_of(stranger)) as store:
        assert await store.find(stranger) is not None
        for asking in (
            store.change(stranger, EntryChanges({"email": ("x@example.org",)})),
            store.set_password(stranger, "Mine-Now-12345"),
        ):
            fault = await refusal_of(asking)
            assert (UserStoreRejected, "user_store_permission_denied") == (type(fault), fault.code)
    assert before == await raw.dump()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (BUSY, "user_store_busy"),
        (UNAVAILABLE, "user_store_busy"),
        (TIME_LIMIT, "user_store_timed_out"),
        (ADMIN_LIMIT, "user_store_answer_cut"),
    ],
)
async def test_directory_that_declines_a_question_is_told(
    server: SlapdServer, raw: SlapdRaw, answer: int, code: str
) -> None:
    """P-11: a busy or limited directory has not said that there is nobody."""
    await raw.seed(Stranger("alice"))
    with TcpShim(server.port) as shim:
        async with opened(plain_connection_to(server, shim)) as store:
            shim.answer(refusing(answer, "search"))
            assert code == (await refusal_of(store.find_by_name("alice"))).code
            shim.pass_through()
            assert await store.find_by_name("alice") is not None


async def test_busy_directory_has_made_nothing(server: SlapdServer, raw: SlapdRaw) -> None:
    """P-3: an add that is declined as busy was not done: it is no unknown outcome."""
    before = await raw.dump()
    with TcpShim(server.port) as shim:
        async with opened(plain_connection_to(server, shim)) as store:
            shim.answer(refusing(BUSY, "add"))
            fault = await refusal_of(store.add(new_entry(), None))
            assert (UserStoreUnavailable, "user_store_busy") == (type(fault), fault.code)
    assert before == await raw.dump()


async def test_full_directory_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A directory without room refuses new people, keeps everybody whom it has, and says why."""
    with SlapdServer(replace(OPTIONS, max_bytes=1 << 20)) as server:
        raw = await emptied(server)
        async with opened(connection_to(server)) as store:
            first = await store.add(new_entry("first"), None)
            fault, count = None, 0
            while fault is None:
                try:
                    await store.add(new_entry(f"user{count}", given_name="x" * 20_000), None)
                except UserStoreRejected as refusal:
                    fault = refusal
                count += 1
            assert "user_store_full" == fault.code
            assert await store.find_by_name(f"user{count - 1}") is None
            assert first == await store.find(first.id)
        assert count == len([label for label in await raw.dump() if "uid=" in label])


async def test_entry_that_breaks_the_schema_is_not_made(server: SlapdServer, raw: SlapdRaw) -> None:
    """An entry that the schema does not take is refused whole, and the number of the reason is told."""
    before = await raw.dump()
    attributes = {**connection_to(server).attributes, "shell": "loginShell"}
    async with opened(connection_to(server), attributes=attributes) as store:
        fault = await refusal_of(store.add(new_entry(shell="/bin/sh"), None))
    assert (UserStoreRejected, "user_store_rejects_entry") == (type(fault), fault.code)
    assert {"result_code"} == set(fault.details)
    assert before == await raw.dump()


async def test_password_that_the_policy_refuses_is_told() -> None:
    """A password that is too short for the directory is refused as such, in a new entry and in an old one."""
    with SlapdServer(OPTIONS) as server:
        raw = await emptied(server)
        server.directory().modify(
            f"cn=default,ou=policies,{server.base_dn}", {"pwdMinLength": "12", "pwdCheckQuality": "2"}
        )
        before = await raw.dump()
        async with opened(connection_to(server)) as store:
            fault = await refusal_of(store.add(new_entry(), "short"))
            assert "user_store_rejects_password" == fault.code
            assert before == await raw.dump()
            made = await store.add(new_entry(), "long-enough-for-it")
            assert (
                "user_store_rejects_password" == (await refusal_of(store.set_password(made.id, "short"))).code
            )
            assert await store.check_password(made.id, "long-enough-for-it")


async def test_list_that_the_server_cuts_is_told(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: where the directory gives fewer entries than were asked for, that is no whole answer."""
    for name in ("a", "b", "c", "d"):
        await raw.seed(Stranger(name, {"family_name": ("Same",)}))
    server.reconfigure(replace(server.options, size_limit=2))
    try:
        async with opened(connection_to(server)) as store:
            cut = await refusal_of(store.find_by_attribute("family_name", "same", limit=4))
            assert "user_store_answer_cut" == cut.code
            assert 2 == len(await store.find_by_attribute("family_name", "same", limit=2))
            assert ["a", "b", "c", "d"] == [entry.name for entry in await store.page()]
    finally:
        server.reconfigure(replace(server.options, size_limit=None))


async def test_secrets_of_the_store_are_in_no_text(server: SlapdServer) -> None:
    """R-128: neither the bind password nor what a directory says in its own words reaches a fault or a text."""
    connection = connection_to(server)
    assert connection.bind_password is not None
    assert connection.bind_password not in repr(connection)
    async with opened(connection, bind_password="Wrong-Secret-9") as store:
        fault = await refusal_of(store.find_by_name("secret-name"))
    assert not [word for word in ("Wrong-Secret-9", "secret-name", server.bind_dn) if word in repr(fault)]


async def test_plain_connection_is_for_those_who_ask_for_it(server: SlapdServer, raw: SlapdRaw) -> None:
    """R-043: without TLS a directory is asked only where the record says so in as many words."""
    await raw.seed(Stranger("alice"))
    async with opened(connection_to(server), url=server.url, tls=TLSMode.NONE) as store:
        assert await store.find_by_name("alice") is not None


def _writes(store: LDAPEntryStore, stranger: str) -> list[object]:
    return [
        store.add(new_entry("alice"), None),
        store.change(stranger, EntryChanges({"email": ("x@example.org",)})),
        store.set_password(stranger, "Mine-Now-12345"),
    ]
