"""Which declared users would be edited although an identity provider masters what is declared of them (pure)."""

from collections.abc import Mapping

from jitney.administration.declared.declarations import (
    ChangeIdentityProviderStep,
    ChangeUserStep,
    Plan,
    Present,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.provisioning.fixed_attributes import fixed_attributes


def find_fixed_attributes(plan: Plan, present: Present, *, enhanced: bool) -> dict[str, str]:
    """Return a fault for each attribute that ``users.change`` would refuse, so that no step is taken before it.

    ``enhanced`` speaks for the providers that do not say themselves; what the plan changes on them counts already.
    """
    refusing = _refusing(plan, present.identity_providers, enhanced=enhanced)
    users = {str(one.user.username): one.user for one in present.users.values()}
    faults: dict[str, str] = {}
    for step in plan.steps:
        if isinstance(step, ChangeUserStep) and (user := users.get(step.name)):
            for name in fixed_attributes(user, step.edit.attributes, refusing=refusing):
                text = (
                    "This value comes from the user's identity provider, and is not edited here (SUO-10000)."
                )
                faults[f"user {step.name}: attributes.{name}"] = text
    return faults


def _refusing(plan: Plan, known: Mapping[str, IdentityProvider], *, enhanced: bool) -> frozenset[str]:
    changed = {step.idp.name: step.idp for step in plan.steps if isinstance(step, ChangeIdentityProviderStep)}
    ids = {name: idp.id for name, idp in known.items()}
    then = {name: changed.get(name, idp) for name, idp in known.items()}
    return frozenset(
        ids[name] for name, idp in then.items() if idp.enhanced.resolved(default=enhanced).refuse_edits
    )
