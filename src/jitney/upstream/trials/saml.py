"""Tries a SAML provider: its metadata, certificates and endpoints, and what it must know of us."""

from collections.abc import Sequence

from jitney.model.diagnosis import Step
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection, SAMLEndpoint, SAMLMetadata
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, SAMLSource
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.expected import our_id_of
from jitney.upstream.trials.certificates import judge_certificate
from jitney.upstream.trials.reach import knock
from jitney.upstream.trials.steps import REGISTRATION, Trial, bad, carry_out, doubtful, good


class SAMLTrial:
    """One trial of one provider; without metadata at an address, of what the settings say."""

    def __init__(
        self,
        idp: IdentityProvider,
        connection: SAMLConnection,
        *,
        places: OurPlaces,
        outgoing: OutgoingClient,
        source: SAMLSource,
        clock: Clock,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._outgoing = outgoing
        self._source = source
        self._clock = clock
        self._metadata: SAMLMetadata | None = None

    async def steps(self) -> list[Step]:
        """Carry the trial out."""
        trials: list[Trial] = [
            ("entity", self._entity),
            ("certificates", self._certificates),
            ("endpoints", self._endpoints),
            ("requests", self._requests),
            (REGISTRATION, self._registration),
        ]
        has_address = self._connection.metadata_url is not None
        trials.insert(0, ("metadata", self._fetch if has_address else self._kept))
        return await carry_out(trials)

    async def _fetch(self) -> Sequence[Step]:
        connection, url = self._connection, self._connection.metadata_url or ""
        document = await self._source.fetch_metadata(url)
        found = self._metadata = self._source.read_metadata(
            document,
            entity_id=connection.entity_id or None,
            certificates=connection.metadata_certificates,
            now=self._clock.now(),
        )
        until = f", valid until {found.valid_until:%Y-%m-%d}" if found.valid_until else ""
        if not connection.metadata_certificates:
            sentence = (
                f"Found at {url}{until}; believed because of the address alone. "
                "To demand the provider's signature, name its key in metadata_certificate_files."
            )
            return [doubtful("metadata", sentence, "provider_metadata_not_pinned")]
        return [good("metadata", f"Found at {url}{until}, signed by a key that is pinned.")]

    async def _kept(self) -> Sequence[Step]:
        """Look at metadata that came from a file: when they end, sign-ins end with them."""
        end = self._connection.metadata.valid_until
        if end is None:
            return []
        if end <= self._clock.now():
            sentence = f"They have ended on {end:%Y-%m-%d}: bring new ones with jitney idp refresh --file."
            return [bad("metadata", sentence, "saml_metadata_expired")]
        sentence = f"They came from a file and end on {end:%Y-%m-%d}: bring new ones before that day."
        return [doubtful("metadata", sentence, "provider_metadata_will_expire")]

    async def _entity(self) -> Sequence[Step]:
        found, stored = self._metadata, self._connection
        told = [good("entity", f"Its entity id is {found.entity_id if found else stored.entity_id}.")]
        if found is not None and stored.signing_certificates:
            told += _changes(stored, found)
        return told

    async def _certificates(self) -> Sequence[Step]:
        found = self._metadata or self._connection
        now = self._clock.now()
        if not found.signing_certificates:
            sentence = "There is no certificate, so nothing that the provider says can be verified."
            return [bad("certificates", sentence, "saml_metadata_key_missing")]
        return [judge_certificate("certificates", one, now=now) for one in found.signing_certificates]

    async def _endpoints(self) -> Sequence[Step]:
        found = self._metadata or self._connection
        wanted = self._connection.request_binding
        fitting = [one for one in found.single_sign_on if one.binding is wanted]
        if not fitting:
            there = ", ".join(sorted({one.binding.value for one in found.single_sign_on})) or "none"
            sentence = f"It takes requests by {there}, and not by {wanted.value}: set request_binding."
            return [bad("endpoints", sentence, "provider_binding_not_offered")]
        steps = [await knock(self._outgoing, "endpoints", f"sign-in ({wanted.value})", fitting[0].url)]
        if found.single_logout:
            steps.append(good("endpoints", f"Single logout: {_listed(found.single_logout)}."))
        elif self._connection.passes_logout_on:
            sentence = (
                "It has no single logout endpoint: nobody signs out there. Set passes_logout_on to false."
            )
            steps.append(doubtful("endpoints", sentence, "provider_single_logout_not_offered"))
        return steps

    async def _requests(self) -> Sequence[Step]:
        found, connection = self._metadata, self._connection
        signs = "are signed" if connection.signs_requests else "are not signed"
        if found is not None and found.wants_signed_requests and not connection.signs_requests:
            sentence = "It wants signed requests: set signs_requests to true."
            return [bad("requests", sentence, "provider_wants_signed_requests")]
        wanted = connection.name_id_format
        if found is not None and wanted and found.name_id_formats and wanted not in found.name_id_formats:
            sentence = (
                f"It does not list the name format {wanted}; it has {', '.join(found.name_id_formats)}."
            )
            return [doubtful("requests", sentence, "provider_name_id_format_not_listed")]
        return [good("requests", f"Ours {signs}.")]

    async def _registration(self) -> Sequence[Step]:
        told = (
            f"There our metadata must be loaded from {self._places.saml_metadata}, or by hand: "
            f"entity id {our_id_of(self._connection, self._places)}, "
            f"assertion consumer service {self._places.assertion_consumer} (HTTP-POST), "
            f"single logout {self._places.single_logout}."
        )
        return [good(REGISTRATION, told)]


def _changes(stored: SAMLConnection, found: SAMLMetadata) -> list[Step]:
    """Tell what is published otherwise than it is kept here, until the next refresh."""
    differs = [
        name
        for name in ("single_sign_on", "single_logout", "signing_certificates")
        if getattr(stored, name) != getattr(found, name)
    ]
    if not differs:
        return []
    sentence = f"It now publishes others than are kept here: {', '.join(differs)}. Run jitney idp refresh."
    return [doubtful("entity", sentence, "provider_metadata_changed")]


def _listed(endpoints: tuple[SAMLEndpoint, ...]) -> str:
    return ", ".join(f"{one.url} ({one.binding.value})" for one in endpoints)
