"""Keeps what an operator had typed when their session was over, and shows it to the same operator again."""

from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest

from starlette.requests import Request

from jitney.errors import Expired
from jitney.model.changes import KeepForm
from jitney.model.kept_form import KeptForm
from jitney.model.secret_hash import hash_secret
from jitney.ports import Clock, Entropy, KeptForms, UnitOfWork
from jitney.web.console.doorways import Fields
from jitney.web.console.slips import TOKEN, WHO, is_who_token, who_token
from jitney.web.kit.cookies import Cookies

KEPT_FOR = timedelta(minutes=30)
MOST_KEPT = 512 * 1024
"""How many characters are kept of one form."""

NEVER_KEPT = ("try.", "pasted", "claims")
"""How the names of fields begin of which a page says that nothing of them is stored."""

SECRET_WORDS = frozenset({"password", "again", "bind_password", "client_secret", "private_key"})
"""How the names of fields end that hold a secret: no page shows one again (R-115), so none is kept."""


@dataclass(frozen=True, slots=True)
class FormKeeping:
    """Forms that wait for a new sign-in; ``key`` is the server's own.

    The attack: somebody who finds a browser open, or signs in to it as another operator, reads what was typed.
    So a form is bound to the browser and to the operator whom its page was made for.
    """

    forms: KeptForms
    work: UnitOfWork
    cookies: Cookies
    clock: Clock
    entropy: Entropy
    key: bytes = field(repr=False)

    async def keep(self, http: Request, fields: Fields) -> str | None:
        """Keep the fields of a form; return the key that shows it again, ``None`` where nothing can be kept.

        The attack: whoever likes fills the database with forms. So it must be one that we gave to an operator.
        """
        who = fields.get(WHO, "")
        typed = {name: text for name, text in fields.items() if _may_be_kept(name)}
        if (
            not is_who_token(who, self.cookies.need_browser(http), self.key)
            or sum(map(len, typed.values())) > MOST_KEPT
        ):
            return None
        key, now = self.entropy.token(), self.clock.now()
        path = str(http.scope["path"])
        form = KeptForm(hash_secret(key), hash_secret(who), path, typed, now, now + KEPT_FOR)
        await self.work.commit(KeepForm(form))
        return key

    async def find(self, http: Request, key: str, *, operator_id: str) -> KeptForm:
        """Return what this operator had typed in this browser; raises ``Expired`` (``kept_form_unknown``)."""
        kept = await self.forms.find(hash_secret(key)) if key else None
        who = who_token(self.cookies.need_browser(http), operator_id, self.key)
        if (
            kept is None
            or self.clock.now() >= kept.expires
            or not compare_digest(kept.bound_to, hash_secret(who))
        ):
            raise Expired(
                "kept_form_unknown",
                "What was typed is not kept any more. Please open the page and type it again.",
            )
        return kept


def _may_be_kept(name: str) -> bool:
    is_secret = name.rpartition(".")[2] in SECRET_WORDS
    return name not in {TOKEN, WHO} and not is_secret and not name.startswith(NEVER_KEPT)
