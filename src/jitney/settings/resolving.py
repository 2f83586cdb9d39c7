"""From checked to resolved: paths made absolute, texts parsed, and the rules that hold between keys."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from jitney.errors import Misconfigured
from jitney.model.user import PRIMARY
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.settings import checked
from jitney.settings.addresses import LOOPBACK, check_page_address
from jitney.settings.claim_uris import LOCAL_NAMES
from jitney.settings.findings import Findings
from jitney.settings.master_key import find_weakness
from jitney.settings.resolved import (
    DatabaseSettings,
    OutcomeSettings,
    OutgoingSettings,
    Profile,
    ProvisioningSettings,
    SecuritySettings,
    ServerSettings,
    Settings,
)
from jitney.settings.resolving_consent import resolve_consent
from jitney.settings.resolving_mail import resolve_mail
from jitney.settings.resolving_second_factor import resolve_second_factor
from jitney.settings.resolving_theme import resolve_theme
from jitney.settings.unbuilt import find_unbuilt
from jitney.settings.written import read_secret
from jitney.userstores.patterns import compile_matcher

_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")


def resolve(
    deployment: checked.Deployment, *, home: Path, source: Path | None
) -> tuple[Settings | None, Findings]:
    """Return the resolved settings, or ``None`` where there are faults, and everything that was found."""
    findings = Findings()
    strict = deployment.server.profile == Profile.PRODUCTION
    server = _server(deployment.server, findings)
    database = _database(deployment.database, home, findings)
    security = _security(deployment.security, home, findings, strict=strict)
    outgoing = _outgoing(deployment.outgoing, home, findings, strict=strict)
    user_store = _user_store(deployment.user_store, findings)
    if strict and deployment.log.level == "debug":
        findings.refuse("log.level", "The production profile does not log at level debug.", found="debug")
    _check_claim_uris(deployment.jit_provisioning.indelible_claims, findings)
    provisioning = _provisioning(deployment, findings, strict=strict)
    theme = resolve_theme(deployment.pages, home=home, findings=findings)
    consent = resolve_consent(deployment.consent, product_name=theme.product_name, findings=findings)
    mail = resolve_mail(deployment.mail, home=home, findings=findings, strict=strict)
    findings.warnings.extend(find_unbuilt(deployment))
    if findings.faults or server is None:
        return None, findings
    return Settings(
        home=home,
        source=source,
        server=server,
        database=database,
        security=security,
        outgoing=outgoing,
        log_level=deployment.log.level,
        user_store=user_store,
        provisioning=provisioning,
        pages=theme,
        consent=consent,
        mail=mail,
        second_factor=resolve_second_factor(
            deployment.authentication.second_factor, product_name=theme.product_name
        ),
        outcomes=OutcomeSettings(deployment.outcomes.recorded_sign_in_days),
        warnings=tuple(findings.warnings),
    ), findings


def _server(written: checked.Server, findings: Findings) -> ServerSettings | None:
    profile = Profile(written.profile)
    if written.base_url is None and profile is Profile.PRODUCTION:
        findings.refuse(
            "server.base_url", "The production profile needs this key.", allowed="an https address"
        )
    base_url = written.base_url or f"http://localhost:{written.port}"
    _check_base_url(base_url, findings, strict=profile is Profile.PRODUCTION)
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for at, text in enumerate(written.trusted_proxies):
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            findings.refuse(
                f"server.trusted_proxies[{at + 1}]", "This is no network.", found=text,
                allowed="an IP address or network such as 10.0.0.0/8",
            )  # fmt: skip
    return ServerSettings(
        base_url, written.host, written.port, written.processes, tuple(networks), profile
    )  # fmt: skip


def _check_base_url(url: str, findings: Findings, *, strict: bool) -> None:
    allowed = "an address such as https://id.example.com"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        findings.refuse("server.base_url", "This is no address.", found=url, allowed=allowed)
        return
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        findings.refuse("server.base_url", "This is no address.", found=url, allowed=allowed)
    elif parts.path or parts.query or parts.fragment or not url.isascii() or url != url.strip():
        findings.refuse(
            "server.base_url", "The address has no path and no slash at its end.", found=url, allowed=allowed
        )
    elif parts.scheme == "http" and (strict or parts.hostname not in LOOPBACK):
        findings.judge(
            "server.base_url", "Without https, browsers send neither cookies nor passwords safely.",
            strict=strict, found=url,
        )  # fmt: skip


def _database(written: checked.Database, home: Path, findings: Findings) -> DatabaseSettings:
    url = written.url
    if url is not None and written.url_file is not None:
        findings.refuse("database.url_file", "Either url or url_file may be set, not both.")
    elif written.url_file is not None:
        url = _read(home / written.url_file, "database.url_file", findings)
    url = url or "sqlite:///data/jitney.db"
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and len(rest) > 1 and rest.startswith("/") and "?" not in rest:
        return DatabaseSettings(f"sqlite:///{home / rest[1:]}", written.pool_size)
    if scheme not in ("postgresql", "postgres") or not rest:
        allowed = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        findings.refuse("database.url", "This is no database that Jitney knows.", allowed=allowed)
    return DatabaseSettings(url, written.pool_size)


def _read(path: Path, key: str, findings: Findings) -> str | None:
    try:
        return read_secret(path).strip()
    except (OSError, ValueError):
        findings.refuse(key, "The file cannot be read.", found=str(path))
        return None


def _security(written: checked.Security, home: Path, findings: Findings, *, strict: bool) -> SecuritySettings:
    current = home / written.master_key_file
    older = tuple(home / path for path in written.master_key_older_files)
    for path, key in ((current, "master_key_file"), *((one, "master_key_older_files") for one in older)):
        if path.exists() and (weakness := find_weakness(path)):
            findings.judge(f"security.{key}", weakness, strict=strict)
        elif key == "master_key_older_files" and not path.exists():
            findings.refuse(f"security.{key}", "There is no such file.", found=str(path))
    if written.session_idle_minutes > written.session_hours * 60:
        findings.refuse(
            "security.session_idle_minutes", "A session cannot be idle for longer than it lasts.",
            found=written.session_idle_minutes, allowed=f"at most {written.session_hours * 60}",
        )  # fmt: skip
    return SecuritySettings(current, older, written.session_idle_minutes * 60, written.session_hours * 3600)


def _outgoing(written: checked.Outgoing, home: Path, findings: Findings, *, strict: bool) -> OutgoingSettings:
    """Refuse exceptions of the outgoing client in production (R-076).

    The attack: a switch that was meant for a test on one's own machine stays on, and an address that an
    outsider can choose reaches the metadata service or an administration port.
    """
    for at, text in enumerate(written.allow):
        if _HOST_AND_PORT.fullmatch(text) is None or not 0 < int(text.rpartition(":")[2]) < 65536:
            findings.refuse(
                f"outgoing.allow[{at + 1}]", "This is no host and port.", found=text, allowed="host:port"
            )
    if written.allow:
        findings.judge(
            "outgoing.allow",
            "Private addresses may be called: " + ", ".join(written.allow) + ".",
            strict=strict,
        )
    ca_file = home / written.ca_file if written.ca_file else None
    if ca_file is not None and not ca_file.is_file():
        findings.refuse("outgoing.ca_file", "There is no such file.", found=str(ca_file))
    return OutgoingSettings(tuple(written.allow), ca_file)


def _user_store(written: checked.UserStore, findings: Findings) -> UserStoreDescription:
    for key, pattern in _patterns(written):
        try:
            compile_matcher(pattern)
        except Misconfigured as fault:
            why = fault.details.get("why")
            findings.refuse(f"user_store.{key}", f"This pattern cannot be compiled: {why}.", found=pattern)
    return UserStoreDescription(
        domain=PRIMARY,
        read_only=written.read_only,
        case_insensitive_usernames=written.case_insensitive_username,
        username=NamePattern(written.username_java_regex, written.username_java_reg_ex_violation_error_msg),
        password=NamePattern(written.password_java_regex, written.password_java_regex_violation_error_msg),
        role=NamePattern(written.rolename_java_regex, written.rolename_java_regex_violation_error_msg),
        username_script_pattern=written.username_java_script_regex,
        password_script_pattern=written.password_java_script_regex,
    )


def _patterns(written: checked.UserStore) -> Iterator[tuple[str, str]]:
    yield "UsernameJavaRegEx", written.username_java_regex
    yield "PasswordJavaRegEx", written.password_java_regex
    yield "RolenameJavaRegEx", written.rolename_java_regex
    # The dialects of Java and JavaScript agree on everything that such patterns are made of.
    if written.username_java_script_regex is not None:
        yield "UsernameJavaScriptRegEx", written.username_java_script_regex
    if written.password_java_script_regex is not None:
        yield "PasswordJavaScriptRegEx", written.password_java_script_regex


def _check_claim_uris(written: checked.IndelibleClaims, findings: Findings) -> None:
    for at, uri in enumerate(written.claim_uris):
        if "://" in uri and uri not in LOCAL_NAMES:
            key = f"jit_provisioning.indelible_claims.claim_uris[{at + 1}]"
            findings.refuse(
                key, "This claim has no local attribute.", found=uri, allowed="a local attribute's name"
            )


def _provisioning(
    deployment: checked.Deployment, findings: Findings, *, strict: bool
) -> ProvisioningSettings:
    written, section = deployment.authentication.jit_provisioning, "authentication.jit_provisioning"
    if written.associating_to_existing_user:
        findings.warn(
            f"{section}.associating_to_existing_user",
            "Whoever gets a local user's name at an identity provider is led to that user's account. "
            "Unlike WSO2 Identity Server, Jitney never links by the name alone: the person must prove the account.",
        )
    return ProvisioningSettings(
        refuse_on_failure=written.fail_authn_on_provision_failure,
        role_separator=deployment.federated.idp.role_claim_value_attribute_separator,
        indelible_attributes=tuple(
            LOCAL_NAMES.get(uri, uri) for uri in deployment.jit_provisioning.indelible_claims.claim_uris
        ),
        username_provisioning_url=check_page_address(
            f"{section}.username_provisioning_url", written.username_provisioning_url, findings, strict=strict
        ),
        password_provisioning_url=check_page_address(
            f"{section}.password_provisioning_url", written.password_provisioning_url, findings, strict=strict
        ),
        equal_name_may_link=written.associating_to_existing_user,
        enhanced=written.enable_enhanced_feature,
    )
