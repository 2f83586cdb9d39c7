"""Logs: one JSON object a line on standard error, control characters escaped (R-123).

What may stand in a line is decided where it is written: codes, references, internal ids and counts, never a name,
an address, a token or a secret.
"""

import logging
import sys

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

SHARED: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # Without the locals: they hold the tokens and the names of the people whose sign-in failed.
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
)


QUIET = ("alembic", "signxml")
"""Libraries that are heard from ``warning`` on: ``signxml`` writes each assertion that it verifies, names and all,
which may stand in no log.
"""


def configure_logs(level: str) -> None:
    """Let every logger, ours and the libraries', write JSON from ``level`` on, and ``QUIET`` from warnings on.

    ``level`` is ``debug``, ``info``, ``warning`` or ``error``.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
    for library in QUIET:
        logging.getLogger(library).setLevel(max(threshold, logging.WARNING))
