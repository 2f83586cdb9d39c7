"""Verbs: hands the open doors to everything that can be done; the second page of the switchboard."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from jitney.account.own_account import AccountSockets, OwnAccount
from jitney.administration.application_checks import ApplicationChecks
from jitney.administration.applications import ApplicationAdministration
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.look import LookAdministration
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.account_links import AccountLinkAdministration
from jitney.administration.people.account_states import AccountStates
from jitney.administration.people.consents import ConsentAdministration
from jitney.administration.people.edit_rule import EditRule
from jitney.administration.people.factor_reset import FactorReset
from jitney.administration.people.identity_locks import IdentityLockAdministration
from jitney.administration.people.opened_accounts import OpenedAccounts
from jitney.administration.people.operators import OperatorAdministration
from jitney.administration.people.people_search import PeopleSearch
from jitney.administration.people.person_access import PersonAccess
from jitney.administration.people.person_profile import PersonProfiles
from jitney.administration.people.person_sessions import PersonSessions
from jitney.administration.people.setup import Setup
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_removal import UserRemoval
from jitney.administration.people.users import UserAdministration
from jitney.administration.providers.identity_provider_checks import IdentityProviderChecks
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.issuer_discovery import IssuerDiscovery
from jitney.administration.providers.saml_keys import SAMLKeyVerbs
from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.administration.providers.saml_preparation import SAMLPreparation
from jitney.administration.purposes import PurposeAdministration
from jitney.administration.records.audit_finding import AuditFinding
from jitney.administration.records.outcome_finding import OutcomeFinding
from jitney.administration.records.overview import Overview, OverviewSockets
from jitney.administration.records.record_names import RecordNames
from jitney.administration.records.records_export import RecordsExport
from jitney.administration.removal.fate_finding import FateFinding
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.administration.removal.removal_plan import RemovalPlanning
from jitney.administration.removal.removal_steps import ProviderClearing
from jitney.administration.role_uses import RoleUses
from jitney.administration.roles import RoleAdministration
from jitney.administration.stores.known_accounts import KnownAccounts
from jitney.administration.stores.rule_trial import RuleTrial
from jitney.administration.stores.user_store_rules import StoreSurroundings
from jitney.administration.stores.user_stores import UserStoreAdministration
from jitney.app.doors import Doors
from jitney.locked_identities import LockedIdentities
from jitney.openid_provider.provider import OpenIDProvider, Sockets
from jitney.openid_provider.told_claims import ToldClaims
from jitney.operations.changing import EntryChanging
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import EntryMaking
from jitney.operations.recovery import Recovery
from jitney.provisioning.facts import ServerRules
from jitney.provisioning.second_factor import FactorRules
from jitney.settings import MasterKeys, Settings
from jitney.signin.advance import Hall
from jitney.signin.application_trial import ApplicationTrial
from jitney.signin.arrival import Arrival
from jitney.signin.asking import Asker
from jitney.signin.candidate_finding import CandidateFinder
from jitney.signin.fact_finding import FactFinder
from jitney.signin.factor_demands import FactorDemands
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_ends import FactorEnds
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_halts import FactorHalts
from jitney.signin.factor_proof import FactorProof
from jitney.signin.factor_removal import FactorRemoval
from jitney.signin.factor_settings import FactorSettings
from jitney.signin.factor_standing import Standings
from jitney.signin.factor_step import FactorStep
from jitney.signin.federated_login import FederatedLogin
from jitney.signin.guesses import Guesses
from jitney.signin.home_realms import HomeRealmDiscovery, HomeRealms
from jitney.signin.journey_records import JourneyRecords
from jitney.signin.journeys_in_browsers import JourneysInBrowsers
from jitney.signin.link_proof import LinkProof
from jitney.signin.local_credentials import LocalCredentials
from jitney.signin.local_login import LocalLogin
from jitney.signin.logout_onward import LogoutOnward
from jitney.signin.own_factors import OwnFactors
from jitney.signin.own_pages import WithOwnPages
from jitney.signin.pasted_rehearsal import PastedRehearsal
from jitney.signin.policy_replay import PolicyReplay
from jitney.signin.prompt_answers import PromptAnswers
from jitney.signin.provider_trial import ProviderTrial
from jitney.signin.provisioner import Provisioner
from jitney.signin.receipts import ReceiptTerms
from jitney.signin.rehearsal import Rehearsal
from jitney.signin.sessions import SessionRules, Sessions
from jitney.signin.trips import Trips
from jitney.signin.unsolicited import UnsolicitedArrival
from jitney.signin.upstream_logout import UpstreamLogout
from jitney.signin.work import WorkPlanner
from jitney.upstream.trials.certificates import expiry_of
from jitney.userstores.patterns import compile_rules
from jitney.web.console.look.knowledge import PagesAsTheyAre
from jitney.web.console.look.template_trials import TemplateTrials


@dataclass(frozen=True, slots=True)
class Verbs:
    """Everything that can be done, for whichever door asks."""

    arrival: Arrival
    federated_login: FederatedLogin
    local_login: LocalLogin
    prompt_answers: PromptAnswers
    link_proof: LinkProof
    factor_step: FactorStep
    own_factors: OwnFactors
    own_account: OwnAccount
    home_realm_discovery: HomeRealmDiscovery
    provider_trial: ProviderTrial
    unsolicited_arrival: UnsolicitedArrival
    upstream_logout: UpstreamLogout
    logout_onward: LogoutOnward
    rehearsal: Rehearsal
    pasted_rehearsal: PastedRehearsal
    policy_replay: PolicyReplay
    openid_provider: OpenIDProvider
    identity_providers: IdentityProviderAdministration
    provider_removing: ProviderRemoving
    saml_metadata: SAMLMetadataVerbs
    saml_keys: SAMLKeyVerbs
    issuer_discovery: IssuerDiscovery
    applications: ApplicationAdministration
    application_trial: ApplicationTrial
    roles: RoleAdministration
    role_uses: RoleUses
    rule_trial: RuleTrial
    user_stores: UserStoreAdministration
    users: UserAdministration
    operators: OperatorAdministration
    people_search: PeopleSearch
    person_profiles: PersonProfiles
    account_states: AccountStates
    factor_reset: FactorReset
    identity_locks: IdentityLockAdministration
    account_links: AccountLinkAdministration
    purposes: PurposeAdministration
    consents: ConsentAdministration
    outcomes: OutcomeFinding
    audit: AuditFinding
    look: LookAdministration
    records_export: RecordsExport
    overview: Overview
    setup: Setup
    recovery: Recovery


def make_verbs(settings: Settings, doors: Doors, keys: MasterKeys) -> Verbs:
    """Make every verb, each with the ports that it needs and no other."""
    clock, entropy, work = doors.clock, doors.entropy, doors.work
    locked = LockedIdentities(doors.identity_locks, clock)
    openid_provider = OpenIDProvider.of(
        Sockets(
            doors.applications,
            doors.identity_providers,
            doors.user_stores,
            locked,
            doors.grants,
            doors.sessions,
            doors.signing_keys,
            work,
            clock,
            entropy,
        ),
        issuer=settings.server.base_url,
        subject_key=keys.derive("pairwise subjects"),
        refresh_key=keys.derive("refresh tokens"),
    )
    sessions = Sessions(
        doors.sessions, openid_provider.authorization, doors.user_stores, locked, work, clock, entropy,
        SessionRules(settings.security.session_idle_seconds, settings.security.session_seconds),
    )  # fmt: skip
    compile_rules(settings.user_store)  # a pattern that cannot be used shall stop the start, not a sign-in
    facts = FactFinder(
        identity_providers=doors.identity_providers,
        applications=WithOwnPages(doors.applications, settings.pages.product_name),
        links=doors.links,
        user_stores=doors.user_stores,
        roles=doors.roles,
        purposes=doors.purposes,
        candidates=CandidateFinder(doors.identity_providers, doors.links, doors.receipts, doors.user_stores),
        locked=locked,
        clock=clock,
        rules_of=compile_rules,
        server=ServerRules(
            indelible=frozenset(settings.provisioning.indelible_attributes),
            equal_name_may_link=settings.provisioning.equal_name_may_link,
            enhanced=settings.provisioning.enhanced,
        ),
    )
    terms = ReceiptTerms(
        settings.consent.controller, settings.consent.policy_url, settings.consent.jurisdiction,
        settings.consent.service,
    )  # fmt: skip
    making = EntryMaking(work, clock, entropy)
    changing = EntryChanging(doors.user_stores, clock)
    planner = WorkPlanner(doors.user_stores, doors.passwords, making, changing, entropy, terms)
    recorded_days = settings.outcomes.recorded_sign_in_days
    records, halts = JourneyRecords(clock, entropy, timedelta(recorded_days)), FactorHalts(clock, entropy)
    demands = FactorDemands(
        doors.identity_providers, doors.user_stores,
        FactorRules(settings.second_factor.required_roles, settings.provisioning.enhanced),
    )  # fmt: skip
    applications = WithOwnPages(doors.applications, settings.pages.product_name)
    provisioner = Provisioner(planner, sessions, work, records, halts, entropy)
    recovery = Recovery(
        doors.operations, doors.user_stores, doors.links, doors.receipts, doors.stored_identity_providers, work,
        clock, entropy,
    )  # fmt: skip
    hall = Hall(facts, Asker(work, clock, entropy, records), provisioner, recovery, demands)
    trips = Trips(doors.upstreams, hall, work, clock, entropy)
    rehearsal = Rehearsal(doors.stored_identity_providers, facts)
    application_trial = ApplicationTrial(
        doors.stored_identity_providers, doors.links, doors.user_stores, locked, rehearsal, demands, clock,
        ToldClaims(openid_provider.authorization.subjects).of,
    )  # fmt: skip
    trials = ProviderTrial(
        doors.sign_ins, doors.stored_identity_providers, doors.stored_applications, doors.upstreams, rehearsal,
        application_trial, work, clock, entropy, settings.server.base_url,
    )  # fmt: skip
    realms = HomeRealms(doors.identity_providers)
    journeys = JourneysInBrowsers(doors.sign_ins)
    credentials = LocalCredentials(
        doors.user_stores,
        doors.passwords,
        Guesses(doors.attempts, work, clock),
        keys.derive("password guesses"),
    )
    proofs = LinkProof(journeys, hall, credentials, doors.identity_providers, trips, clock)
    arrival = Arrival(
        doors.sign_ins,
        applications,
        doors.identity_providers,
        sessions,
        trips,
        realms,
        demands,
        halts,
        records,
        work,
        clock,
        entropy,
    )
    trail = AuditTrail(clock, entropy)
    finding = UserFinding(doors.user_stores, doors.stored_identity_providers, doors.links)
    names = RecordNames(doors.identity_providers, doors.user_store_records)
    outcomes = OutcomeFinding(doors.records, finding, doors.stored_identity_providers, names, clock)
    audit = AuditFinding(
        doors.records, finding, doors.stored_identity_providers, doors.user_store_records, names
    )
    ways = OperatorWays(
        doors.user_stores, doors.user_store_records, doors.links, doors.stored_identity_providers, clock
    )
    identity_locks = IdentityLockAdministration(
        doors.stored_identity_providers, OpenedAccounts(finding, doors.links, doors.identity_locks), work, trail,
        clock, settings.provisioning.enhanced, ways,
    )  # fmt: skip
    preparation = SAMLPreparation(doors.saml_source, expiry_of, clock)
    providers = IdentityProviderAdministration(
        doors.stored_identity_providers, doors.links,
        IdentityProviderChecks(
            doors.stored_identity_providers, doors.stored_applications, doors.user_stores, doors.roles,
            compile_rules, preparation, http_issuers_allowed_risky=settings.is_development,
            enhanced=settings.provisioning.enhanced,
        ),
        preparation, doors.upstreams, doors.upstream_trials, work, trail, entropy, ways,
    )  # fmt: skip
    fates, leaving = FateFinding(finding), EntryLeaving(work, clock, entropy)
    removing = ProviderRemoving(
        RemovalPlanning(
            fates, doors.links, doors.user_store_records, doors.stored_applications, settings.provisioning.enhanced
        ),
        ProviderClearing(
            fates, doors.provider_removals, doors.links, doors.user_store_records, leaving, recovery, work, trail
        ),
        doors.provider_removals, doors.upstreams, work, trail, entropy, ways,
    )  # fmt: skip
    public = urlsplit(settings.server.base_url)
    factor_settings = FactorSettings(
        settings.second_factor.totp_issuer, public.hostname or "", f"{public.scheme}://{public.netloc}",
        keys.derive("one-time codes"), settings.second_factor.emails_per_hour,
        can_mail=settings.mail is not None,
    )  # fmt: skip
    guesses = Guesses(doors.attempts, work, clock)
    desk = FactorDesk(doors.factors, guesses, work, clock, entropy, factor_settings)
    factor_proof, factor_enrolment = FactorProof(desk), FactorEnrolment(desk)
    standings = Standings(
        applications,
        doors.identity_providers,
        doors.links,
        doors.user_stores,
        locked,
        demands,
        factor_proof,
        clock,
    )
    factor_step = FactorStep(
        journeys,
        standings,
        FactorEnds(standings, hall, guesses),
        hall,
        factor_proof,
        factor_enrolment,
        guesses,
        clock,
    )
    access = PersonAccess(finding)
    factor_reset = FactorReset(
        finding, doors.factors, work, trail, clock, entropy, settings.second_factor.totp_issuer
    )
    users = UserAdministration(
        finding, doors.stored_identity_providers, doors.links, doors.roles, doors.passwords, compile_rules, work,
        trail, clock, entropy, making, changing, UserRemoval(finding, leaving, work, trail, ways),
        EditRule(doors.stored_identity_providers, settings.provisioning.enhanced), ways,
    )  # fmt: skip
    return Verbs(
        arrival=arrival,
        factor_step=factor_step,
        own_factors=OwnFactors(
            doors.factors, factor_enrolment, FactorRemoval(desk), doors.identity_providers, guesses, clock,
            settings.provisioning.enhanced,
        ),
        own_account=OwnAccount.of(
            AccountSockets(
                doors.user_stores, doors.links, doors.identity_providers, doors.identity_locks, doors.factors,
                doors.sessions, doors.receipts, doors.records, doors.arrivals, work, clock, entropy,
            ),
            idle_seconds=settings.security.session_idle_seconds,
        ),
        federated_login=FederatedLogin(
            doors.sign_ins, applications, doors.identity_providers, doors.upstreams, trips, hall, proofs,
            trials, clock,
        ),
        home_realm_discovery=HomeRealmDiscovery(doors.sign_ins, applications, realms, trips, clock),
        provider_trial=trials,
        unsolicited_arrival=UnsolicitedArrival(
            doors.identity_providers, doors.applications, doors.upstreams, work
        ),
        logout_onward=LogoutOnward(
            doors.identity_providers, doors.upstreams, doors.logout_trips, work, clock, entropy
        ),
        local_login=LocalLogin(
            doors.sign_ins, WithOwnPages(doors.stored_applications), credentials, sessions, demands, halts, work,
            clock, entropy,
        ),
        prompt_answers=PromptAnswers(journeys, hall, arrival, clock),
        link_proof=proofs,
        upstream_logout=UpstreamLogout(doors.identity_providers, doors.upstreams, work, clock, entropy),
        rehearsal=rehearsal,
        pasted_rehearsal=PastedRehearsal(doors.stored_identity_providers, doors.pasted_words, rehearsal),
        policy_replay=PolicyReplay(doors.arrivals, doors.records, facts, recorded_days),
        openid_provider=openid_provider,
        identity_providers=providers,
        provider_removing=removing,
        saml_metadata=SAMLMetadataVerbs(providers),
        saml_keys=SAMLKeyVerbs(providers),
        issuer_discovery=IssuerDiscovery(doors.issuer_source, providers.checks),
        applications=ApplicationAdministration(
            doors.stored_applications,
            ApplicationChecks(
                doors.stored_identity_providers, doors.roles, doors.user_stores,
                enhanced=settings.provisioning.enhanced,
            ),
            work, trail, entropy,
        ),
        application_trial=application_trial,
        role_uses=RoleUses(doors.stored_identity_providers, doors.stored_applications),
        rule_trial=RuleTrial(doors.user_stores, compile_rules),
        roles=RoleAdministration(
            doors.roles, doors.stored_identity_providers, doors.user_stores, compile_rules, work, trail,
            doors.stored_applications,
        ),
        user_stores=UserStoreAdministration(
            doors.user_store_records, doors.stored_identity_providers, doors.store_trial,
            KnownAccounts(doors.user_store_records, doors.operations, work, trail, clock),
            StoreSurroundings(compile_rules, plain_connections_allowed_risky=settings.is_development),
            work, trail, entropy, ways,
        ),
        users=users,
        operators=OperatorAdministration(doors.user_store_records, users),
        people_search=PeopleSearch(doors.user_stores, doors.stored_identity_providers, doors.links),
        person_profiles=PersonProfiles(
            access,
            PersonSessions(
                access, doors.sessions, work, trail, clock, settings.security.session_idle_seconds
            ),
            factor_reset, identity_locks, doors.stored_identity_providers, doors.links, doors.receipts,
            doors.records,
        ),
        factor_reset=factor_reset,
        account_states=AccountStates(
            finding, doors.passwords, compile_rules, work, trail, clock, identity_locks, ways
        ),
        identity_locks=identity_locks,
        account_links=AccountLinkAdministration(
            finding, doors.stored_identity_providers, doors.links, doors.receipts, work, trail, clock, entropy,
            ways,
        ),
        purposes=PurposeAdministration(doors.stored_purposes, work, trail, entropy),
        consents=ConsentAdministration(doors.receipts, doors.links, finding, changing, work, trail, clock),
        outcomes=outcomes,
        audit=audit,
        look=LookAdministration(
            doors.looks, doors.kept_forms, PagesAsTheyAre(settings.pages), TemplateTrials(settings.pages.templates),
            work, trail, clock, entropy,
        ),
        records_export=RecordsExport(outcomes, audit, work, trail),
        overview=Overview.of(
            OverviewSockets(
                doors.records, doors.stored_identity_providers, doors.stored_applications, doors.provider_removals,
                doors.operations, doors.outbox, names, clock,
            ),
            expiry_of=expiry_of, can_mail=settings.mail is not None,
        ),
        setup=Setup(
            doors.setup_links, doors.records, doors.user_stores, doors.passwords, compile_rules, work,
            trail, clock, entropy,
        ),
        recovery=recovery,
    )  # fmt: skip
