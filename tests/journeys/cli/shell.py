"""A shell: runs commands of the command line in an empty home of their own."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from jitney.cli import main
from jitney.cli.wiring import Wiring


@dataclass
class Shell:
    """Commands run here see ``home`` and ``environment``, and nothing of the machine."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        wiring = Wiring(
            {"JITNEY_HOME": str(self.home), **self.environment}, self.home, None, lambda level: None
        )
        result = CliRunner().invoke(main, list(arguments), obj=wiring, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def write(self, name: str, text: str) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)
