"""``jitney serve``: bind the port, say what was started, and run the server processes."""

import errno
import os
import socket
from functools import partial

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from jitney.administration.people.setup import SetupOffer
from jitney.cli.wiring import House, Wiring, server_of
from jitney.errors import Misconfigured
from jitney.settings import Settings
from jitney.web.kit.request_heads import BoundedHeads

STOP_SECONDS = 8
"""How long the requests under way may take when the server stops; the doors are closed in what is left of the
ten seconds of R-152."""

START_SECONDS = 60
"""For how long a process may be too busy to answer its parent, before it is taken for dead.

Starting is work: on a machine that is short of processors a shorter time kills each new process before it serves.
"""


class Workers(Multiprocess):
    """The server processes of one port, of which one that has died is replaced at once, whatever it was doing."""

    def keep_subprocess_alive(self) -> None:
        """Replace those that have died, or have not answered for ``START_SECONDS``.

        The parent lets go of their end of the pipe first: while it holds it too, the death of a process that is
        being asked is no end of the pipe, and the parent, deaf to signals, would wait the whole time for an answer.
        """
        for process in self.processes:
            process.child_conn.close()
        super().keep_subprocess_alive()


@click.command()
@click.pass_obj
def serve(wiring: Wiring) -> None:
    """Start the server.

    The first start makes the database and the master key, and prints a link by which the first operator is made.

    \b
    Examples:
      jitney serve
      jitney --config /etc/jitney/deployment.toml serve
    """
    settings = wiring.settings()
    listening = bind(settings.server.host, settings.server.port)
    try:
        offer = wiring.run(_open, settings=settings, log_level=settings.log_level)
        _say_what_starts(settings, offer)
        _run(settings, listening)
    finally:
        listening.close()


def bind(host: str, port: int) -> socket.socket:
    """Bind before anything else is begun, so that a used port is said plainly, and once.

    Raises ``Misconfigured``: ``address_in_use``, ``address_not_allowed``, ``address_unknown``.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as fault:
        raise Misconfigured(
            "address_unknown", f"The address {host} to listen on is not known.", path="server.host"
        ) from fault
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as fault:
        listening.close()
        raise _unbindable(host, port, fault) from fault
    listening.set_inheritable(True)
    return listening


def _unbindable(host: str, port: int, fault: OSError) -> Misconfigured:
    if fault.errno == errno.EADDRINUSE:
        sentence = (
            f"The address {host}:{port} is in use: another program, perhaps another Jitney, listens there."
        )
        return Misconfigured("address_in_use", sentence, path="server.port")
    if fault.errno == errno.EACCES:
        return Misconfigured(
            "address_not_allowed", f"The port {port} is not allowed here.", path="server.port"
        )
    return Misconfigured(
        "address_unknown", f"This machine does not have the address {host}.", path="server.host"
    )


async def _open(house: House) -> SetupOffer | None:
    """Open the house once before the processes do: database, keys, and the set-up link."""
    return await house.verbs.setup.offer()


def _say_what_starts(settings: Settings, offer: SetupOffer | None) -> None:
    for line in settings.opening_lines:
        click.echo(line)
    if offer is not None:
        click.echo("")
        click.echo(
            "Nobody administers this installation yet. Make the first operator, once, within 24 hours, at"
        )
        click.echo(f"  {set_up_link(settings, offer)}")
        click.echo("")


def set_up_link(settings: Settings, offer: SetupOffer) -> str:
    """Return the address behind which the first operator is made."""
    return f"{settings.server.base_url}/set-up?token={offer.token}"


def _run(settings: Settings, listening: socket.socket) -> None:
    proxies = [str(network) for network in settings.server.trusted_proxies]
    config = uvicorn.Config(
        partial(server_of, settings),
        factory=True,
        loop="uvloop",
        http=BoundedHeads,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=START_SECONDS,
        workers=settings.server.processes,
    )
    server = uvicorn.Server(config)
    if settings.server.processes == 1:
        server.run(sockets=[listening])
    else:
        Workers(config, sockets=[listening]).run()
    if not server.started and settings.server.processes == 1:
        raise SystemExit(os.EX_SOFTWARE)
