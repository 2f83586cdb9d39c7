"""The page that asks before an account is made or joined, and what somebody did on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jitney.errors import InvalidInput, JitneyError
from jitney.model.secret_hash import hash_secret
from jitney.signin.journey import Step
from jitney.signin.journeys_in_browsers import Visitor
from jitney.signin.link_proof import LinkProof
from jitney.signin.prompt_answers import PromptAnswers
from jitney.signin.said import Speaks
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import check_form
from jitney.web.kit.forms import read_form, read_query
from jitney.web.kit.networks import network_of
from jitney.web.kit.render import Pages, redirect
from jitney.web.pages.prompt_view import PromptView, prompt_address, prompt_purpose
from jitney.web.pages.steps import StepPages
from jitney.web.pages.username_checks import UsernameChecks

OWN_FIELDS = frozenset({"h", "sessionDataKey", "form_token", "action"})
"""The fields that are the door's; all others are an answer, of which only what was asked for is looked at."""

WAY_TO_LINK = "link"


@dataclass(frozen=True, slots=True)
class PromptVerbs:
    """What can be done on a page that asks, by the name of the button; a page of another site has the same."""

    prompts: PromptAnswers
    proof: LinkProof

    async def do(
        self, action: str, key: str, fields: Mapping[str, str], *, browser: Visitor, speaks: Speaks
    ) -> Step | None:
        """Carry out what a button says; ``None`` where nothing is done but to show the page of a proof.

        Raises ``InvalidInput`` with ``prompt_action_unknown`` or ``field_missing``, and as the verbs do.
        """
        answer = {name: value for name, value in fields.items() if name not in OWN_FIELDS}
        match action:
            case "answer" | "decline":
                declined = action == "decline"
                return await self.prompts.answer(
                    key, answer, browser=browser, speaks=speaks, declined=declined
                )
            case "cancel":
                return await self.prompts.cancel(key, browser=browser)
            case "another":
                return await self.prompts.another_account(key, browser=browser)
            case "prove":
                name, password = needed(fields, "username"), needed(fields, "password")
                return await self.proof.by_password(key, name, password, browser=browser)
            case "prove_with":
                provider = needed(fields, "identity_provider")
                return await self.proof.by_provider(key, provider, browser=browser)
            case "link":
                return None
            case _:
                raise InvalidInput("prompt_action_unknown", "This page has no such button. Please go back.")


@dataclass(frozen=True, slots=True)
class PromptPages:
    """``/sign-in/prompt``; ``origin`` is the origin of the public address, which our own forms come from."""

    verbs: PromptVerbs
    steps: StepPages
    view: PromptView
    cookies: Cookies
    pages: Pages
    origin: str
    checks: UsernameChecks = field(default_factory=UsernameChecks)

    async def show(self, http: Request) -> Response:
        """``GET /sign-in/prompt?h=KEY[&way=link]``: changes nothing."""
        query = read_query(http)
        key, browser = query.get("h", ""), self.cookies.need_browser(http)
        shown = await self.verbs.prompts.show(
            key, browser=Visitor(browser), wants_link=query.get("way") == WAY_TO_LINK
        )
        return self.view.page(http, key, shown, form_secret=self.cookies.form_secret(http, browser))

    async def answer(self, http: Request) -> Response:
        """``POST /sign-in/prompt``: the button ``action`` says what is wanted."""
        fields, key, browser = await self._posted(http)
        step = await self.verbs.do(
            fields.get("action", "answer"),
            key,
            fields,
            browser=Visitor(browser, network=network_of(http)),
            speaks=lambda wish: self.pages.language(http, ui_locales=wish).tag,
        )
        if step is None:
            return redirect(prompt_address(key, way=WAY_TO_LINK))
        return await self.steps.answer(
            http, step, form_secret=self.cookies.form_secret(http, browser), handle=key
        )

    async def check_username(self, http: Request) -> Response:
        """``POST /sign-in/prompt/username``: say while somebody types whether a name would do.

        It tells no more than the page would: that a name is not available, or the rule that it breaks (R-109).
        """
        fields, key, browser = await self._posted(http)
        page = hash_secret(key)
        if not self.checks.take(page):
            return JSONResponse({"code": "too_many_checks"}, 429, {**NO_STORE, "retry-after": "60"})
        try:
            problem = await self.verbs.prompts.check_username(
                key, fields.get("username", ""), browser=Visitor(browser)
            )
        except JitneyError:
            self.checks.give_back(page)
            raise
        if problem is None:
            return JSONResponse({"available": True}, headers=NO_STORE)
        sentence = self.pages.language(http).gettext(problem.sentence)
        return JSONResponse({"available": False, "sentence": sentence}, headers=NO_STORE)

    async def _posted(self, http: Request) -> tuple[Mapping[str, str], str, str]:
        fields = await read_form(http)
        key, browser = needed(fields, "h"), self.cookies.need_browser(http)
        check_form(
            http,
            fields.get("form_token"),
            browser=self.cookies.form_secret(http, browser),
            purpose=prompt_purpose(key),
            origin=self.origin,
        )
        return fields, key, browser


def needed(fields: Mapping[str, str], name: str) -> str:
    """Return a field that a form cannot be without; raises ``InvalidInput`` with ``field_missing``."""
    value = fields.get(name, "")
    if not value:
        raise InvalidInput(
            "field_missing", "Something is missing in this form. Please go back and fill it in."
        )
    return value


NO_STORE = {"cache-control": "no-store"}
