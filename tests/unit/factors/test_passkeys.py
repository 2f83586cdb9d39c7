"""Passkeys: an honest authenticator enrols and proves; each lie, one at a time, is refused."""

import json
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from tests.unit.factors.software_authenticator import AT, UP, SoftwareAuthenticator, b64

from jitney.factors.passkeys import (
    MOST_SENT,
    Enrolled,
    Holder,
    NewPasskey,
    PasskeyUse,
    RelyingParty,
    authentication_options,
    new_challenge,
    registration_options,
    verify_authentication,
    verify_registration,
)

US = RelyingParty("id.example", "Acme", "https://id.example")
ADA = Holder("u-ada", "Ada Lovelace")
CHALLENGE, OTHER = new_challenge(bytes(range(32))), new_challenge(bytes(32))
CREATE = registration_options(US, ADA, challenge=CHALLENGE, known=())


def enrolled(key: SoftwareAuthenticator) -> Enrolled:
    made = verify_registration(US, key.create(CREATE), challenge=CHALLENGE)
    assert made is not None
    return Enrolled(made.passkey, made.counter)


def proved(known: Enrolled, sent: str, holder: Holder = ADA) -> PasskeyUse | None:
    return verify_authentication(US, sent, challenge=CHALLENGE, holder=holder, enrolled=[known])


def asked(*known: Enrolled) -> str:
    return authentication_options(US, challenge=CHALLENGE, known=[each.passkey for each in known])


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────


def test_creation_is_asked_for_without_attestation() -> None:
    """WebAuthn 5.4: the options name us, our algorithms and a handle that names nobody; none attests."""
    options = json.loads(
        registration_options(US, ADA, challenge=CHALLENGE, known=[enrolled(SoftwareAuthenticator()).passkey])
    )
    assert {"id": "id.example", "name": "Acme"} == options["rp"]
    assert ("Ada Lovelace", CHALLENGE, "none") == (
        options["user"]["name"], options["challenge"], options["attestation"]
    )  # fmt: skip
    assert [-7, -8, -257] == [each["alg"] for each in options["pubKeyCredParams"]]
    assert "preferred" == options["authenticatorSelection"]["userVerification"]
    assert [b64(b"credential-1")] == [each["id"] for each in options["excludeCredentials"]]
    assert "u-ada" not in json.dumps(options)


def test_proof_is_asked_of_known_passkeys_alone() -> None:
    """WebAuthn 5.5: the options list the passkeys of this user, and prefer that the user is verified."""
    options = json.loads(asked(enrolled(SoftwareAuthenticator())))
    assert ("id.example", CHALLENGE, "preferred") == (
        options["rpId"], options["challenge"], options["userVerification"]
    )  # fmt: skip
    assert [b64(b"credential-1")] == [each["id"] for each in options["allowCredentials"]]
    with pytest.raises(ValueError, match="too little"):
        new_challenge(bytes(15))


# ── what is true ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["ES256", "EdDSA", "RS256"],
)
def test_each_algorithm_enrols_and_proves(key: Any) -> None:
    """An honest authenticator enrols with each algorithm that we list, and proves, and its counter goes on."""
    authenticator = SoftwareAuthenticator(key=key)
    known = enrolled(authenticator)
    assert (b64(b"credential-1"), 0) == (known.passkey.credential_id, known.counter)
    for counter in (1, 2):
        assert PasskeyUse(known.passkey.credential_id, counter) == proved(
            known, authenticator.get(asked(known))
        )
        known = replace(known, counter=counter)


def test_manners_that_differ_and_are_allowed() -> None:
    """An authenticator that signs for itself, has not verified its user, or names no user, is taken."""
    authenticator = SoftwareAuthenticator()
    honest = verify_registration(US, authenticator.create(CREATE), challenge=CHALLENGE)
    assert isinstance(honest, NewPasskey)
    assert honest == verify_registration(
        US, authenticator.create(CREATE, signs_itself=True), challenge=CHALLENGE
    )
    assert honest == verify_registration(US, authenticator.create(CREATE, flags=UP | AT), challenge=CHALLENGE)
    known = enrolled(authenticator)
    assert proved(known, authenticator.get(asked(known), flags=UP)) is not None
    assert proved(known, authenticator.get(asked(known), handle=None)) is not None


# ── lies about creation ─────────────────────────────────────────────────────────────────────────────

WEAK = rsa.generate_private_key(65537, 1024)
OFF_CURVE = {1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x01" * 32}


@pytest.mark.parametrize(
    "lie",
    [
        {"type": "webauthn.get"},
        {"challenge": OTHER},
        {"challenge": ""},
        {"challenge": 7},
        {"origin": "https://evil.example"},
        {"origin": "http://id.example"},
        {"origin": "https://id.example.evil.example"},
        {"origin": ["https://id.example"]},
        {"cross_origin": True},
        {"rp_id": "evil.example"},
        {"flags": AT},
        {"flags": UP},
        {"raw_id": b64(b"another")},
        {"id": b"another"},
        {"alg": -65535},
        {"alg": -36},
        {"cose": cbor2.dumps(OFF_CURVE)},
        {"cose": cbor2.dumps({})},
        {"cose": cbor2.dumps({1: 2, 3: -7})},
        {"cose": cbor2.dumps([1, 2, 3])},
        {"cose": b""},
        pytest.param({"cose": cbor2.dumps(SoftwareAuthenticator(key=WEAK).cose())}, id="a key of 1024 bits"),
        {"tail": b"\x00"},
        {"fmt": "android-safetynet", "statement": {"ver": "1", "response": b"x"}},
        {"as_u2f": True},
        {"fmt": "tpm"},
        {"fmt": "unheard-of"},
        {"fmt": ["none"]},
        {"statement": {"sig": b"x"}},
        {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}},
        {"attestation": b""},
        {"attestation": b"\x9f" * 5000},
        {"attestation": cbor2.dumps({"fmt": "none"})},
        {"attestation": b"\xa2\x63fmt\x64none\x63fmt\x64none"},
        {"client": b"[]"},
        {"client": b"\xff\xfe"},
        {"client": b"[" * 5000},
        {"client": b'{"type": "webauthn.create"}'},
    ],
    ids=repr,
)  # fmt: skip
def test_lie_at_creation_is_refused(lie: dict[str, Any]) -> None:
    """R-128, WebAuthn 7.1: the same answer without the lie enrols; with it nothing does, and nothing breaks."""
    authenticator = SoftwareAuthenticator()
    assert verify_registration(US, authenticator.create(CREATE), challenge=CHALLENGE) is not None
    assert verify_registration(US, authenticator.create(CREATE, **lie), challenge=CHALLENGE) is None


# ── lies about proofs ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "lie",
    [
        {"type": "webauthn.create"},
        {"challenge": OTHER},
        {"origin": "https://evil.example"},
        {"cross_origin": True},
        {"rp_id": "evil.example"},
        {"flags": 0},
        {"id": b"another"},
        {"raw_id": b64(b"another")},
        {"handle": Holder("u-eve").handle},
        {"handle": b"u-ada"},
        {"signature": b""},
        {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
        {"client_after": b'{"type":"webauthn.get","challenge":"' + CHALLENGE.encode() + b'","origin":"https://id.example"}'},
        {"counter": 0},
        {"counter": 6},
        {"counter": 7},
    ],
    ids=repr,
)  # fmt: skip
def test_lie_at_proof_is_refused(lie: dict[str, Any]) -> None:
    """R-128, WebAuthn 7.2: the same answer without the lie proves; with it nothing does."""
    authenticator = SoftwareAuthenticator()
    known = replace(enrolled(authenticator), counter=7)
    authenticator.counter = 7
    assert proved(known, authenticator.get(asked(known))) is not None
    assert proved(known, authenticator.get(asked(known), **lie)) is None


def test_signature_of_another_key_is_refused() -> None:
    """A credential id is no secret: whoever knows it, and signs with a key of their own, proves nothing."""
    mine, theirs = SoftwareAuthenticator(), SoftwareAuthenticator()
    known = enrolled(mine)
    theirs.handle = mine.handle
    assert proved(known, mine.get(asked(known))) is not None
    assert proved(known, theirs.get(asked(known))) is None


def test_passkey_of_another_user_is_refused() -> None:
    """R-113: Eve's own passkey, honestly used, does not prove that she is Ada."""
    eve = SoftwareAuthenticator(credential_id=b"eve")
    hers = enrolled(eve)
    adas = enrolled(SoftwareAuthenticator())
    assert proved(hers, eve.get(asked(hers))) is not None
    assert proved(adas, eve.get(asked(hers))) is None


def test_counter_that_stands_still_is_taken_only_where_nothing_counts() -> None:
    """WebAuthn 7.2 (22): an authenticator that always says 0 proves again; one that has counted must go on."""
    silent = SoftwareAuthenticator(counts=False)
    known = enrolled(silent)
    assert PasskeyUse(known.passkey.credential_id, 0) == proved(known, silent.get(asked(known)))
    assert PasskeyUse(known.passkey.credential_id, 0) == proved(known, silent.get(asked(known)))
    assert proved(replace(known, counter=1), silent.get(asked(known))) is None


@pytest.mark.parametrize(
    "sent",
    [
        "", "null", "7", "[]", "{}", '"x"', "{", "[" * 10_000, '{"id":' * 2000, "\ud800", "\x00",
        "x" * (MOST_SENT + 1),
        json.dumps({"id": 1, "rawId": [], "type": {}, "response": "x"}),
        json.dumps({"id": "é", "rawId": "é", "type": "public-key", "response": {}}),
        '{"id": NaN}', "1" * 10_000,
    ],
    ids=lambda sent: sent[:20],
)  # fmt: skip
def test_what_is_no_answer_is_none(sent: str) -> None:
    """R-127, R-128: whatever a browser sends is refused at most, and what is too long is not even read."""
    known = enrolled(SoftwareAuthenticator())
    assert verify_registration(US, sent, challenge=CHALLENGE) is None
    assert proved(known, sent) is None


def test_answer_that_is_too_long_is_refused_however_right() -> None:
    """R-127: an honest answer that was padded beyond the limit is refused; below it is taken."""
    honest = SoftwareAuthenticator().create(CREATE)
    assert verify_registration(US, honest + " " * (MOST_SENT - len(honest)), challenge=CHALLENGE) is not None
    assert verify_registration(US, honest + " " * MOST_SENT, challenge=CHALLENGE) is None
