"""Apache with mod_auth_openidc (certified) as an application: one page that shows who signed in.

The page prints the variables that the module hands to an application, ``OIDC_CLAIM_…`` among them.
"""

import html
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.servers.process import CouldNotStartError, ServerProcess, free_port

APACHE = "/usr/sbin/apache2"
MODULES = Path("/usr/lib/apache2/modules")
_WANTED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include", "auth_openidc")
_PAGE = "<!doctype html><title>Protected</title><h1>Protected</h1><pre>\n<!--#printenv --></pre>\n"
_SIGNED_OUT = "<!doctype html><title>Signed out</title><h1>Signed out</h1>\n"


@dataclass
class ApacheApplication:
    """An application behind mod_auth_openidc on a loopback port of its own.

    The port is chosen when the object is made, so that ``redirect_uri`` is known before the OpenID Provider
    starts; the provider's discovery document is fetched at the first request.
    ``directives`` adds to and replaces the module's settings, such as ``OIDCAuthRequestParams``.
    """

    client_id: str
    client_secret: str
    issuer: str = ""
    directives: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port, init=False)

    @property
    def address(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def protected_page(self) -> str:
        """The page for which one must sign in."""
        return f"{self.address}/protected/index.shtml"

    @property
    def redirect_uri(self) -> str:
        """Where the OpenID Provider sends the browser back to."""
        return f"{self.address}/protected/callback"

    @property
    def signed_out_page(self) -> str:
        """Where the browser may be sent after the logout; open to everybody."""
        return f"{self.address}/signed-out.html"

    @property
    def logout_address(self) -> str:
        """Begins the RP-initiated logout, which ends on ``signed_out_page``."""
        return f"{self.redirect_uri}?logout={self.signed_out_page}"

    def start(self) -> None:
        """Write the settings into a temporary folder and start; raises ``CouldNotStartError``."""
        module = MODULES / "mod_auth_openidc.so"
        if not (Path(APACHE).exists() and module.exists()):
            raise CouldNotStartError(
                "apache2 and libapache2-mod-auth-openidc are not installed: run scripts/install-test-servers"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="jitney-apache-"))
        self._folder.chmod(0o755)
        (self._folder / "pages" / "protected").mkdir(parents=True)
        (self._folder / "pages" / "protected" / "index.shtml").write_text(_PAGE)
        (self._folder / "pages" / "signed-out.html").write_text(_SIGNED_OUT)
        configuration = self._folder / "apache.conf"
        configuration.write_text(self._configuration())
        command = [APACHE, "-D", "FOREGROUND", "-f", str(configuration)]
        self._process = ServerProcess("apache2", command, environment={"PATH": "/usr/bin:/bin", "LANG": "C"})
        try:
            self._process.start(lambda log: True if "resuming normal operations" in log else None)
        except CouldNotStartError:
            shutil.rmtree(self._folder)
            raise

    def stop(self) -> None:
        """Stop, and remove the temporary folder."""
        self._process.stop()
        shutil.rmtree(self._folder)

    def log(self) -> str:
        """What Apache and the module logged."""
        return self._process.log()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Stop."""
        self.stop()

    def _configuration(self) -> str:
        settings = {
            "OIDCProviderMetadataURL": f"{self.issuer}/.well-known/openid-configuration",
            "OIDCClientID": self.client_id,
            "OIDCClientSecret": self.client_secret,
            "OIDCRedirectURI": self.redirect_uri,
            "OIDCCryptoPassphrase": secrets.token_hex(16),
            "OIDCScope": '"openid email profile"',
            "OIDCPKCEMethod": "S256",
            "OIDCProviderTokenEndpointAuth": "client_secret_basic",
            "OIDCPassClaimsAs": "environment",
            "OIDCSSLValidateServer": "Off",
            **self.directives,
        }
        loads = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _WANTED]
        user = ["User www-data", "Group www-data"] if os.geteuid() == 0 else []
        return "\n".join(
            [
                *loads,
                f"ServerRoot {self._folder}",
                "ServerName 127.0.0.1",
                f"Listen 127.0.0.1:{self.port}",
                f"PidFile {self._folder}/apache.pid",
                f"DefaultRuntimeDir {self._folder}",
                "ErrorLog /dev/stderr",
                "LogLevel notice auth_openidc:info",
                "StartServers 1",
                *user,
                f"DocumentRoot {self._folder}/pages",
                "TypesConfig /dev/null",
                "AddType text/html .shtml .html",
                "AddOutputFilter INCLUDES .shtml",
                *(f"{name} {value}" for name, value in settings.items()),
                f"<Directory {self._folder}/pages>",
                "  Options +Includes",
                "  Require all granted",
                "</Directory>",
                "<Location /protected>",
                "  AuthType openid-connect",
                "  Require valid-user",
                "</Location>",
                "",
            ]
        )


def claims_shown(page: str) -> dict[str, str]:
    """The claims on the protected page, by name; several values stand in one text, joined by commas."""
    found = re.findall(r"^OIDC_CLAIM_(\w+)=(.*)$", page, flags=re.MULTILINE)
    return {name: html.unescape(value) for name, value in found}
