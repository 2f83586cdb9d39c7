"""Makes what the console keeps for the contracts: each complete, each easy to vary."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.contract.records import NOW, an_identity

from jitney.model.kept_form import KeptForm
from jitney.model.look import Colours, LogoFile, Look
from jitney.model.recorded_arrival import RecordedArrival

DAY = timedelta(days=1)


def an_arrival(reference: str = "AAAA-0001", idp: str = "idp-1", **changes: Any) -> RecordedArrival:
    arrival = RecordedArrival(
        reference=reference,
        at=NOW,
        expires=NOW + 7 * DAY,
        identity=replace(an_identity("subject-s3cret"), idp=idp, logout_hint="s3cret hint"),
        application="app-1",
        user_id="user-1",
    )
    return replace(arrival, **changes)


def a_kept_form(key_hash: str = "key-1", **changes: Any) -> KeptForm:
    form = KeptForm(
        key_hash=key_hash,
        bound_to="proof-1",
        path="/console/identity-providers/acme",
        fields={"display_name": "Ünïcode 漢\r\n<b>", "connection.client_secret": "s3cret", "empty": ""},
        created=NOW,
        expires=NOW + timedelta(minutes=10),
    )
    return replace(form, **changes)


def a_look(version: int = 1, **changes: Any) -> Look:
    look = Look(
        product_name="Ünïcode 漢",
        language="de",
        logo=LogoFile(bytes(range(256)), "image/png"),
        light=Colours(primary="#112233"),
        dark=Colours(background="#000000", text="#ffffff"),
        texts={"de": {"Sign in": "Hereinspaziert"}, "fr": {}},
        templates={"sign_in.html": "{% extends 'base.html' %}\n"},
        version=version,
    )
    return replace(look, **changes)
