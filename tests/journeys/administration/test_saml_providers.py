"""SAML providers: metadata imported and refreshed, our keys made and rolled over, each with its audit event."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.administration.declared.declarations import (
    Declaration,
    DeclaredApplication,
    DeclaredIdentityProvider,
    describe,
)
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound, UpstreamUnavailable
from jitney.model.connection import OAuth2Connection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import (
    SAMLBinding,
    SAMLConnection,
    SAMLCredential,
    SAMLEndpoint,
    SAMLMetadata,
)

pytestmark = pytest.mark.anyio

URL = "https://idp.campus.example/metadata"
OTHER_URL = "https://federation.example/campus"


def published(*certificates: str, host: str = "idp.campus.example", entity: str = "campus") -> SAMLMetadata:
    return SAMLMetadata(
        entity,
        (SAMLEndpoint(SAMLBinding.REDIRECT, f"https://{host}/sso"),),
        (SAMLEndpoint(SAMLBinding.POST, f"https://{host}/slo"),),
        certificates,
    )


CAMPUS = IdentityProvider("", "campus", "Campus", SAMLConnection("campus", metadata_url=URL))


def saml(idp: IdentityProvider) -> SAMLConnection:
    assert isinstance(idp.connection, SAMLConnection)
    return idp.connection


@pytest.fixture
def office() -> Office:
    office = Office()
    office.saml_source.published[URL] = published("one")
    return office


async def kept(office: Office) -> SAMLConnection:
    return saml(await office.identity_providers.get(ROOT, "campus"))


async def test_metadata_are_imported_and_a_key_is_made(office: Office) -> None:
    """Added by its metadata's address, a provider has entity, endpoints and certificates, and we have a key."""
    unknown = replace(CAMPUS, connection=SAMLConnection("", metadata_url=URL))
    found = saml((await office.identity_providers.add(ROOT, unknown)).idp)
    assert ("campus", ("one",), 1) == (found.entity_id, found.signing_certificates, len(found.credentials))
    assert published().single_sign_on == found.single_sign_on
    assert office.clock.now() == found.metadata.checked
    event = (await office.events())[0]
    assert ("saml", "campus") == (event.about["kind"], event.about["peer"])


async def test_metadata_of_another_entity_are_not_imported(office: Office) -> None:
    """R-070: an entity id that is stated is the one that the document must be about; else nothing is kept."""
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(
            ROOT, replace(CAMPUS, connection=SAMLConnection("elsewhere", metadata_url=URL))
        )
    assert ("saml_metadata_of_another", True) == (refused.value.code, before is office.doors.look())
    await office.identity_providers.add(ROOT, CAMPUS)


async def test_provider_whose_metadata_cannot_be_fetched_yet_is_kept_and_tried_again(office: Office) -> None:
    """Where it is known whose the metadata shall be they may come later; where it is not, nothing is kept."""
    office.saml_source.faults[URL] = UpstreamUnavailable("upstream_timeout", "Too slow.")
    with pytest.raises(UpstreamUnavailable):
        await office.identity_providers.add(
            ROOT, replace(CAMPUS, connection=SAMLConnection("", metadata_url=URL))
        )
    saved = await office.identity_providers.add(ROOT, CAMPUS)
    assert "upstream_timeout" == saml(saved.idp).metadata.fault
    assert any("upstream_timeout" in warning for warning in saved.warnings)
    del office.saml_source.faults[URL]
    assert [] == list(await office.saml_metadata.refresh_due())
    office.clock.advance(timedelta(minutes=10))
    assert [("campus", None)] == [
        (one.idp.name, one.fault) for one in await office.saml_metadata.refresh_due()
    ]
    assert (("one",), None) == (
        (await kept(office)).signing_certificates,
        (await kept(office)).metadata.fault,
    )


async def test_new_certificates_are_taken_over_when_it_is_time(office: Office) -> None:
    """R-061: a new certificate is taken over from the same address and one that is gone is dropped, audited."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    office.saml_source.published[URL] = published("two")
    assert [] == list(await office.saml_metadata.refresh_due())
    office.clock.advance(timedelta(hours=6))
    (refreshed,) = await office.saml_metadata.refresh_due()
    assert ("connection.signing_certificates",) == refreshed.fields
    assert ("two",) == (await kept(office)).signing_certificates
    event = (await office.events(f"idp:{idp.id}"))[0]
    assert ("system", "connection.signing_certificates") == (event.actor, event.about["fields"])
    assert idp.id in office.upstreams.forgotten


async def test_refresh_without_a_difference_is_no_event(office: Office) -> None:
    """That nothing has changed is kept as the time of looking, and tells no operator anything."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    office.clock.advance(timedelta(hours=6))
    (refreshed,) = await office.saml_metadata.refresh_due()
    assert () == refreshed.fields
    assert office.clock.now() == (await kept(office)).metadata.checked
    assert 1 == len(await office.events(f"idp:{idp.id}"))


@pytest.mark.parametrize(
    "moved",
    [published("one", host="evil.example"), published("one", entity="somebody")],
    ids=["origin", "entity"],
)
async def test_other_place_or_entity_waits_for_an_operator(office: Office, moved: SAMLMetadata) -> None:
    """R-054: endpoints on another origin, or another entity id, wait until an operator accepts them."""
    await office.identity_providers.add(ROOT, CAMPUS)
    before = await kept(office)
    office.saml_source.published[URL] = moved
    office.clock.advance(timedelta(hours=6))
    (refreshed,) = await office.saml_metadata.refresh_due()
    assert "saml_metadata_changed_origin" == getattr(refreshed.fault, "code", None)
    after = await kept(office)
    assert "saml_metadata_changed_origin" == after.metadata.fault
    assert replace(before, metadata=after.metadata) == after
    with pytest.raises(InvalidInput) as refused:
        await office.saml_metadata.refresh(ROOT, "campus")
    assert "saml_metadata_changed_origin" == refused.value.code
    accepted = await office.saml_metadata.refresh(ROOT, "campus", accept=True)
    assert (moved.entity_id, moved.single_sign_on, None) == (
        saml(accepted.idp).entity_id,
        saml(accepted.idp).single_sign_on,
        saml(accepted.idp).metadata.fault,
    )


async def test_pinned_metadata_count_only_under_their_signature(office: Office) -> None:
    """R-070: where a key is pinned, a document that it did not sign changes nothing; signed, it does."""
    office.saml_source.signers[URL] = ("federation",)
    pinned = replace(saml(CAMPUS), metadata_certificates=("federation",))
    await office.identity_providers.add(ROOT, replace(CAMPUS, connection=pinned))
    office.saml_source.published[URL], office.saml_source.signers[URL] = published("evil"), ()
    office.clock.advance(timedelta(hours=6))
    await office.saml_metadata.refresh_due()
    assert (("one",), "saml_metadata_bad_signature") == (
        (await kept(office)).signing_certificates,
        (await kept(office)).metadata.fault,
    )
    office.saml_source.signers[URL] = ("federation",)
    office.clock.advance(timedelta(minutes=10))
    await office.saml_metadata.refresh_due()
    assert ("evil",) == (await kept(office)).signing_certificates


async def test_failing_address_is_asked_every_ten_minutes_at_most(office: Office) -> None:
    """A failing address is left alone for ten minutes, and what was imported stays in force."""
    await office.identity_providers.add(ROOT, CAMPUS)
    del office.saml_source.published[URL]
    office.clock.advance(timedelta(hours=6))
    await office.saml_metadata.refresh_due()
    asked = len(office.saml_source.fetched)
    office.clock.advance(timedelta(minutes=9))
    assert [] == list(await office.saml_metadata.refresh_due())
    assert asked == len(office.saml_source.fetched)
    assert (("one",), "saml_metadata_failed") == (
        (await kept(office)).signing_certificates,
        (await kept(office)).metadata.fault,
    )
    office.clock.advance(timedelta(minutes=1))
    assert 1 == len(await office.saml_metadata.refresh_due())


async def test_unsound_metadata_are_not_taken(office: Office) -> None:
    """A certificate that cannot be used does not replace one that can."""
    await office.identity_providers.add(ROOT, CAMPUS)
    office.saml_source.published[URL] = published("unfit")
    with pytest.raises(InvalidInput) as refused:
        await office.saml_metadata.refresh(ROOT, "campus")
    assert "identity_provider_invalid" == refused.value.code
    assert ("one",) == (await kept(office)).signing_certificates
    office.saml_source.published[URL] = published("two")
    assert ("two",) == saml((await office.saml_metadata.refresh(ROOT, "campus")).idp).signing_certificates


async def test_two_nodes_refresh_once(office: Office) -> None:
    """P-10: of two who refresh the same version one saves; the other finds that somebody was first."""
    await office.identity_providers.add(ROOT, CAMPUS)
    stale = await office.identity_providers.get(ROOT, "campus")
    office.clock.advance(timedelta(hours=6))
    await office.saml_metadata.refresh_due()
    version = (await office.identity_providers.get(ROOT, "campus")).version
    with pytest.raises(Conflict):
        await office.identity_providers.save_changed("system", stale, replace(stale, version=2), ())
    assert version == (await office.identity_providers.get(ROOT, "campus")).version


async def test_only_saml_providers_have_metadata_to_refresh(office: Office) -> None:
    """What another kind of provider is asked for is said not to be there; a file needs no address."""
    await office.identity_providers.add(ROOT, ACME)
    with pytest.raises(NotFound) as unspoken:
        await office.saml_metadata.refresh(ROOT, "acme")
    assert "saml_not_spoken" == unspoken.value.code
    by_hand = replace(
        saml(CAMPUS),
        metadata_url=None,
        single_sign_on=published().single_sign_on,
        signing_certificates=("one",),
    )
    await office.identity_providers.add(ROOT, replace(CAMPUS, connection=by_hand))
    with pytest.raises(NotAllowed) as unfetched:
        await office.saml_metadata.refresh(ROOT, "campus")
    assert "saml_metadata_not_fetched" == unfetched.value.code
    office.saml_source.published["file"] = published("two")
    refreshed = await office.saml_metadata.import_document(ROOT, "campus", b"file")
    assert ("connection.single_logout", "connection.signing_certificates") == refreshed.fields


async def test_own_key_is_rolled_over_in_two_steps(office: Office) -> None:
    """Rolling over first adds a key behind the one that signs, then leaves the new one alone; both are audited."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    (old,) = saml(idp).credentials
    with pytest.raises(NotAllowed) as early:
        await office.saml_keys.finish(ROOT, "campus")
    assert "saml_key_rotation_not_begun" == early.value.code
    first, new = saml(await office.saml_keys.begin(ROOT, "campus")).credentials
    assert (old, True) == (first, new != old)
    with pytest.raises(NotAllowed) as twice:
        await office.saml_keys.begin(ROOT, "campus")
    assert "saml_key_rotation_under_way" == twice.value.code
    assert (new,) == saml(await office.saml_keys.finish(ROOT, "campus")).credentials
    fields = [event.about.get("fields") for event in await office.events(f"idp:{idp.id}")]
    assert ["connection.credentials", "connection.credentials", None] == fields


async def test_brought_key_is_published_before_it_signs(office: Office) -> None:
    """Issue 7: a pair that is brought rolls over as a made one does, audited; an unfit one changes nothing."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    (old,), before = saml(idp).credentials, office.doors.look()
    with pytest.raises(InvalidInput) as unfit:
        await office.saml_keys.bring(ROOT, "campus", certificate="unfit", private_key="key")
    assert ("saml_key_pair_unfit", True) == (unfit.value.code, before is office.doors.look())
    with pytest.raises(InvalidInput) as known:
        await office.saml_keys.bring(ROOT, "campus", certificate=old.certificate, private_key="key")
    assert ("saml_key_pair_known", True) == (known.value.code, before is office.doors.look())
    brought = await office.saml_keys.bring(ROOT, "campus", certificate="mine", private_key="my key")
    assert (old, SAMLCredential("mine", "my key")) == saml(brought).credentials
    with pytest.raises(NotAllowed) as twice:
        await office.saml_keys.bring(ROOT, "campus", certificate="third", private_key="third key")
    assert "saml_key_rotation_under_way" == twice.value.code
    assert "connection.credentials" == (await office.events(f"idp:{idp.id}"))[0].about["fields"]
    assert brought.connection == (await office.identity_providers.get(ROOT, "campus")).connection


async def test_declared_key_leaves_the_new_one_beside_it(office: Office) -> None:
    """R-061: a declaration that names the pair which signs ends no roll-over; one that names another pair does."""
    pair, other = SAMLCredential("certificate", "key"), SAMLCredential("other certificate", "other key")
    idp = replace(CAMPUS, connection=replace(saml(CAMPUS), credentials=(pair,)))
    declared = Declaration(identity_providers=(DeclaredIdentityProvider(idp),))
    await office.declarations.apply(ROOT, await office.declarations.plan(ROOT, declared))
    first, new = saml(await office.saml_keys.begin(ROOT, "campus")).credentials
    assert () == (await office.declarations.plan(ROOT, declared)).steps
    renamed = Declaration(
        identity_providers=(DeclaredIdentityProvider(replace(idp, display_name="The campus")),)
    )
    await office.declarations.apply(ROOT, await office.declarations.plan(ROOT, renamed))
    assert (pair, (pair, new)) == (first, (await kept(office)).credentials)
    replaced = replace(idp, connection=replace(saml(CAMPUS), credentials=(other,)))
    moved = Declaration(identity_providers=(DeclaredIdentityProvider(replaced),))
    await office.declarations.apply(ROOT, await office.declarations.plan(ROOT, moved))
    assert (other,) == (await kept(office)).credentials


async def test_changes_keep_what_was_imported_and_our_keys(office: Office) -> None:
    """R-115: a change that states neither endpoints nor keys keeps both, and fetches nothing again."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    asked = len(office.saml_source.fetched)
    renamed = replace(CAMPUS, display_name="The campus")
    saved = (await office.identity_providers.change(ROOT, renamed, version=1)).idp
    assert (idp.connection, "The campus") == (saved.connection, saved.display_name)
    assert asked == len(office.saml_source.fetched)


async def test_another_address_is_imported_from_at_once(office: Office) -> None:
    """R-004: another address replaces what was known, our keys stay, and it is audited as high risk."""
    idp = (await office.identity_providers.add(ROOT, CAMPUS)).idp
    await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("campus", "g-1"),)))
    office.saml_source.published[OTHER_URL] = published("two")
    moved = replace(CAMPUS, connection=replace(saml(CAMPUS), metadata_url=OTHER_URL))
    # Until it is fetched, what was imported from the old address stands.
    saved = (await office.identity_providers.change(ROOT, moved, version=1)).idp
    assert (("two",), saml(idp).credentials) == (
        saml(saved).signing_certificates,
        saml(saved).credentials,
    )
    event = (await office.events(f"idp:{idp.id}"))[0]
    assert ("high", "1") == (event.about["risk"], event.about["links"])


async def test_subject_does_not_change_under_links(office: Office) -> None:
    """R-002: another subject is refused while people are linked by the present one; without links it is taken."""
    await office.identity_providers.add(ROOT, CAMPUS)
    other = replace(CAMPUS, connection=replace(saml(CAMPUS), subject_attribute="employeeNumber"))
    user = await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("campus", "g-1"),)))
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.identity_providers.change(ROOT, other, version=1)
    assert ("identity_provider_subject_fixed", True) == (refused.value.code, before is office.doors.look())
    await office.users.remove(ROOT, user.id)
    assert 2 == (await office.identity_providers.change(ROOT, other, version=1)).idp.version


async def test_secret_of_plain_oauth_goes_to_no_other_endpoint(office: Office) -> None:
    """R-004, R-115: with another token endpoint the stored secret is cleared; with the same it stays."""
    hub = IdentityProvider(
        "", "hub", "Hub",
        OAuth2Connection(
            "https://hub.example/a", "https://hub.example/t", "https://hub.example/u", "jitney", "s3cret"
        ),
    )  # fmt: skip
    await office.identity_providers.add(ROOT, hub)
    masked = replace(hub.connection, client_secret=None)
    for endpoint in ("token_endpoint", "userinfo_endpoint"):
        moved = replace(masked, **{endpoint: "https://evil.example/x"})
        with pytest.raises(InvalidInput) as refused:
            await office.identity_providers.change(ROOT, replace(hub, connection=moved), version=1)
        assert {"connection.client_secret"} == set(refused.value.fields)
    saved = await office.identity_providers.change(
        ROOT, replace(hub, display_name="The hub", connection=masked), version=1
    )
    assert hub.connection == saved.idp.connection


async def test_another_kind_of_connection_gets_no_secret(office: Office) -> None:
    """R-004: a provider that speaks another protocol from now on gets nothing that was kept for the old one."""
    await office.identity_providers.add(ROOT, ACME)
    issuer = "https://login.acme.example"
    plain = OAuth2Connection(f"{issuer}/a", f"{issuer}/t", f"{issuer}/u", "jitney")
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.change(ROOT, replace(ACME, connection=plain), version=1)
    assert {"connection.client_secret"} == set(refused.value.fields)
    given = replace(plain, client_secret="another")
    saved = (await office.identity_providers.change(ROOT, replace(ACME, connection=given), version=1)).idp
    assert given == saved.connection


async def test_draft_is_tried_with_the_stored_secret_under_the_conditions_of_a_change(office: Office) -> None:
    """R-115: a trial sends a stored secret to nobody who would not get it by a change, and keeps nothing."""
    await office.identity_providers.add(ROOT, ACME)
    before = office.doors.look()
    masked = replace(ACME.connection, client_secret=None)
    assert (await office.identity_providers.test_draft(ROOT, replace(ACME, connection=masked))).is_good
    assert ["s3cret"] == [
        getattr(one.connection, "client_secret", None) for one in office.provider_trial.tried
    ]
    elsewhere = replace(masked, issuer="https://evil.example")
    with pytest.raises(InvalidInput):
        await office.identity_providers.test_draft(ROOT, replace(ACME, connection=elsewhere))
    assert (1, True) == (len(office.provider_trial.tried), before is office.doors.look())


async def test_declared_provider_shows_no_difference_for_what_was_imported(office: Office) -> None:
    """A declaration by address or file is idempotent: imports, keys and refreshes are no differences."""
    office.saml_source.published["file"] = published("two", entity="branch")
    branch = IdentityProvider("", "branch", "Branch", SAMLConnection(""))
    declaration = Declaration(
        identity_providers=(
            DeclaredIdentityProvider(CAMPUS),
            DeclaredIdentityProvider(branch, metadata=b"file"),
        )
    )
    plan = await office.declarations.plan(ROOT, declaration)
    assert ["+ campus", "+ branch"] == [f"{describe(one)[0]} {describe(one)[2]}" for one in plan.steps]
    await office.declarations.apply(ROOT, plan)
    office.saml_source.published[URL] = published("three")
    office.clock.advance(timedelta(hours=6))
    await office.saml_metadata.refresh_due()
    assert () == (await office.declarations.plan(ROOT, declaration)).steps
    office.saml_source.published["file"] = published("four", entity="branch")
    (step,) = (await office.declarations.plan(ROOT, declaration)).steps
    assert ("~", "identity provider", "branch", ("connection.signing_certificates",)) == describe(step)


async def test_provider_and_application_may_name_each_other(office: Office) -> None:
    """R-066: a provider that leads to applications which name it is declared with them in one document."""
    led = replace(saml(CAMPUS), idp_initiated=True, default_application="wiki")
    wiki = replace(WIKI, identity_providers=("campus",), initiate_login_uri="https://wiki.example/begin")
    declaration = Declaration(
        identity_providers=(DeclaredIdentityProvider(replace(CAMPUS, connection=led)),),
        applications=(DeclaredApplication(wiki, "x" * 22),),
    )
    plan = await office.declarations.plan(ROOT, declaration)
    assert ["+ campus", "+ wiki", "~ campus"] == [
        f"{describe(one)[0]} {describe(one)[2]}" for one in plan.steps
    ]
    await office.declarations.apply(ROOT, plan)
    assert "wiki" == (await kept(office)).default_application
    assert () == (await office.declarations.plan(ROOT, declaration)).steps


async def test_declared_home_realm_identifier_is_of_one_provider(office: Office) -> None:
    """Two declared providers with one identifier are named before the first step."""
    realms = [replace(ACME, name=name) for name in ("one", "two")]
    realms = [replace(one, home_realm=replace(one.home_realm, identifier="acme")) for one in realms]
    declaration = Declaration(identity_providers=tuple(map(DeclaredIdentityProvider, realms)))
    with pytest.raises(InvalidInput) as refused:
        await office.declarations.plan(ROOT, declaration)
    assert {"identity_provider two: home_realm_identifier"} == set(refused.value.fields)


async def test_metadata_near_their_end_are_due_sooner() -> None:
    """Metadata are fetched again before they expire, and never more often than every ten minutes."""
    office = Office()
    ending = replace(published("one"), valid_until=office.clock.now() + timedelta(hours=1))
    office.saml_source.published[URL] = ending
    await office.identity_providers.add(ROOT, CAMPUS)
    office.clock.advance(timedelta(minutes=49))
    assert [] == list(await office.saml_metadata.refresh_due())
    office.clock.advance(timedelta(minutes=1))
    assert 1 == len(await office.saml_metadata.refresh_due())


async def test_older_signed_metadata_bring_no_withdrawn_key_back(office: Office) -> None:
    """R-070: where a key is pinned, a document that ends sooner than the one in force is refused."""
    office.saml_source.signers[URL] = ("federation",)
    ends = office.clock.now() + timedelta(days=10)
    office.saml_source.published[URL] = replace(published("new"), valid_until=ends)
    pinned = replace(saml(CAMPUS), metadata_certificates=("federation",))
    await office.identity_providers.add(ROOT, replace(CAMPUS, connection=pinned))
    for older in (replace(published("old"), valid_until=ends - timedelta(days=1)), published("old")):
        office.saml_source.published[URL] = older
        with pytest.raises(InvalidInput) as refused:
            await office.saml_metadata.refresh(ROOT, "campus")
        assert "saml_metadata_older" == refused.value.code
        assert ("new",) == (await kept(office)).signing_certificates
    office.saml_source.published[URL] = replace(published("next"), valid_until=ends + timedelta(days=1))
    await office.saml_metadata.refresh(ROOT, "campus")
    assert ("next",) == (await kept(office)).signing_certificates


async def test_document_that_nobody_foresaw_keeps_no_other_from_its_turn(office: Office) -> None:
    """P-11: a provider whose document breaks the reader is looked at again later, and the others are refreshed."""
    other = "https://other.example/metadata"
    office.saml_source.published[other] = published("one", entity="other", host="other.example")
    await office.identity_providers.add(ROOT, CAMPUS)
    second = replace(
        CAMPUS, name="other", connection=replace(saml(CAMPUS), entity_id="other", metadata_url=other)
    )
    await office.identity_providers.add(ROOT, second)
    office.saml_source.faults[URL] = RecursionError()  # pyright: ignore[reportArgumentType]
    office.saml_source.published[other] = published("two", entity="other", host="other.example")
    office.clock.advance(timedelta(hours=6))
    await office.saml_metadata.refresh_due()
    assert "saml_metadata_malformed" == (await kept(office)).metadata.fault
    assert ("two",) == saml(await office.identity_providers.get(ROOT, "other")).signing_certificates
    office.clock.advance(timedelta(minutes=9))
    assert [] == list(await office.saml_metadata.refresh_due())
