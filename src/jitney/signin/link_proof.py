"""The entrance of a proof: the person shows, within the sign-in, that an account which exists is theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jitney.errors import Conflict, Expired, NotAllowed
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.sign_in import Pending, SignIn, Stage
from jitney.ports import Clock, IdentityProviders
from jitney.provisioning.decision import SignInAs
from jitney.provisioning.facts import Answers
from jitney.provisioning.prompt_forms import Problem, ProofForm
from jitney.signin.advance import Hall, Looked
from jitney.signin.journey import Arrived, AskAgain, FactorWanted, Leave, Prompt, Refused, TurnedBack
from jitney.signin.journeys_in_browsers import OVER, JourneysInBrowsers, Visitor
from jitney.signin.local_credentials import LocalCredentials
from jitney.signin.page_problems import PROOF_FAILED, PROOF_OPENS_NOTHING, PROOF_UNDECIDED
from jitney.signin.said import Said
from jitney.signin.trips import Trips

WANTS_LINK = Answers(wants_link=True)


@dataclass(frozen=True, slots=True)
class LinkProof:
    """Takes the proof of an account, by its password or through another identity provider.

    A proof has no handle of its own that could be spent elsewhere: it counts in the step that brings it, for this
    journey, this browser and this exact arriving subject, and the link is made in the same commit or not at all
    (R-008).
    """

    journeys: JourneysInBrowsers
    hall: Hall
    credentials: LocalCredentials
    identity_providers: IdentityProviders
    trips: Trips
    clock: Clock

    async def by_password(
        self, key: str, typed_name: str, password: str, *, browser: Visitor
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Take user name and password of the account; a try is used up before the password is looked at.

        The attack: a hundred guesses at once, of which each believes to be the first; so the try is spent by
        compare-and-set, and whoever loses that is not compared at all (R-020).
        Raises ``Expired`` and as ``Hall.advance`` does.
        """
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        if pending.is_exhausted:
            return await self.hall.refuse(
                sign_in, "too_many_answers", "That was tried too often. Please start again."
            )
        looked, form = await self._form(sign_in, pending)
        if not form.password:
            raise Expired("sign_in_moved_on", OVER)
        tried = await self._count(sign_in)
        verified = await self.credentials.verify(typed_name, password, now=self.clock.now())
        if verified.user is None:
            await self._note_failure(tried, verified.why_not)
            problems: Mapping[str, Problem] = {
                "form": PROOF_UNDECIDED if verified.is_undecided else PROOF_FAILED
            }
            failed = replace(form, problems=problems)
            shown = self.hall.asker.shown(tried, failed, looked.facts, looked.application)
            return AskAgain(key, shown)
        # It was no guess, whatever is decided about it.
        await self.credentials.guesses.commit(counted=verified.counted)
        said = Said(
            proof=await self.hall.facts.candidates.proof_of(verified.user, "password"),
            network=browser.network,
        )
        return await self.hall.advance(tried, connection=pending.connection, said=said)

    async def by_provider(self, key: str, provider_name: str, *, browser: Visitor) -> Leave:
        """Leave for another provider to sign in there afresh; the arriving identity waits, sealed.

        Raises ``Expired``, ``NotAllowed`` for a provider that the page does not offer, and as ``Upstream.begin``.
        """
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        _, form = await self._form(sign_in, pending)
        provider = await self.identity_providers.find_by_name(provider_name)
        if provider is None or provider.id not in {each.id for each in form.providers}:
            raise NotAllowed(
                "identity_provider_not_offered",
                "This way of signing in is not offered here. Please choose another one.",
            )
        return await self.trips.depart_to_prove(sign_in, provider)

    async def complete(
        self,
        returned: SignIn,
        proven: FederatedIdentity,
        pending: Pending,
        *,
        connection: str,
        network: str | None,
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Take the identity that another provider has proven as the proof of the account that it opens.

        ``pending`` holds the arriving identity; under ``connection`` (a fingerprint) ``proven`` was verified.
        The proof counts only if that other identity could sign in by itself, now and to this application: what is
        refused at the front door (a locked account, another tenant's person under the same subject, a provider
        that the application does not take) proves nothing at this one either.
        """
        journey = replace(
            returned, stage=Stage.PROVEN, identity=pending.arriving, pending=replace(pending, arriving=None)
        )
        by_itself = replace(returned, stage=Stage.PROVEN, identity=proven)
        looked = await self.hall.look(by_itself, connection=connection)
        if not isinstance(looked.decision, SignInAs):
            return await self.hall.refuse(journey, "link_proof_opens_no_account", PROOF_OPENS_NOTHING)
        proof = await self.hall.facts.candidates.proof_of(looked.decision.user, proven.idp)
        bound = replace(proof, through=looked.decision.link, idp_version=looked.facts.idp.version)
        return await self.hall.advance(
            journey, connection=pending.connection, said=Said(proof=bound, network=network)
        )

    async def _form(self, sign_in: SignIn, pending: Pending) -> tuple[Looked, ProofForm]:
        """Return the page that asks for a proof, as it stands now; raises ``Expired`` where none is asked for."""
        looked = await self.hall.look(sign_in, connection=pending.connection, said=Said(answers=WANTS_LINK))
        form = self.hall.shown(sign_in, looked).form
        if not isinstance(form, ProofForm):
            raise Expired("sign_in_moved_on", OVER)
        return looked, form

    async def _note_failure(self, sign_in: SignIn, why: str) -> None:
        """Keep an outcome and an event about a proof that failed, with the true cause (R-121)."""
        if sign_in.identity is not None:
            fault = NotAllowed(why, PROOF_FAILED.sentence)
            await self.hall.turn_away(sign_in, fault, idp=sign_in.identity.idp)

    async def _count(self, sign_in: SignIn) -> SignIn:
        try:
            return await self.hall.asker.count_try(sign_in, {})
        except Conflict as lost:
            raise Expired("sign_in_moved_on", OVER) from lost
