"""Server: the house as a whole, opened and closed with the process that serves it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from jitney.app.doors import AroundEntries, AroundWork, Doors, open_all
from jitney.app.verbs import Verbs, make_verbs
from jitney.app.web import make_web
from jitney.errors import JitneyError
from jitney.jobs import Jobs
from jitney.logs import configure_logs
from jitney.mail.smtp import MailSecurity, MailServer, SMTPMailer
from jitney.postman import Postman
from jitney.settings import Settings, load_master_keys
from jitney.storage.sweeper import Leases, Sweeper


@dataclass(frozen=True, slots=True)
class House:
    """Jitney, ready: the settings, the open doors, the verbs, and the web in front of them.

    ``form_key`` is what the forms of operators are sealed with.
    """

    settings: Settings
    doors: Doors
    verbs: Verbs
    jobs: Jobs
    form_key: bytes = field(repr=False)

    def web(self) -> ASGIApp:
        """Return the web application."""
        return make_web(self.settings, self.doors, self.verbs, form_key=self.form_key)


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    around_work: AroundWork = lambda work: work,
    around_entries: AroundEntries = lambda entries: entries,
) -> AsyncIterator[House]:
    """Open the doors, bring the schema up to date, and make the verbs; close all on leaving.

    Raises ``Misconfigured`` and ``Overloaded`` where something that is needed is wrong or does not answer.
    """
    async with AsyncExitStack() as open_doors:
        keys = load_master_keys(settings.security)
        doors = await open_all(settings, keys, open_doors, (around_work, around_entries))
        verbs = make_verbs(settings, doors, keys)
        await verbs.openid_provider.keys.prepare()
        postman = Postman(doors.outbox, _mailer(settings), doors.work, doors.clock)
        leases, sweeper = Leases(doors.database, doors.clock), Sweeper(doors.database)
        jobs = Jobs(
            leases, sweeper, doors.clock, doors.entropy.id(), postman, verbs.recovery, verbs.saml_metadata,
            verbs.provider_removing.clearing,
        )  # fmt: skip
        yield House(settings, doors, verbs, jobs, keys.derive("forms of operators"))


def _mailer(settings: Settings) -> SMTPMailer | None:
    mail = settings.mail
    if mail is None:
        return None
    server = MailServer(
        mail.host, mail.port, mail.sender, MailSecurity(mail.security), mail.username, mail.password,
        settings.outgoing.ca_file,
    )  # fmt: skip
    return SMTPMailer(server)


class Server:
    """The ASGI application of one server process: it builds the house when the server starts."""

    def __init__(
        self,
        settings: Settings,
        *,
        around_work: AroundWork = lambda work: work,
        around_entries: AroundEntries = lambda entries: entries,
    ) -> None:
        self._settings = settings
        self._around_work = around_work
        self._around_entries = around_entries
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
        built = build(self._settings, around_work=self._around_work, around_entries=self._around_entries)
        house = await self._house.enter_async_context(built)
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
