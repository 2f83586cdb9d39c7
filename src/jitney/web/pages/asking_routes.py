"""The paths of the pages that ask: ours, the doors of a customer's own, and what became of the answers."""

from starlette.routing import Route

from jitney.web.pages.my_consents import MyConsents
from jitney.web.pages.own_page import OwnPageDoors
from jitney.web.pages.prompt import PromptPages


def asking_routes(prompt: PromptPages, own: OwnPageDoors, mine: MyConsents) -> list[Route]:
    """Return the routes, to be mounted at the root."""
    return [
        Route("/sign-in/prompt", prompt.show, methods=["GET"]),
        Route("/sign-in/prompt", prompt.answer, methods=["POST"]),
        Route("/sign-in/prompt/username", prompt.check_username, methods=["POST"]),
        Route("/api/v1/prompts/{session_data_key}", own.describe, methods=["GET", "OPTIONS"]),
        Route("/commonauth", own.answer, methods=["POST"]),
        Route("/account/consents", mine.show, methods=["GET"]),
        Route("/account/consents/{receipt_id}.json", mine.download, methods=["GET"]),
        Route("/account/consents/withdraw", mine.withdraw, methods=["POST"]),
    ]
