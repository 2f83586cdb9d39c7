"""Samples of the pages of a sign-in: from the choice of a provider to the last question."""

from typing import Any, Final

from markupsafe import Markup

from jitney.model.user_store import UserStoreDescription
from jitney.web.console.look.sample import Sample, Words, of

WIKI: Final = "Staff wiki"
ACME: Final = "Acme University"
REFERENCE: Final = "7Q2K-M4XD"
_FORM_TOKEN: Final = "sample"
_JOURNEY: Final = {"key": "sample", "form_token": "sample", "application": WIKI, "reference": REFERENCE}

_STORE: Final = UserStoreDescription("PRIMARY")
_NAME_RULE: Final = Words(_STORE.username.message)
_PASSWORD_RULE: Final = Words(_STORE.password.message)


def _sign_in(**changed: Any) -> dict[str, Any]:
    return {
        "application": WIKI,
        "providers": (
            of(name="acme", display_name=ACME),
            of(name="github", display_name="GitHub"),
        ),
        "local": True, "asks_address": False, "handle": "sample", "form_token": "sample", "typed": None,
        "address": "", "address_problem": None, "username": "", "problem": None, "reference": None, **changed,
    }  # fmt: skip


_LINES: Final = (
    of(label=Words("First name"), values=("Ada",)),
    of(label=Words("Last name"), values=("Lovelace",)),
    of(label=Words("E-mail address"), values=("ada@example.com",)),
)

_PURPOSES: Final = (
    of(
        field="purpose.sample",
        version=1,
        name="Staff directory",
        description="So that colleagues find you and know how to reach you.",
        boxes=(
            of(id="purpose-1-1", name="consent.1", label=Words("E-mail address"), version=1, mandatory=True,
               values=("ada@example.com",), ticked=False, problem=None),
            of(id="purpose-1-2", name="consent.2", label=Words("Phone number"), version=1, mandatory=False,
               values=("+44 20 7946 0958",), ticked=False, problem=None),
        ),
    ),
)  # fmt: skip


def _prompt(heading: str, *, name: bool = False, password: bool = False, **changed: Any) -> dict[str, Any]:
    mode = of(asks_username=name, asks_password=password)
    return {
        **_JOURNEY,
        "provider": ACME, "tries_left": None, "heading": Words(heading), "summary": (),
        "form": of(account="ada@example.com", mode=mode, may_link=True),
        "username": "ada", "username_problem": None, "username_rule": _NAME_RULE, "username_pattern": "",
        "password_problem": None, "password_rule": _PASSWORD_RULE, "password_pattern": "",
        "again_problem": None, "lines": _LINES, "missing": (), "purposes": _PURPOSES, "has_mandatory": True,
        **changed,
    }  # fmt: skip


_ASKED: Final = of(
    id="missing-1", name="missing.department", label=Words("Department"), type="text", autocomplete="off", typed="",
    required=True, problem=None,
)  # fmt: skip

_TAKEN: Final = Words("This user name cannot be used. Please choose another one.")


def _proof(**form: Any) -> dict[str, Any]:
    return {
        **_JOURNEY,
        "provider": ACME, "tries_left": None, "summary": (), "username_problem": None, "password_problem": None,
        "form": of(account="ada@example.com", **form),
    }  # fmt: skip


_PICTURE: Final = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21" width="210" height="210">'
    '<path fill="#fff" d="M0 0h21v21H0z"/>'
    '<path d="M2 2h5v5H2zM14 2h5v5h-5zM2 14h5v5H2zM9 3h1v2H9zM11 6h2v1h-2zM9 9h3v2H9zM14 10h2v3h-2z'
    'M3 9h3v1H3zM10 13h2v4h-2zM14 15h1v3h-1zM17 13h1v2h-1zM9 18h3v1H9z"/></svg>'
)
_SCAN: Final = of(picture=_PICTURE, groups=("JBSW", "Y3DP", "EHPK", "3PXP"), address="otpauth://totp/sample")
CODES: Final = ("b7kd-92mf-xq3w-5tzp", "m4wn-8rvc-e6ys-2hjg", "q9ta-3dkx-n5pb-7fuc", "z2ge-6ymh-c8rw-4vns")
CODES_FILE: Final = "data:text/plain;charset=utf-8,sample"

_WAYS: Final = (
    of(kind="passkey", title=Words("Use a passkey"), action="use-other-way",
       hint=Words("Your fingerprint, your face, a PIN or a security key")),
    of(kind="email_otp", title=Words("Get a code by e-mail"), hint=Words("Six digits that we send you now"),
       action="ask"),
    of(kind="recovery_code", title=Words("Use a recovery code"), action="use-other-way",
       hint=Words("One of the codes that you kept for this")),
)  # fmt: skip


def _words(heading: str, lead: str) -> Any:
    return of(heading=Words(heading), lead=Words(lead))


def _factor(**changed: Any) -> dict[str, Any]:
    return {
        **_JOURNEY,
        "account": "Ada Lovelace", "is_enrolling": False, "way": None, "words": None, "ways": _WAYS,
        "problem": None, "is_wrong": False, "scan": None, "masked": None, "passkey_options": None,
        "recovery_codes": (), "recovery_file": CODES_FILE, **changed,
    }  # fmt: skip


_APP: Final = _words(
    "Confirm that it is you",
    "Open your authenticator app, and type the six digits that it shows for this account.",
)
_BY_MAIL: Final = _words(
    "Confirm that it is you", "We send six digits to the e-mail address that you confirmed here."
)
_SETTING_UP: Final = _words(
    "Set up an authenticator app",
    "Use any authenticator app that you trust. If you have none yet, install one on your telephone first.",
)
_BY_PASSKEY: Final = _words(
    "Confirm that it is you",
    "Use your passkey. Your browser asks for your fingerprint, your face, your PIN or your security key.",
)
_BY_CODE: Final = _words(
    "Use a recovery code",
    "Type one of the codes that you kept when you set this up. Each of them works once.",
)

SIGN_IN_SAMPLES: Final = (
    Sample("sign-in", "Sign in", "sign_in.html", _sign_in()),
    Sample(
        "sign-in-address", "Sign in: by e-mail address", "sign_in.html", _sign_in(asks_address=True, local=False)
    ),
    Sample(
        "sign-in-failed", "Sign in: after a wrong password", "sign_in.html",
        _sign_in(
            username="ada", reference=REFERENCE,
            problem=Words("This user name and password do not open an account. Please check both and try again."),
        ),
    ),
    Sample("prompt-consent", "First sign-in: consent", "prompt.html", _prompt("Check your account")),
    Sample(
        "prompt-password", "First sign-in: password and consent", "prompt.html",
        _prompt("Choose a password", password=True),
    ),
    Sample(
        "prompt-username", "First sign-in: user name, password and consent", "prompt.html",
        _prompt("Create your account", name=True, password=True),
    ),
    Sample(
        "prompt-silent", "First sign-in: something is missing", "prompt.html",
        _prompt("Check your account", missing=(_ASKED,), purposes=(), has_mandatory=False),
    ),
    Sample(
        "prompt-wrong", "First sign-in: with something to correct", "prompt.html",
        _prompt(
            "Create your account", name=True, password=True, tries_left=3, username_problem=_TAKEN,
            summary=(of(id="username", label="", sentence=_TAKEN),),
        ),
    ),
    Sample("prompt-go-on", "First sign-in: nothing more to ask", "prompt_go_on.html", _JOURNEY),
    Sample(
        "proof-matched", "An account exists already", "proof.html",
        _proof(matched=True, password=True, providers=(of(name="github", display_name="GitHub"),)),
    ),
    Sample("proof", "Join an account", "proof.html", _proof(matched=False, password=True, providers=())),
    Sample("factor", "Second step: choose one", "factor.html", _factor()),
    Sample("factor-app", "Second step: authenticator app", "factor.html", _factor(way="totp", words=_APP)),
    Sample("factor-passkey", "Second step: passkey", "factor.html", _factor(way="passkey", words=_BY_PASSKEY)),
    Sample(
        "factor-email", "Second step: code by e-mail", "factor.html",
        _factor(way="email_otp", words=_BY_MAIL, masked="a…@example.com"),
    ),
    Sample(
        "factor-recovery", "Second step: recovery code", "factor.html",
        _factor(way="recovery_code", words=_BY_CODE, ways=_WAYS[:2]),
    ),
    Sample("factor-enrol", "Second step: set one up", "factor.html", _factor(is_enrolling=True, ways=_WAYS[:2])),
    Sample(
        "factor-scan", "Second step: set up an app", "factor.html",
        _factor(is_enrolling=True, way="totp", words=_SETTING_UP, scan=_SCAN, ways=_WAYS[:2]),
    ),
    Sample("factor-codes", "Second step: recovery codes", "factor.html", _factor(recovery_codes=CODES)),
    Sample(
        "error", "Something went wrong", "error.html",
        {
            "heading": "The sign-in did not succeed", "reference": REFERENCE, "is_own": False,
            "sentence": "Something went wrong on our side. Please try again in a few minutes.",
            "again": of(handle="sample", form_token=_FORM_TOKEN, application=WIKI),
        },
    ),
    Sample(
        "message", "A message", "message.html",
        {"heading": "Signed out", "sentence": "You are signed out here."},
    ),
    Sample("sign-out", "Sign out", "sign_out.html", {"form_token": "sample", "fields": {"state": "sample"}}),
    Sample(
        "set-up", "Set up the first operator", "set_up.html",
        {
            "token": "sample", "form_token": "sample", "username": "", "problem": None,
            "password_rule": _PASSWORD_RULE,
        },
    ),
)  # fmt: skip
SCAN: Final = _SCAN
