"""The switchboard: settings → doors → verbs → web; the only page that knows every room."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from jitney.administration.account_states import AccountStates
from jitney.administration.applications import ApplicationAdministration
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.identity_providers import IdentityProviderAdministration
from jitney.administration.roles import RoleAdministration
from jitney.administration.setup import Setup
from jitney.administration.user_finding import UserFinding
from jitney.administration.users import UserAdministration
from jitney.database.database import Database
from jitney.database.opening import open_database
from jitney.errors import JitneyError, NotFound
from jitney.jobs import Jobs
from jitney.logs import configure_logs
from jitney.openid_provider.provider import OpenIDProvider, Sockets
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_host_port
from jitney.ports import Clock, Entropy, UnitOfWork
from jitney.provisioning.facts import ServerRules
from jitney.settings import MasterKeys, Settings, load_master_keys
from jitney.signin.advance import Hall
from jitney.signin.arrival import Arrival
from jitney.signin.fact_finding import FactFinder
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.local_login import LocalLogin
from jitney.signin.provisioner import Provisioner
from jitney.signin.rehearsal import Rehearsal
from jitney.signin.sessions import SessionRules, Sessions
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.storage.account_links import SQLAccountLinks
from jitney.storage.applications import SQLApplications
from jitney.storage.grants import SQLGrants
from jitney.storage.identity_providers import SQLIdentityProviders
from jitney.storage.records import SQLRecords
from jitney.storage.remembered import ForgettingWork, RememberedApplications, RememberedIdentityProviders
from jitney.storage.roles import SQLRoles
from jitney.storage.schema import schema
from jitney.storage.sessions import SQLSessions
from jitney.storage.sign_ins import SQLSignIns
from jitney.storage.signing_keys import SQLSigningKeys
from jitney.storage.spent_once import SQLSetupLinks
from jitney.storage.sweeper import Leases, Sweeper
from jitney.storage.unit_of_work import SQLUnitOfWork, rendering
from jitney.storage.vault import Vault
from jitney.time_and_chance import SystemClock, SystemEntropy
from jitney.upstream.registry import UpstreamRegistry
from jitney.userstores import sql as sql_user_store
from jitney.userstores.passwords import Argon2Passwords
from jitney.userstores.patterns import compile_rules
from jitney.userstores.registry import UserStoreRegistry
from jitney.userstores.tables import METADATA as USER_TABLES
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.render import STATIC, Pages
from jitney.web.openid.answers import OpenIDAnswers
from jitney.web.openid.routes import Furniture
from jitney.web.openid.routes import routes as openid_routes
from jitney.web.pages.callback import Callback
from jitney.web.pages.health import Health
from jitney.web.pages.set_up import SetUpPages
from jitney.web.pages.sign_in import SignInPages
from jitney.web.pages.steps import StepPages

AroundWork = Callable[[UnitOfWork], UnitOfWork]
"""What may be laid around the unit of work: nothing in the product, a killer in the tests (R-145)."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors outward, open."""

    database: Database
    outgoing: OutgoingClient
    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    sign_ins: SQLSignIns
    links: SQLAccountLinks
    sessions: SQLSessions
    grants: SQLGrants
    stored_identity_providers: SQLIdentityProviders
    identity_providers: RememberedIdentityProviders
    stored_applications: SQLApplications
    applications: RememberedApplications
    roles: SQLRoles
    signing_keys: SQLSigningKeys
    setup_links: SQLSetupLinks
    records: SQLRecords
    user_stores: UserStoreRegistry
    passwords: Argon2Passwords
    upstreams: UpstreamRegistry

    async def is_database_reachable(self) -> bool:
        """Say whether the database answers a plain question."""
        try:
            await self.roles.names()
        except JitneyError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Verbs:
    """Everything that can be done, for whichever door asks."""

    arrival: Arrival
    federated_login: FederatedLogin
    local_login: LocalLogin
    upstream_logout: UpstreamLogout
    rehearsal: Rehearsal
    openid_provider: OpenIDProvider
    identity_providers: IdentityProviderAdministration
    applications: ApplicationAdministration
    roles: RoleAdministration
    users: UserAdministration
    account_states: AccountStates
    setup: Setup


@dataclass(frozen=True, slots=True)
class House:
    """Jitney, ready: the settings, the open doors, the verbs, and the web in front of them."""

    settings: Settings
    doors: Doors
    verbs: Verbs
    jobs: Jobs

    def web(self) -> ASGIApp:
        """Return the web application."""
        return make_web(self.settings, self.doors, self.verbs)


@asynccontextmanager
async def build(settings: Settings, *, around_work: AroundWork = lambda work: work) -> AsyncIterator[House]:
    """Open the doors, bring the schema up to date, and make the verbs; close all on leaving.

    Raises ``Misconfigured`` and ``Overloaded`` where something that is needed is wrong or does not answer.
    """
    async with AsyncExitStack() as open_doors:
        keys = load_master_keys(settings.security)
        doors = await _open_doors(settings, keys, open_doors, around_work)
        verbs = _make_verbs(settings, doors, keys)
        await verbs.openid_provider.keys.prepare()
        jobs = Jobs(
            Leases(doors.database, doors.clock), Sweeper(doors.database), doors.clock, doors.entropy.id()
        )
        yield House(settings, doors, verbs, jobs)


async def _open_doors(
    settings: Settings, keys: MasterKeys, open_doors: AsyncExitStack, around_work: AroundWork
) -> Doors:
    tables = schema(USER_TABLES)
    database = await open_database(settings.database.url, tables, connections=settings.database.pool_size)
    open_doors.push_async_callback(database.close)
    await database.migrate()
    outgoing = await open_doors.enter_async_context(
        OutgoingClient(
            allowed=frozenset(parse_host_port(entry) for entry in settings.outgoing.allow),
            extra_ca_file=settings.outgoing.ca_file,
        )
    )
    vault = Vault(keys.current, older=keys.older)
    clock, entropy = SystemClock(), SystemEntropy()
    stored, stored_applications = SQLIdentityProviders(database, vault), SQLApplications(database)
    identity_providers = RememberedIdentityProviders(stored)
    applications = RememberedApplications(stored_applications)
    work = SQLUnitOfWork(database, [sql_user_store.RENDERING, rendering(vault)])
    return Doors(
        database=database,
        outgoing=outgoing,
        work=ForgettingWork(around_work(work), identity_providers, applications),
        clock=clock,
        entropy=entropy,
        sign_ins=SQLSignIns(database),
        links=SQLAccountLinks(database),
        sessions=SQLSessions(database),
        grants=SQLGrants(database),
        stored_identity_providers=stored,
        identity_providers=identity_providers,
        stored_applications=stored_applications,
        applications=applications,
        roles=SQLRoles(database),
        signing_keys=SQLSigningKeys(database, vault),
        setup_links=SQLSetupLinks(database),
        records=SQLRecords(database),
        user_stores=UserStoreRegistry([sql_user_store.SQLUserStore(database, settings.user_store)]),
        passwords=Argon2Passwords(),
        upstreams=UpstreamRegistry(outgoing, clock, entropy, settings.server.base_url),
    )


def _make_verbs(settings: Settings, doors: Doors, keys: MasterKeys) -> Verbs:
    clock, entropy, work = doors.clock, doors.entropy, doors.work
    openid_provider = OpenIDProvider.of(
        Sockets(
            doors.applications,
            doors.identity_providers,
            doors.user_stores,
            doors.grants,
            doors.sessions,
            doors.signing_keys,
            work,
            clock,
            entropy,
        ),
        issuer=settings.server.base_url,
        subject_key=keys.derive("pairwise subjects"),
        refresh_key=keys.derive("refresh tokens"),
    )
    sessions = Sessions(
        doors.sessions, openid_provider.authorization, doors.user_stores, work, clock, entropy,
        SessionRules(settings.security.session_idle_seconds, settings.security.session_seconds),
    )  # fmt: skip
    rules = {settings.user_store.domain: compile_rules(settings.user_store)}
    facts = FactFinder(
        identity_providers=doors.identity_providers,
        applications=doors.applications,
        links=doors.links,
        user_stores=doors.user_stores,
        roles=doors.roles,
        clock=clock,
        store_rules=rules,
        server=ServerRules(indelible=frozenset(settings.provisioning.indelible_attributes)),
    )
    federated = FederatedLogin(
        doors.sign_ins, doors.applications, doors.identity_providers, doors.upstreams,
        Hall(facts, Provisioner(sessions, work, clock, entropy)), work, clock, entropy,
    )  # fmt: skip
    trail = AuditTrail(clock, entropy)
    finding = UserFinding(doors.user_stores, doors.stored_identity_providers, doors.links)
    return Verbs(
        arrival=Arrival(
            doors.sign_ins, doors.applications, doors.identity_providers, sessions, federated,
            work, clock, entropy,
        ),
        federated_login=federated,
        local_login=LocalLogin(
            doors.sign_ins, doors.stored_applications, doors.user_stores, doors.passwords, sessions,
            work, clock, entropy,
        ),
        upstream_logout=UpstreamLogout(doors.identity_providers, doors.upstreams, work, clock, entropy),
        rehearsal=Rehearsal(doors.stored_identity_providers, facts),
        openid_provider=openid_provider,
        identity_providers=IdentityProviderAdministration(
            doors.stored_identity_providers, doors.stored_applications, doors.links, doors.user_stores, doors.roles,
            doors.upstreams, work, trail, entropy, http_issuers_allowed_risky=settings.is_development,
        ),
        applications=ApplicationAdministration(
            doors.stored_applications, doors.stored_identity_providers, work, trail, entropy
        ),
        roles=RoleAdministration(
            doors.roles, doors.stored_identity_providers, doors.user_stores, rules, work, trail
        ),
        users=UserAdministration(
            finding, doors.stored_identity_providers, doors.links, doors.roles, doors.passwords,
            rules, work, trail, clock, entropy,
        ),
        account_states=AccountStates(finding, doors.passwords, rules, work, trail, clock),
        setup=Setup(
            doors.setup_links, doors.records, doors.user_stores, doors.passwords, rules, work,
            trail, clock, entropy,
        ),
    )  # fmt: skip


def make_web(settings: Settings, doors: Doors, verbs: Verbs) -> ASGIApp:
    """Put the doors inward before the verbs."""
    public = urlsplit(settings.server.base_url)
    origin, secure = f"{public.scheme}://{public.netloc}", public.scheme == "https"
    cookies, pages = Cookies(secure), Pages(secure)
    error_pages = ErrorPages(pages, doors.entropy)
    answers = OpenIDAnswers(verbs.openid_provider.authorization, doors.entropy)
    steps = StepPages(answers, doors.applications, cookies, error_pages)
    sign_in = SignInPages(
        verbs.arrival, verbs.federated_login, verbs.local_login, steps, answers, cookies, pages,
        doors.entropy, origin,
    )  # fmt: skip
    callback = Callback(verbs.federated_login, verbs.upstream_logout, steps, cookies)
    password_rule = settings.user_store.password.message
    set_up = SetUpPages(verbs.setup, cookies, pages, doors.entropy, origin, password_rule)
    health = Health({"database": doors.is_database_reachable})
    router = Router(
        [
            *openid_routes(
                verbs.openid_provider,
                answers=answers,
                entrance=sign_in,
                furniture=Furniture(cookies, pages, error_pages, doors.entropy, origin),
            ),
            Route("/callback/{identity_provider}", callback.come_back, methods=["GET"]),
            Route("/logout/upstream/{identity_provider}", callback.log_out, methods=["POST"]),
            Route("/sign-in", sign_in.show, methods=["GET"]),
            Route("/sign-in", sign_in.choose, methods=["POST"]),
            Route("/sign-in/local", sign_in.sign_in_locally, methods=["POST"]),
            Route("/sign-in/again", sign_in.again, methods=["POST"]),
            Route("/set-up", set_up.show, methods=["GET"]),
            Route("/set-up", set_up.complete, methods=["POST"]),
            Route("/health/live", health.live, methods=["GET"]),
            Route("/health/ready", health.ready, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        redirect_slashes=False,
        default=nowhere,
    )
    return Edge(router, error_pages, secure)


async def nowhere(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer for every address that is no door; the edge makes the page."""
    raise NotFound("page_unknown", "There is nothing at this address. Please start from the application.")


class Server:
    """The ASGI application of one server process: it builds the house when the server starts."""

    def __init__(self, settings: Settings, *, around_work: AroundWork = lambda work: work) -> None:
        self._settings = settings
        self._around_work = around_work
        self._web: ASGIApp | None = None
        self._house = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or open and close the house."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._web is not None:
            await self._web(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._open()
        except JitneyError as fault:
            await send({"type": "lifespan.startup.failed", "message": f"{fault.sentence} ({fault.code})"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._house.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self) -> None:
        configure_logs(self._settings.log_level)
        house = await self._house.enter_async_context(build(self._settings, around_work=self._around_work))
        work = asyncio.create_task(house.jobs.run_forever())
        self._house.push_async_callback(_end, work)
        self._web = house.web()
        # What was made at start lives as long as the process: no collection shall walk it again, and processes
        # that were forked share its pages.
        gc.collect()
        gc.freeze()


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
