"""The user stores of a declaration: what is wrong with them in the file's words, and which there will be (pure)."""

from collections.abc import Iterator, Mapping

from jitney.administration.declared.declarations import AddUserStoreStep, ChangeUserStoreStep, Plan, Present
from jitney.administration.stores.user_store_drafts import as_version, find_all_faults, find_all_warnings
from jitney.administration.stores.user_store_rules import StoreSurroundings
from jitney.administration.stores.user_store_secrets import with_kept_secret
from jitney.administration.stores.user_store_words import word_of
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import UserStoreRecord


def find_store_faults(plan: Plan, present: Present, surroundings: StoreSurroundings) -> dict[str, str]:
    """Return what is wrong with the user stores of a plan (``user_store ENG: url``)."""
    return {
        f"user_store {after.description.domain}: {word_of(path)}": text
        for before, after in _saved(plan)
        for path, text in _faults(before, after, present, surroundings).items()
    }


def find_store_warnings(plan: Plan, surroundings: StoreSurroundings) -> tuple[str, ...]:
    """Return what of the user stores of a plan is worth a second look; they have no faults."""
    return tuple(
        f"user_store {after.description.domain}: {word_of(path)}: {text}"
        for before, after in _saved(plan)
        for path, _, text in (
            warning.partition(": ") for warning in find_all_warnings(after, surroundings, present=before)
        )
    )


def stores_then(
    stores: Mapping[str, UserStoreDescription], plan: Plan, present: Present, surroundings: StoreSurroundings
) -> dict[str, UserStoreDescription]:
    """Return what is known of each store when every step is taken.

    One with faults is there by its name alone: what refers to it shall not be called wrong as well.
    """
    then = dict(stores)
    for before, after in _saved(plan):
        store = after.description
        faulty = bool(_faults(before, after, present, surroundings))
        then[store.domain] = UserStoreDescription(store.domain) if faulty else store
    return then


def _saved(plan: Plan) -> Iterator[tuple[UserStoreRecord | None, UserStoreRecord]]:
    """List each store that a plan saves, as it is now and as it would be."""
    for step in plan.steps:
        match step:
            case AddUserStoreStep(record):
                yield None, as_version(record, 1)
            case ChangeUserStoreStep(record, before, _):
                yield before, with_kept_secret(before, record)
            case _:
                pass


def _faults(
    before: UserStoreRecord | None,
    after: UserStoreRecord,
    present: Present,
    surroundings: StoreSurroundings,
) -> dict[str, str]:
    accounts = present.accounts.get(after.description.domain, 0)
    return find_all_faults(after, surroundings, present=before, accounts=accounts)
