"""The customer's own pages that ask in place of ours: for which mode, at which address, of which origin."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

from jitney.model.policy import PromptMode

_USUAL_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Addresses of pages elsewhere (``username_provisioning_url``, ``password_provisioning_url``).

    The first asks for user name, password and consent; the second in the other two modes that ask.
    An account is always proven on a page of ours: a password of somebody who exists is typed nowhere else.
    """

    username_url: str | None = None
    password_url: str | None = None

    def address(self, mode: PromptMode | None, key: str) -> str | None:
        """Return where a page of this mode stands, with the key that it reads and answers by; ``None``: with us."""
        url = self._url(mode)
        if url is None:
            return None
        parts = urlsplit(url)
        asked = urlencode({"sessionDataKey": key})
        return urlunsplit(parts._replace(query=f"{parts.query}&{asked}" if parts.query else asked))

    @property
    def origins(self) -> frozenset[str]:
        """Return the origins of the pages, as browsers write them (HTML 7.1.1)."""
        return frozenset(_origin(urlsplit(url)) for url in (self.username_url, self.password_url) if url)

    def _url(self, mode: PromptMode | None) -> str | None:
        if mode is None or mode is PromptMode.SILENT:
            return None
        return self.username_url if mode.asks_username else self.password_url


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    usual = parts.port is None or parts.port == _USUAL_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{shown}" if usual else f"{parts.scheme}://{shown}:{parts.port}"
