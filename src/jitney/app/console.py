"""Console: puts the sections of the console behind their door; a part of the third page of the switchboard."""

from functools import partial
from urllib.parse import urlsplit

from jitney.app.doors import Doors
from jitney.app.verbs import Verbs
from jitney.model.policy import OnProvisioningFailure
from jitney.settings import Settings
from jitney.upstream.places import OurPlaces
from jitney.upstream.presets.drafts import PresetDrafts
from jitney.upstream.trials.certificates import CertificateReading
from jitney.web.console.applications.section import ApplicationsSection
from jitney.web.console.audit.section import AuditSection
from jitney.web.console.console_routes import Console, Section
from jitney.web.console.desk import Desk
from jitney.web.console.door import ConsoleDoor, Entrance
from jitney.web.console.form_keeping import FormKeeping
from jitney.web.console.identity_providers.section import (
    IdentityProvidersSection,
    ProviderVerbs,
    ProviderWorld,
)
from jitney.web.console.look.section import LookSection
from jitney.web.console.operators.section import OperatorsSection
from jitney.web.console.outcomes.section import OutcomesSection
from jitney.web.console.overview.section import OverviewSection
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.people.section import PeopleSection
from jitney.web.console.purposes.section import PurposesSection
from jitney.web.console.rehearsal.section import RehearsalSection
from jitney.web.console.roles.section import RolesSection
from jitney.web.console.user_stores.section import UserStoresSection
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.live_theme import LiveTheme
from jitney.web.kit.render import Pages
from jitney.web.pages.attribute_words import label_of


def make_console(
    settings: Settings,
    doors: Doors,
    verbs: Verbs,
    *,
    entrance: Entrance,
    form_key: bytes,
    live: LiveTheme | None = None,
) -> Console:
    """Put the console's door before its sections; its pages have no theme, so that no look can shut it."""
    public = urlsplit(settings.server.base_url)
    origin, secure = f"{public.scheme}://{public.netloc}", public.scheme == "https"
    cookies = Cookies(secure)
    desk = Desk(Pages(secure), cookies, doors.clock, doors.entropy, form_key, settings.pages.product_name)
    keeping = FormKeeping(doors.kept_forms, doors.work, cookies, doors.clock, doors.entropy, form_key)
    door = ConsoleDoor(
        verbs.arrival.sessions, verbs.own_account.recognition, entrance, desk, keeping, doors.work, origin
    )
    sections: list[Section] = [
        # one line for each section
        OverviewSection(verbs.overview, desk),
        OutcomesSection(verbs.outcomes, verbs.records_export, desk),
        AuditSection(verbs.audit, verbs.records_export, desk),
        _identity_providers(settings, doors, verbs, desk),
        RehearsalSection.of(
            desk, verbs.identity_providers, verbs.applications, verbs.provider_trial, verbs.pasted_rehearsal
        ),
        PeopleSection(desk, _people(verbs)),
        OperatorsSection(verbs.operators, verbs.users, desk),
        LookSection(verbs.look, desk, live or LiveTheme(settings.pages)),
        UserStoresSection(verbs.user_stores, verbs.rule_trial, desk),
        ApplicationsSection(
            verbs.applications,
            verbs.identity_providers,
            verbs.users,
            verbs.application_trial,
            verbs.provider_trial,
            desk,
            settings.server.base_url,
        ),
        PurposesSection(verbs.purposes, desk, lambda name: label_of(name, str)),
        RolesSection(verbs.roles, verbs.role_uses, desk),
    ]
    return Console(door, sections)


def _people(verbs: Verbs) -> PeopleVerbs:
    profiles = verbs.person_profiles
    return PeopleVerbs(
        verbs.people_search, profiles.access, profiles, profiles.sessions, verbs.users, verbs.account_states,
        verbs.account_links, verbs.identity_locks, verbs.factor_reset, verbs.consents, verbs.roles,
    )  # fmt: skip


def _identity_providers(
    settings: Settings, doors: Doors, verbs: Verbs, desk: Desk
) -> IdentityProvidersSection:
    provisioning = settings.provisioning
    usual = OnProvisioningFailure.REFUSE if provisioning.refuse_on_failure else OnProvisioningFailure.CONTINUE
    return IdentityProvidersSection.of(
        ProviderVerbs(
            verbs.identity_providers, verbs.provider_removing, verbs.saml_metadata, verbs.saml_keys,
            verbs.issuer_discovery, verbs.policy_replay,
        ),
        ProviderWorld(
            doors.records, doors.user_stores, doors.roles, PresetDrafts(provisioning.role_separator, usual),
            partial(OurPlaces, settings.server.base_url.rstrip("/")), CertificateReading(), provisioning.enhanced,
        ),
        desk,
    )  # fmt: skip
