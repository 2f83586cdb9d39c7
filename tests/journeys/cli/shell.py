"""A shell: runs commands of the command line in an empty home of their own."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from jitney.cli import main
from jitney.cli.wiring import House, Wiring
from jitney.model.changes import Change


@dataclass
class Shell:
    """Commands run here see ``home`` and ``environment``, and nothing of the machine."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def commit(self, *changes: Change) -> None:
        """Write into this home what no command writes."""

        async def work(house: House) -> None:
            await house.doors.work.commit(*changes)

        self._wiring().run(work)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), obj=self._wiring(), input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def _wiring(self) -> Wiring:
        environment = {"JITNEY_HOME": str(self.home), **self.environment}
        return Wiring(environment, self.home, None, lambda level: None)

    def write(self, name: str, text: str) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)
