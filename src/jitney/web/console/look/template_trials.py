"""Tries templates in a process of their own, which has nothing to betray and is ended when its time is over."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

SECONDS: Final = 20.0
"""How long all pages together may take; ours take one."""
_MEMORY: Final = 512 * 1024 * 1024
_PROGRAM: Final = (sys.executable, "-I", "-m", "jitney.web.console.look.trial_process", str(_MEMORY))

log = structlog.get_logger("jitney.console")


@dataclass(frozen=True, slots=True)
class TemplateTrials:
    """Tries templates over those of the settings' theme, whose ``folder`` it is.

    The attack (R-119, R-127): a template that loops for hours, grows to gigabytes, or gets out of its sandbox takes
    the sign-in with it, or the keys. It is tried where there are no keys, and where nobody signs in.
    """

    folder: Path | None = None
    seconds: float = SECONDS

    async def find_faults(self, templates: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is wrong with each template, as sentences by its name."""
        asked = json.dumps(
            {"templates": dict(templates), "folder": str(self.folder) if self.folder else None}
        )
        try:
            done = await asyncio.to_thread(self._run, asked)
            return json.loads(done)
        except (subprocess.SubprocessError, ValueError) as fault:
            log.warning("template_trial_ended", fault=type(fault).__name__)
            sentence = "The pages cannot be made of it in the time and memory that a page may take."
            return dict.fromkeys(templates, sentence)

    def _run(self, asked: str) -> str:
        done = subprocess.run(  # noqa: S603  # our own program, and what was typed is its input
            _PROGRAM, input=asked, capture_output=True, text=True, env={}, timeout=self.seconds, check=True
        )
        return done.stdout
