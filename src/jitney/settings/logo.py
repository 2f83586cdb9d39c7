"""A logo file: read from the disk, and judged by what is in it."""

from pathlib import Path

from jitney.web.kit.logo import LARGEST, UnfitLogoError, check_drawing, logo_of
from jitney.web.kit.theme import Logo

__all__ = ["LARGEST", "UnfitLogoError", "check_drawing", "read_logo"]


def read_logo(path: Path) -> Logo:
    """Read a logo; raises ``UnfitLogoError``."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as fault:
        raise UnfitLogoError("The file cannot be read.") from fault
    return logo_of(content)
