"""Where each page of the console is seen: concrete addresses for every route that answers GET."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.end_to_end.console_town import ConsoleTown
from tests.end_to_end.half_accounts import fetch
from tests.end_to_end.prompts.town import PASSWORD
from tests.servers.http_browser import HttpBrowser


@dataclass(frozen=True)
class Places:
    """What a running town puts into addresses."""

    texts: Mapping[str, str]

    def fill(self, address: str) -> str:
        """Return an address with what stands in its braces."""
        return address.format_map(self.texts)


async def find_places(town: ConsoleTown) -> Places:
    """Look up the ids and references, and the keys that stand in links of pages."""
    found = await fetch(
        town.home,
        "SELECT user_id FROM account_links WHERE subject = 'acme-ada'",
        "SELECT user_id FROM account_links WHERE subject LIKE '%script%'",
        "SELECT user_id FROM consent_receipts",
        "SELECT id FROM users WHERE name = 'desk'",
        "SELECT id FROM purposes",
        "SELECT reference FROM outcomes WHERE kind = 'refused'",
        "SELECT reference FROM outcomes WHERE kind = 'created'",
    )
    names = ("ada", "mallory", "agreeing", "desk", "purpose", "refused", "created")
    texts = {name: str(rows[0][0]) for name, rows in zip(names, found, strict=True)}
    async with HttpBrowser() as browser:
        page = await browser.follow(town.console)
        await browser.submit(page, {"username": "root", "password": PASSWORD}, button="Sign in")
        for key, (path, pattern) in _LINKS.items():
            page = await browser.follow(f"{town.home.base_url}{path.format_map(texts)}")
            match = re.search(pattern, page.text)
            if match is None:
                raise LookupError(f"no link like {pattern} on {page.url}")
            texts[key] = match.group(1)
        for key, name in _SEARCHED.items():
            page = await browser.follow(f"{town.console}/people")
            found = await browser.submit(page, {"q": name}, button="Search")
            texts[key] = found.url.removeprefix(town.home.base_url)
    return Places(texts)


_LINKS = {
    "link": ("/console/people/{ada}", r"/unlink/([^\"?]+)"),
    "receipt": ("/console/people/{agreeing}", r"/withdraw/([^\"?]+)"),
    "text": ("/console/look/texts", r"/console/look/texts/([^\"?]+)"),
}
"""What stands in links → the page on which there is one, and how it looks."""

_SEARCHED = {"found": "ada", "nobody": "nobody-at-all", "hostile": "mallory"}
"""What stands in addresses that hold a search → whom it is for."""

PLACES: Mapping[str, Mapping[str, str]] = {
    # What was kept of a form, and the previews of a look, are shown after a form: see the walks.
    "/console/kept": {},
    "/console/look/preview/{key}": {},
    "/console/look/preview/{key}/pages/{sample}": {},
    "/console/look/preview/{key}/theme.css": {},
    "/console/look/preview/{key}/logo": {},
    # A removal is under way after somebody has begun one.
    "/console/identity-providers/{name}/removal": {},
    # A file to keep, no page.
    "/console/identity-providers/{name}/keys/{fingerprint}.pem": {},
    "/console": {"overview": "/console", "overview-week": "/console?span=week"},
    "/console/outcomes": {"outcomes": "/console/outcomes", "outcomes-refused": "/console/outcomes?result=refused"},
    "/console/outcomes/{reference}": {
        "outcome-created": "/console/outcomes/{created}",
        "outcome-refused": "/console/outcomes/{refused}",
    },
    "/console/audit": {"audit": "/console/audit", "audit-nothing": "/console/audit?reference=ZZZZ-ZZZZ"},
    "/console/identity-providers": {"idp-list": "/console/identity-providers"},
    "/console/identity-providers/add": {
        "idp-choose": "/console/identity-providers/add",
        "idp-add-oidc": "/console/identity-providers/add?preset=oidc",
        "idp-add-saml": "/console/identity-providers/add?preset=saml",
        "idp-add-google": "/console/identity-providers/add?preset=google",
    },
    "/console/identity-providers/{name}": {"idp": "/console/identity-providers/acme"},
    **{
        f"/console/identity-providers/{{name}}/{part}": {
            f"idp-{part}": f"/console/identity-providers/acme/{part}",
            f"idp-saml-{part}": f"/console/identity-providers/university/{part}",
        }
        for part in ("basic", "protocol", "logout", "delete")
    },
    **{
        f"/console/identity-providers/{{name}}/{part}": {f"idp-{part}": f"/console/identity-providers/acme/{part}"}
        for part in ("claims", "roles", "provisioning", "second-factor", "test", "rehearse")
    },
    "/console/people": {
        "people": "/console/people",
        "people-found": "{found}",
        "people-nobody": "{nobody}",
    },
    "/console/people/add": {"person-add": "/console/people/add"},
    "/console/people/lock-identity": {"lock-identity": "/console/people/lock-identity"},
    "/console/people/{id}": {
        "person": "/console/people/{ada}",
        "person-hostile": "/console/people/{mallory}",
        "person-agreeing": "/console/people/{agreeing}",
    },
    "/console/people/{id}/lock-identity/{link}": {
        "person-lock-identity": "/console/people/{ada}/lock-identity/{link}"
    },
    "/console/people/{id}/unlink/{link}": {"person-unlink": "/console/people/{ada}/unlink/{link}"},
    "/console/people/{id}/withdraw/{receipt}": {"person-withdraw": "/console/people/{agreeing}/withdraw/{receipt}"},
    **{
        f"/console/people/{{id}}/{act}": {f"person-{act}": f"/console/people/{{ada}}/{act}"}
        for act in (
            "lock", "disable", "end-sessions", "password", "reset-factors", "link", "attributes", "roles", "delete",
        )
    },
    "/console/operators": {"operators": "/console/operators"},
    "/console/operators/{user_id}/{role}/take-away": {
        "operator-take-away": "/console/operators/{desk}/operator.helpdesk/take-away"
    },
    "/console/look": {"look": "/console/look"},
    "/console/look/texts": {"look-texts": "/console/look/texts"},
    "/console/look/texts/{key}": {"look-text": "/console/look/texts/{text}"},
    "/console/look/templates": {"look-templates": "/console/look/templates"},
    "/console/look/templates/{name}": {"look-template": "/console/look/templates/message.html"},
    "/console/user-stores": {"stores": "/console/user-stores"},
    "/console/user-stores/new": {
        "store-choose": "/console/user-stores/new",
        "store-new-ldap": "/console/user-stores/new?type=ldap",
        "store-new-sql": "/console/user-stores/new?type=sql",
    },
    "/console/user-stores/{domain}": {
        "store": "/console/user-stores/ENG",
        "store-primary": "/console/user-stores/PRIMARY",
    },
    **{
        f"/console/user-stores/{{domain}}/{part}": {f"store-{part}": f"/console/user-stores/STAFF/{part}"}
        for part in ("remove", "basic", "connection", "rules", "attributes", "groups")
    },
    "/console/applications": {"applications": "/console/applications"},
    "/console/new-application": {"application-new": "/console/new-application"},
    "/console/applications/{id}": {"application": "/console/applications/sample"},
    **{
        f"/console/applications/{{id}}/{part}": {f"application-{part}": f"/console/applications/sample/{part}"}
        for part in ("secret", "remove", "policy", "try", "basic", "proof", "people", "claims")
    },
    "/console/purposes": {"purposes": "/console/purposes"},
    "/console/purposes/new": {"purpose-new": "/console/purposes/new"},
    "/console/purposes/{id}": {"purpose": "/console/purposes/{purpose}"},
    "/console/purposes/{id}/remove": {"purpose-remove": "/console/purposes/{purpose}/remove"},
    "/console/roles": {"roles": "/console/roles"},
    "/console/roles/remove": {"role-remove": "/console/roles/remove?name=readers"},
}  # fmt: skip
"""Route → name of the picture → address; a route without any says in a comment why it is not photographed."""
