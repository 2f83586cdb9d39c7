"""The settings of a LemonLDAP::NG portal that is an identity provider for SAML 2.0 and OpenID Connect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.saml_server import SigningPair

_INI = """[all]
logLevel = {log_level}
checkTime = 600
[configuration]
type = File
dirName = {folder}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'configuration', 'cache_root' => '{folder}/known' }}
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
"""
_ATTRIBUTES = {"uid": "uid", "mail": "mail", "cn": "cn"}


@dataclass(frozen=True)
class OIDCApplication:
    """A client of the portal's OpenID Provider."""

    client_id: str
    client_secret: str
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()


def initialisation(folder: Path, *, log_level: str = "info") -> str:
    """What stands in ``lemonldap-ng.ini``: where everything else is."""
    return _INI.format(folder=folder, log_level=log_level)


def configuration(
    folder: Path,
    address: str,
    *,
    saml: SigningPair,
    oidc: SigningPair,
    service_provider: bytes | None,
    application: OIDCApplication | None,
) -> dict[str, Any]:
    """What an administrator would have set: the demonstration's people, and both protocols."""
    return {
        "cfgNum": 1,
        "cfgVersion": "2.16.1",
        "cfgAuthor": "tests",
        "cfgDate": 1,
        "portal": f"{address}/",
        "domain": "127.0.0.1",
        "cookieName": "lemonldap",
        "securedCookie": 0,
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "demoExportedVars": _ATTRIBUTES,
        "exportedVars": {},
        "macros": {},
        "groups": {},
        "applicationList": {},
        "locationRules": {"127.0.0.1": {"default": "accept"}},
        "timeout": 72000,
        "whatToTrace": "uid",
        # Nobody is asked to read a picture; the real module would need a library that draws.
        "captcha": "::Main::Plugin",
        # Pages come as soon as they may, and ask nothing but name and password.
        "requireToken": 0,
        "portalDisplayRegister": 0,
        "portalDisplayResetPassword": 0,
        "confirmFormMethod": "post",
        "skipRenewConfirmation": 1,
        "skipUpgradeConfirmation": 1,
        **_storages(folder),
        **_saml(saml, service_provider),
        **_oidc(address, oidc, application),
    }


def _storages(folder: Path) -> dict[str, Any]:
    return {
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": _session_files(folder / "sessions"),
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": _session_files(folder / "psessions"),
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {"namespace": "sessions", "cache_root": str(folder / "cache")},
    }


def _session_files(folder: Path) -> Mapping[str, str]:
    generator = "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"
    return {"Directory": str(folder), "LockDirectory": str(folder / "lock"), "generateModule": generator}


def _saml(pair: SigningPair, service_provider: bytes | None) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "issuerDBSAMLActivation": 1,
        "samlServicePrivateKeySig": pair.key,
        "samlServicePublicKeySig": pair.certificate,
        "samlServiceUseCertificateInResponse": 1,
        "samlServiceSignatureMethod": "RSA_SHA256",
    }
    if service_provider is None:
        return settings
    options = {
        "samlSPMetaDataOptionsNameIDFormat": "persistent",
        "samlSPMetaDataOptionsSignSSOMessage": 1,
        "samlSPMetaDataOptionsSignSLOMessage": 1,
        "samlSPMetaDataOptionsCheckSSOMessageSignature": 1,
        "samlSPMetaDataOptionsCheckSLOMessageSignature": 1,
        "samlSPMetaDataOptionsEnableIDPInitiatedURL": 1,
        "samlSPMetaDataOptionsNotOnOrAfterTimeout": 300,
        "samlSPMetaDataOptionsForceUTF8": 1,
    }
    exported = {
        name: f"1;{name};urn:oasis:names:tc:SAML:2.0:attrname-format:basic;{name}" for name in _ATTRIBUTES
    }
    return {
        **settings,
        "samlSPMetaDataXML": {"jitney": {"samlSPMetaDataXML": service_provider.decode()}},
        "samlSPMetaDataOptions": {"jitney": options},
        "samlSPMetaDataExportedAttributes": {"jitney": exported},
    }


def _oidc(address: str, pair: SigningPair, application: OIDCApplication | None) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": address,
        "oidcServicePrivateKeySig": pair.key,
        "oidcServicePublicKeySig": pair.certificate,
        "oidcServiceKeyIdSig": "first",
        "oidcServiceIgnoreScopeForClaims": 1,
    }
    if application is None:
        return settings
    options: dict[str, Any] = {
        "oidcRPMetaDataOptionsClientID": application.client_id,
        "oidcRPMetaDataOptionsClientSecret": application.client_secret,
        "oidcRPMetaDataOptionsRedirectUris": " ".join(application.redirect_uris),
        "oidcRPMetaDataOptionsPostLogoutRedirectUris": " ".join(application.post_logout_redirect_uris),
        "oidcRPMetaDataOptionsIDTokenSignAlg": "RS256",
        "oidcRPMetaDataOptionsIDTokenExpiration": 3600,
        "oidcRPMetaDataOptionsBypassConsent": 1,
        "oidcRPMetaDataOptionsRequirePKCE": 1,
        "oidcRPMetaDataOptionsLogoutBypassConfirm": 1,
    }
    exported = {"email": "mail", "name": "cn", "preferred_username": "uid"}
    return {
        **settings,
        "oidcRPMetaDataOptions": {"jitney": options},
        "oidcRPMetaDataExportedVars": {"jitney": exported},
    }
