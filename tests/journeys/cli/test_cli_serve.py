"""``jitney serve`` as a real process."""

import http.client
import os
import re
import sys
from pathlib import Path

import pytest
from tests.servers.process import ServerProcess, free_port

_LINK = re.compile(r"/set-up\?token=[\w-]{43}")


@pytest.mark.parametrize("processes", [1, 2])
def test_first_start_prints_a_set_up_link_that_works(tmp_path: Path, processes: int) -> None:
    """R-118: from an empty home, the server starts, says where it stands, and its link opens the set-up page."""
    port = free_port()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "deployment.toml").write_text(f"[server]\nport = {port}\nprocesses = {processes}\n")
    command = [sys.executable, "-c", "from jitney.cli import main; main()", "serve"]
    server = ServerProcess("jitney", command, environment={**os.environ, "JITNEY_HOME": str(tmp_path)})

    def link(log: str) -> str | None:
        found = _LINK.search(log)
        return found.group() if found and log.count("Application startup complete") == processes else None

    try:
        path = server.start(link)
        connection = http.client.HTTPConnection("localhost", port, timeout=10)
        connection.request("GET", path)
        assert 200 == connection.getresponse().status
    finally:
        server.stop()
    assert "Profile: development. Not for real people." in server.log()
    assert 0o600 == (tmp_path / "data" / "master.key").stat().st_mode & 0o777
