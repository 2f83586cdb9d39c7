"""Sign-ins by SAML beside those by OpenID Connect, on one server."""

from tests.servers.postgresql import PostgreSQLServer

from benchmarks import records, systems
from benchmarks.in_turns import Contender, TurnRow, measure_in_turns
from benchmarks.job import Job
from benchmarks.measuring import Measurement
from benchmarks.place import SAML
from benchmarks.processes import Process, Usage
from benchmarks.run import Run, pid_of
from jitney.model.user import PRIMARY

PEOPLE = 20
"""How many people come again and again: few, so that all have come once when the warm-up is over."""

_CONTENDERS = (
    Contender(PRIMARY, "OpenID Connect", 0, PRIMARY),
    Contender(SAML, "SAML", 0, PRIMARY),
)
_HELPERS = {PRIMARY: "provider", SAML: "saml"}


def measure_protocols(run: Run, postgresql: PostgreSQLServer | None) -> list[TurnRow]:
    """Measure first and returning sign-ins by either protocol in turns."""
    url, _ = run.urls(postgresql)
    records.prepare(run.place, url, with_saml=True)
    others = {} if postgresql is None else {"postgresql": Usage(pid_of(postgresql))}
    with systems.jitney(run.place, url, 1) as server:
        return list(
            measure_in_turns(
                _CONTENDERS,
                ("first", "returning"),
                lambda kind, protocol: _measure(run, server, others, kind, protocol),
            )
        )


def _measure(run: Run, server: Process, others: dict[str, Usage], kind: str, protocol: str) -> Measurement:
    place = run.place
    job = Job(
        host="127.0.0.1", port=place.port, client_id=place.application(protocol, changing=False),
        client_secret=place.secret, redirect_uri=place.application_uri, prefix=run.new_prefix(), first=1,
        people=0 if kind == "first" else PEOPLE, browsers=run.plan.browsers, seconds=run.plan.turn,
    )  # fmt: skip
    provider = run.helpers[_HELPERS[protocol]].usage
    return run.measure_job(job, server, {"provider": provider, **others}, warm_up=run.plan.turn / 2)
