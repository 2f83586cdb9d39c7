"""Web: puts the doors inward before the verbs; the third page of the switchboard."""

from urllib.parse import urlsplit

from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from jitney.app.console import make_console
from jitney.app.doors import Doors
from jitney.app.verbs import Verbs
from jitney.errors import NotFound
from jitney.settings import Settings
from jitney.signin.own_pages import WithOwnPages
from jitney.userstores.probing import StoreProbe
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.edge import Edge
from jitney.web.kit.error_pages import ErrorPages
from jitney.web.kit.live_theme import LiveTheme
from jitney.web.kit.our_files import OurFiles
from jitney.web.kit.render import STATIC, Pages
from jitney.web.kit.theme_files import theme_routes
from jitney.web.openid.answers import OpenIDAnswers
from jitney.web.openid.routes import Furniture
from jitney.web.openid.routes import routes as openid_routes
from jitney.web.pages.account_routes import AccountPages, account_routes
from jitney.web.pages.account_session import AccountDoor
from jitney.web.pages.asking_routes import asking_routes
from jitney.web.pages.callback import Callback
from jitney.web.pages.factor import FactorPages
from jitney.web.pages.factor_view import FactorView
from jitney.web.pages.health import Health
from jitney.web.pages.my_consents import MyConsents
from jitney.web.pages.own_addresses import OwnPages
from jitney.web.pages.own_page import OwnPageDoors
from jitney.web.pages.prompt import PromptPages, PromptVerbs
from jitney.web.pages.prompt_view import PromptView
from jitney.web.pages.saml import SAMLPages
from jitney.web.pages.set_up import SetUpPages
from jitney.web.pages.sign_in import SignInPages
from jitney.web.pages.steps import StepPages
from jitney.web.pages.trial import TrialPages


def make_web(settings: Settings, doors: Doors, verbs: Verbs, *, form_key: bytes) -> ASGIApp:
    """Put the doors inward before the verbs."""
    public = urlsplit(settings.server.base_url)
    origin, secure = f"{public.scheme}://{public.netloc}", public.scheme == "https"
    live = LiveTheme(settings.pages, doors.looks)
    cookies, pages = Cookies(secure), Pages(secure, live)
    error_pages = ErrorPages(pages, doors.entropy, plain=Pages(secure))
    answers = OpenIDAnswers(verbs.openid_provider.authorization, doors.entropy)
    view = PromptView(pages)
    own_pages = OwnPages(
        settings.provisioning.username_provisioning_url, settings.provisioning.password_provisioning_url
    )
    applications = WithOwnPages(doors.applications, settings.pages.product_name)
    steps = StepPages(answers, applications, cookies, error_pages, view, own_pages)
    sign_in = SignInPages(
        verbs.arrival, verbs.federated_login, verbs.local_login, verbs.home_realm_discovery, steps, answers,
        cookies, pages, doors.entropy, origin,
    )  # fmt: skip
    callback = Callback(verbs.federated_login, verbs.upstream_logout, steps, cookies)
    saml = SAMLPages(
        doors.identity_providers, doors.upstreams, callback, verbs.unsolicited_arrival, verbs.upstream_logout,
        verbs.logout_onward, pages, settings.server.base_url,
    )  # fmt: skip
    trial = TrialPages(verbs.provider_trial, steps, cookies, pages, doors.entropy, origin)
    password_rule = settings.user_store.password.message
    set_up = SetUpPages(verbs.setup, cookies, pages, doors.entropy, origin, password_rule)
    asking = PromptVerbs(verbs.prompt_answers, verbs.link_proof)
    prompt = PromptPages(asking, steps, view, cookies, pages, origin)
    own_doors = OwnPageDoors(asking, steps, own_pages, cookies, pages, origin)
    door = AccountDoor(verbs.arrival.sessions, verbs.own_account.recognition, sign_in, cookies, pages, origin)
    mine = MyConsents(door, verbs.consents, doors.identity_providers, pages)
    account = AccountPages.of(
        door, verbs.own_account, verbs.own_factors, identity_providers=doors.identity_providers,
        applications=applications,
    )  # fmt: skip
    factor = FactorPages(verbs.factor_step, steps, FactorView(pages), cookies, origin)
    health = Health({"database": doors.is_database_reachable}, StoreProbe(doors.user_stores))
    router = Router(
        [
            *openid_routes(
                verbs.openid_provider,
                answers=answers,
                entrance=sign_in,
                furniture=Furniture(cookies, pages, error_pages, doors.entropy, origin, verbs.logout_onward),
            ),
            Route("/callback/{identity_provider}", callback.come_back, methods=["GET"]),
            Route("/callback/{identity_provider}", callback.come_back_by_post, methods=["POST"]),
            *saml.routes(),
            Route("/trial", trial.show, methods=["GET"]),
            Route("/trial", trial.begin, methods=["POST"]),
            Route("/logout/upstream/{identity_provider}", callback.log_out, methods=["POST"]),
            Route("/sign-in", sign_in.show, methods=["GET"]),
            Route("/sign-in", sign_in.choose, methods=["POST"]),
            Route("/sign-in/address", sign_in.find_home, methods=["POST"]),
            Route("/sign-in/local", sign_in.sign_in_locally, methods=["POST"]),
            Route("/sign-in/again", sign_in.again, methods=["POST"]),
            *asking_routes(prompt, own_doors, mine),
            *account_routes(account),
            *factor.routes(),
            *make_console(settings, doors, verbs, entrance=sign_in, form_key=form_key, live=live).routes(),
            Route("/set-up", set_up.show, methods=["GET"]),
            Route("/set-up", set_up.complete, methods=["POST"]),
            Route("/health/live", health.live, methods=["GET"]),
            Route("/health/ready", health.ready, methods=["GET"]),
            *theme_routes(live),
            Mount("/static", GZipMiddleware(OurFiles(directory=STATIC), minimum_size=1000)),
        ],
        redirect_slashes=False,
        default=nowhere,
    )
    return Edge(router, error_pages, secure, live_theme=live)


async def nowhere(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer for every address that is no door; the edge makes the page."""
    raise NotFound("page_unknown", "There is nothing at this address. Please start from the application.")
