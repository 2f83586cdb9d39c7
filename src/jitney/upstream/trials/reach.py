"""Knocks on addresses that only browsers, or tokens, are sent to: does anything answer there."""

from jitney.errors import JitneyError
from jitney.model.diagnosis import Step
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.trials.steps import doubtful, good, told

_NOT_THERE = 404


async def knock(outgoing: OutgoingClient, step: str, name: str, url: str) -> Step:
    """Say whether something answers; an error or a redirect is an answer too, since we ask without a reason.

    Where nothing does, the browsers of our people may still reach it.
    """
    try:
        answer = await outgoing.get_bytes(url)
    except JitneyError as fault:
        if fault.code == "upstream_redirect_refused":
            return good(step, f"The {name} endpoint answers at {url}.")
        return doubtful(step, f"The {name} endpoint {url}: {told(fault)}", fault.code)
    if answer.status == _NOT_THERE:
        sentence = f"There is nothing at the {name} endpoint {url}: is the address right?"
        return doubtful(step, sentence, "provider_endpoint_not_there")
    return good(step, f"The {name} endpoint answers at {url}.")
