"""The fake provider's pages: "who are you?", "you are signed out", and the form that goes back by itself."""

from collections.abc import Iterable
from html import escape

from jitney.testing.fake_oidc.people import Person

FORM_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
)
"""What the page with the form may do beside showing itself: post the form."""

_STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; background: #eef2f0; color: #16231c; margin: 0 }
main { max-width: 26rem; margin: 10vh auto; padding: 2rem; background: #fff; border-radius: 12px;
       box-shadow: 0 2px 14px #0002 }
h1 { margin: 0 0 .2rem; font-size: 1.5rem } p { margin: 0 0 1.2rem; color: #4a5a51 }
button { display: block; width: 100%; margin: .5rem 0; padding: .7rem 1rem; font: inherit; text-align: left;
         background: #f6f9f7; border: 1px solid #b9c8c0; border-radius: 8px; cursor: pointer }
button:hover, button:focus { background: #1f6f4a; color: #fff; outline: none }
button small { display: block; opacity: .75 }
hr { border: 0; border-top: 1px solid #d9e2dd; margin: 1.4rem 0 }
input { width: 100%; box-sizing: border-box; padding: .6rem; font: inherit; border: 1px solid #b9c8c0;
        border-radius: 8px; margin-top: .3rem }
"""


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def who_are_you(people: Iterable[Person], *, action: str, ticket: str, hint: str) -> str:
    """A button for each known person and a field for anybody else; both post ``person`` to ``action``."""
    buttons = "".join(
        f'<button name="person" value="{escape(person.sub)}">{escape(person.name)}'
        f"<small>{escape(str(person.claims.get('email', '')))}</small></button>"
        for person in people
    )
    ticket_field = f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
    return _page(
        "Acme sign-in",
        "<h1>Acme sign-in</h1><p>This identity provider is a fake and asks for no password. Who are you?</p>"
        f'<form method="post" action="{escape(action)}">{ticket_field}{buttons}</form><hr>'
        f'<form method="post" action="{escape(action)}">{ticket_field}'
        f'<label>Somebody else<input name="person" required maxlength="200" autocomplete="off"'
        f' value="{escape(hint)}"></label><button>Sign in</button></form>',
    )


def posting_form(action: str, fields: Iterable[tuple[str, str]]) -> str:
    """A form that posts itself to the client, or by a button where there is no script."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields
    )
    return _page(
        "Signed in",
        f'<h1>Signed in</h1><form method="post" action="{escape(action)}">{inputs}<button>Go on</button></form>'
        "<script>document.forms[0].submit()</script>",
    )


def message(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")
