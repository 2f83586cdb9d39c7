"""Probing: which of the stores outside our database answer now; asked at most every few seconds."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from jitney.errors import JitneyError
from jitney.ports import UserStore, UserStores

REMEMBERED_SECONDS: Final = 5.0
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""An id that no entry has: looking for it costs a store one search."""


class StoreProbe:
    """Asks every enabled store at once, each within its own times; one that is slow delays no answer but its own.

    Anybody may ask how we are, so that the answer is remembered: a flood of questions is no flood of searches
    (R-151).
    """

    def __init__(self, user_stores: UserStores, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._user_stores = user_stores
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._until = 0.0
        self._answers: Mapping[str, bool] = {}

    async def __call__(self) -> Mapping[str, bool]:
        """Say for each store outside our database whether it answers (R-150)."""
        async with self._asking:
            if self._monotonic() >= self._until:
                self._answers = await self._ask()
                self._until = self._monotonic() + REMEMBERED_SECONDS
        return self._answers

    async def _ask(self) -> Mapping[str, bool]:
        stores = [await self._user_stores.find(domain) for domain in await self._user_stores.domains()]
        outside = [store for store in stores if store and store.entries and store.description.enabled]
        answers = await asyncio.gather(*map(_answers, outside))
        return {store.description.domain: yes for store, yes in zip(outside, answers, strict=True)}


async def _answers(store: UserStore) -> bool:
    if store.entries is None:
        return True
    try:
        await store.entries.find(NOBODY)
    except JitneyError:
        return False
    return True
