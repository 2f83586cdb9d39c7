"""Codec: what is written reads back equal, whatever it is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.unit_of_work.storable_values import CLAIMS, MOMENT, TEXT, draw_only_these

from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.model.claims import Claims
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.consent import ConsentReceipt, Purpose
from jitney.model.factor import EmailAddress, OfferedSecret, Passkey, SentCode, TOTPSecret, WebAuthnChallenge
from jitney.model.federated_identity import FederatedIdentity, OneTimeId
from jitney.model.grant import Authentication, AuthorizationRequest
from jitney.model.half_way import HalfWay
from jitney.model.mail import Mail
from jitney.model.outcome import Reason
from jitney.model.provider_removal import ProviderRemoval
from jitney.model.saml_connection import SAMLConnection
from jitney.model.session import LocalPerson, PassingPerson
from jitney.model.sign_in import Pending, UpstreamAttempt
from jitney.model.sign_in_policy import SecondFactorRule, SignInPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import LDAPConnection, OwnDatabase, SQLConnection
from jitney.storage.codec import Codec

draw_only_these()
_IDENTITY = st.builds(
    FederatedIdentity,
    idp=TEXT,
    subject=TEXT,
    claims=CLAIMS,
    authenticated_at=st.none() | MOMENT,
    signed_claims=st.frozensets(TEXT),
    amr=st.lists(TEXT).map(tuple),
    upstream_session=st.none() | TEXT,
    upstream_name=st.none() | TEXT,
    logout_hint=st.none() | TEXT,
    one_time=st.lists(st.builds(OneTimeId, id=TEXT, expires=MOMENT), max_size=3).map(tuple),
)
st.register_type_strategy(FederatedIdentity, _IDENTITY)


@given(_IDENTITY)
def test_identity_reads_back_equal(identity: FederatedIdentity) -> None:
    """What a provider proved is kept as it was, with every claim's type."""
    codec: Codec[FederatedIdentity] = Codec(FederatedIdentity)
    read = codec.decode(codec.encode(identity))
    assert identity == read
    assert repr(identity.claims) == repr(read.claims)


@pytest.mark.parametrize(
    "noun",
    [
        UpstreamAttempt,
        AuthorizationRequest,
        Authentication,
        OIDCConnection,
        OAuth2Connection,
        SAMLConnection,
        Application,
        Reason,
        Pending,
        Purpose,
        ConsentReceipt,
        Mail,
        UserStoreDescription,
        LDAPConnection,
        SQLConnection,
        OwnDatabase,
        TOTPSecret | EmailAddress | Passkey,
        OfferedSecret | SentCode | WebAuthnChallenge,
        HalfWay,
        ProviderRemoval,
        SignInPolicy,
        SecondFactorRule,
    ],
)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_noun_reads_back_equal(noun: type[Any], data: st.DataObject) -> None:
    """Every nested noun that is kept reads back equal, unions and all."""
    value = data.draw(st.from_type(noun))
    codec: Codec[Any] = Codec(noun)
    assert value == codec.decode(codec.encode(value))


def test_record_of_another_version_is_read() -> None:
    """P-14: a field that a newer node wrote is passed over; one that an older did not write takes its default."""
    codec: Codec[LocalPerson | PassingPerson] = Codec(LocalPerson | PassingPerson)
    assert LocalPerson("user-1", "ENG") == codec.decode('{"user_id":"user-1","domain":"ENG","mood":"good"}')
    request: Codec[AuthorizationRequest] = Codec(AuthorizationRequest)
    text = '{"application":"a","redirect_uri":"b","scopes":["openid"]}'
    assert AuthorizationRequest("a", "b", ("openid",)) == request.decode(text)


@pytest.mark.parametrize("value", ["\ud800", 2**64, {"a": [2**70]}])
def test_value_that_cannot_be_stored_is_refused(value: Any) -> None:
    """R-128: a claim beyond what JSON text holds here is bad input and no crash; a large one that fits is kept."""
    codec: Codec[Claims] = Codec(Claims)
    with pytest.raises(InvalidInput) as refusal:
        codec.encode({"claim": value})
    assert "value_not_storable" == refusal.value.code
    assert {"claim": 2**63 - 1} == codec.decode(codec.encode({"claim": 2**63 - 1}))
