"""Samples of the pages of one's own account."""

from typing import Any, Final

from jitney.web.console.look.sample import Sample, Words, of
from jitney.web.console.look.sign_in_samples import ACME, CODES, CODES_FILE, REFERENCE, SCAN, WIKI

_DAY: Final = of(text="2026-11-23", iso="2026-11-23T09:30:00+00:00")
_TOKENS: Final = dict.fromkeys(
    (
        "/account/identities/remove", "/account/sessions/end", "/account/sessions/end-others",
        "/account/export.json", "/account/factors/remove", "/account/factors/codes", "/account/factors/add",
    ),
    "sample",
)  # fmt: skip
_GIVEN_BY_ACME: Final = {"giver": "identity_provider", "name": ACME}
_FACTORS: Final = (
    of(id="1", title=Words("Authenticator app"), label="", since=_DAY, used=_DAY),
    of(id="2", title=Words("Passkey"), label="Laptop", since=_DAY, used=None),
)
_IDENTITY: Final = of(key="sample", name=ACME, since=_DAY, may_be_removed=True, is_off=False)
_AGREED: Final = of(
    id="1", name="Staff directory", description="So that colleagues find you and know how to reach you.", version=1,
    consented=(Words("E-mail address"), Words("Phone number")), declined=(), withdrawn=None,
)  # fmt: skip
_RECEIPT: Final = of(
    id="sample", given="2026-11-23", service="Wiki", provider=ACME, reference=REFERENCE, purposes=(_AGREED,)
)
_SESSION: Final = {"by_password": False, "provider": ACME, "factor": "", "began": _DAY, "seen": _DAY}


def _add(**changed: Any) -> dict[str, Any]:
    return {
        "form_token": "sample", "problem": None, "scan": None, "masked": None, "passkey_options": None, **changed,
    }  # fmt: skip


ACCOUNT_SAMPLES: Final = (
    Sample(
        "account", "My account", "account.html",
        {
            "name": "Ada Lovelace", "user_name": "PRIMARY/ada", "has_password": True, "may_add_factors": True,
            "profile": (
                of(label=Words("E-mail address"), values=(of(text="ada@example.com", **_GIVEN_BY_ACME),)),
                of(label=Words("Phone number"), values=(of(text="+44 20 7946 0958", giver="person", name=""),)),
            ),
            "identities": (_IDENTITY,), "factors": _FACTORS, "tokens": _TOKENS,
            "sessions": (of(id="1", is_this=True, **_SESSION), of(id="2", is_this=False, **_SESSION)),
            "sign_ins": (
                of(at=_DAY, result=Words("Signed in"), is_refused=False, provider=ACME, by_password=False,
                   application=WIKI, reference=REFERENCE),
            ),
        },
    ),
    Sample(
        "account-again", "My account: sign in again", "account_again.html",
        {"sentence": "A fresh sign-in is needed.", "form_token": "sample", "to": "/account"},
    ),
    Sample(
        "account-codes", "My account: recovery codes", "account_codes.html",
        {"recovery_codes": CODES, "recovery_file": CODES_FILE},
    ),
    Sample(
        "account-delete", "My account: delete it", "account_delete.html",
        {"user_name": "PRIMARY/ada", "refusal": None, "problem": None, "form_token": "sample"},
    ),
    Sample("account-deleted", "My account: deleted", "account_deleted.html"),
    Sample(
        "account-factor-add", "My account: add an authenticator app", "account_factor_add.html",
        _add(
            way="totp", scan=SCAN, heading=Words("Set up an authenticator app"),
            lead=Words(
                "Use any authenticator app that you trust. "
                "If you have none yet, install one on your telephone first."
            ),
        ),
    ),
    Sample(
        "account-passkey-add", "My account: add a passkey", "account_factor_add.html",
        _add(
            way="passkey", passkey_options="{}", heading=Words("Set up a passkey"),
            lead=Words("Your browser makes it, and keeps it on this device or on your security key."),
        ),
    ),
    Sample(
        "account-factor-problem", "My account: something about a second step", "account_factor_problem.html",
        {"problem": "Passkeys need JavaScript, which is switched off in this browser. "
                    "Please switch it on, or choose another way."},
    ),
    Sample(
        "account-factor-remove", "My account: remove a second step", "account_factor_remove.html",
        {"factor": _FACTORS[1], "is_last": True, "form_token": "sample"},
    ),
    Sample(
        "account-factors", "My account: second steps", "account_factors.html",
        {
            "factors": _FACTORS, "recovery_codes": 8, "tokens": _TOKENS,
            "ways": (("email_otp", Words("Code by e-mail"), Words("We mail you six digits each time")),),
        },
    ),
    Sample("account-signed-out", "My account: signed out", "account_signed_out.html"),
    Sample(
        "account-unlink", "My account: remove a way to sign in", "account_unlink.html",
        {"identity": _IDENTITY, "opened_this": False, "form_token": "sample"},
    ),
    Sample("consents", "My account: consents", "consents.html", {"receipts": (_RECEIPT,), "form_token": "sample"}),
    Sample(
        "consents-withdraw", "My account: take a consent back", "consents_withdraw.html",
        {"receipt": _RECEIPT, "purpose": _AGREED, "form_token": "sample"},
    ),
)  # fmt: skip
