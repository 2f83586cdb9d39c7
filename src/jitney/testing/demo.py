"""The demo: Jitney with a fake identity provider, a sample application and a mail catcher; one address to open.

Run it with ``python -m jitney.testing.demo``, and with ``--walk`` to have it click through itself.
Everything lives in a temporary home folder and on loopback ports, and is gone when the demo ends.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from jitney.testing.demo_process import DemoFailedError, end_of_log, run_command, serving
from jitney.testing.demo_walk import WalkFailedError, walk
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, RegisteredClient
from jitney.testing.mail_catcher import MailCatcher
from jitney.testing.sample_application import SampleApplication

RECORDS = Path(__file__).with_name("demo_records.toml")
HOST = "127.0.0.1"
PORTS = (8420, 8421, 8422, 8423)
"""Jitney, provider, application, mail; where one is taken, a free one is used instead."""


_GUIDE = """
  ┌────────────────────────────────────────────────────────────────────┐
  │  Open  {application:<60}│
  └────────────────────────────────────────────────────────────────────┘

  Press “Sign in”, choose “Continue with Acme”, and be one of these:

    Ada      arrives for the first time: an account is made for her, without a question
    Grace    has been here before: her account is found by the provider's subject
    Linus    is refused: his user name belongs to somebody else, and names prove nothing
    Edgar    is refused: his account here is locked
    …        anybody else whom you type is new, like Ada

  “Continue with Globex” is a door that asks first:

    Ada      chooses a user name, a password, and what may be stored
    Grace    has an account already, and is asked to show that it is hers; a letter tells her of it
             ({mail})

  Or sign in without Acme, as the operator:  root  /  {password}

  Why a sign-in went as it did, by the reference on the page:
    JITNEY_HOME={home} {jitney} outcomes list
    JITNEY_HOME={home} {jitney} outcomes show REFERENCE

  Jitney {base_url} · provider {issuer} · mail {mail}
  Log: {home}/jitney.log
  Ctrl-C ends the demo and removes all of it.
"""


@dataclass(frozen=True)
class Demo:
    """A demo that runs: where everything is, and the operator's password."""

    home: Path
    base_url: str
    issuer: str
    application: str
    mail: str
    password: str
    environment: Mapping[str, str]
    server: asyncio.subprocess.Process

    def guide(self) -> str:
        """What to open, and who shows what."""
        return _GUIDE.format(
            application=self.application,
            password=self.password,
            home=self.home,
            jitney=Path(sys.executable).with_name("jitney"),
            base_url=self.base_url,
            issuer=self.issuer,
            mail=self.mail,
        )

    async def command(self, *arguments: str) -> str:
        """Run a ``jitney`` command in this home; what it printed.  Raises ``DemoFailedError``."""
        return await run_command(self.environment, *arguments)

    async def reason(self, reference: str) -> str:
        """What ``jitney outcomes show`` says about a reference."""
        return await self.command("outcomes", "show", reference)

    async def ended(self) -> str:
        """Wait until the server ends, which it should not; what it said last."""
        status = await self.server.wait()
        return f"Jitney ended with status {status}. The end of its log:\n{end_of_log(self.home)}"


@asynccontextmanager
async def running_demo(ports: Sequence[int] = PORTS) -> AsyncIterator[Demo]:
    """Start everything, and stop it on leaving; raises ``DemoFailedError``."""
    async with AsyncExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="jitney-demo-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        port, provider_port, application_port, mail_port = (_free(each) for each in ports)
        base_url, password = f"http://{HOST}:{port}", secrets.token_urlsafe(12)
        keys = {name: secrets.token_urlsafe(32) for name in ("jitney", "globex", "sample")}

        clients = [
            RegisteredClient("jitney", keys["jitney"], (f"{base_url}/callback/acme",)),
            RegisteredClient("jitney-globex", keys["globex"], (f"{base_url}/callback/globex",)),
        ]
        provider = FakeOIDCProvider(clients=clients, habits=Habits(interactive=True))
        await provider.start(provider_port)
        stack.push_async_callback(provider.stop)
        application = SampleApplication(base_url, "sample", keys["sample"])
        await application.start(application_port)
        stack.push_async_callback(application.stop)
        mails = await stack.enter_async_context(MailCatcher(web_port=mail_port))

        _write_settings(home, port, provider.port, mails.smtp_port)
        environment = {
            **os.environ,
            "JITNEY_HOME": str(home),
            "DEMO_ISSUER": provider.issuer,
            "DEMO_APPLICATION": application.address,
            "DEMO_PROVIDER_SECRET": keys["jitney"],
            "DEMO_GLOBEX_SECRET": keys["globex"],
            "DEMO_APPLICATION_SECRET": keys["sample"],
            "DEMO_ROOT_PASSWORD": password,
        }
        await run_command(environment, "apply", str(RECORDS))
        server = await stack.enter_async_context(serving(home, environment))
        yield Demo(
            home=home,
            base_url=base_url,
            issuer=provider.issuer,
            application=application.address,
            mail=f"http://{HOST}:{mails.web_port}",
            password=password,
            environment=environment,
            server=server,
        )


def _write_settings(home: Path, port: int, provider_port: int, mail_port: int) -> None:
    (home / "conf").mkdir()
    (home / "conf" / "deployment.toml").write_text(
        f'[server]\nhost = "{HOST}"\nport = {port}\nbase_url = "http://{HOST}:{port}"\n\n'
        f'[outgoing]\nallow = ["{HOST}:{provider_port}"]\n\n'
        f'[mail]\nhost = "{HOST}"\nport = {mail_port}\nsecurity = "none"\nsender = "jitney@demo.example"\n\n'
        '[consent]\ncontroller = "The demo"\njurisdiction = "none"\n'
    )


def _free(port: int) -> int:
    """Return the port, or a free one where it is taken."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailedError("No loopback port is free.")


async def run(*, walks: bool) -> None:
    """Run the demo until it is interrupted, or until the walk is done; raises ``DemoFailedError``."""
    print("Starting the demo …", flush=True)
    async with running_demo() as demo:
        print(demo.guide(), flush=True)
        ended = asyncio.create_task(demo.ended())
        walking = asyncio.create_task(
            walk(demo.application, demo.password, demo.reason) if walks else _interrupted()
        )
        done, pending = await asyncio.wait([ended, walking], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if ended in done:
            raise DemoFailedError(ended.result())
        walking.result()
    print("The demo has ended; nothing is left of it.")


async def _interrupted() -> None:
    """Wait for Ctrl-C, or for whoever asks this process to end."""
    asked = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, asked.set)
    await asked.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a process; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m jitney.testing.demo", description="Try Jitney out.")
    parser.add_argument("--walk", action="store_true", help="click through it, print each step, and end")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(run(walks=options.walk))
    except KeyboardInterrupt:
        return 130
    except (DemoFailedError, WalkFailedError, OSError) as fault:
        print(f"The demo cannot go on: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
