"""The addresses of the pages about people; none holds a name, a subject or an address of somebody."""

from hashlib import sha256
from typing import Final
from urllib.parse import quote

from jitney.model.account_link import AccountLink
from jitney.model.user import User
from jitney.provisioning.display_names import display_name_of

PEOPLE: Final = "/console/people"
PERSON: Final = "/console/people/{id}"
SECTION: Final = "people"


def person_path(id: str, act: str = "") -> str:
    """Return the address of a person's page, or of something that can be done there."""
    path = f"{PEOPLE}/{quote(id, safe='')}"
    return f"{path}/{act}" if act else path


def link_key(link: AccountLink) -> str:
    """Return what names a link of a person in an address: a subject may be a name, and stands in no address."""
    text = f"{link.idp}\0{link.subject}".encode(errors="surrogatepass")
    return sha256(text).hexdigest()[:32]


def called(user: User) -> str:
    """Return what a person is called in a title: as people know them, else by their user name."""
    return display_name_of(user) or str(user.username)
