"""An authenticator app that shares no code with us: Debian's oathtool."""

import subprocess
from datetime import datetime


def code_at(moment: datetime, secret: str) -> str:
    """Return what the app shows at this moment."""
    done = subprocess.run(
        ["oathtool", "--totp", "--base32", "--now", f"@{int(moment.timestamp())}", secret],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
