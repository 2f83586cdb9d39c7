"""What a changed policy would have made of the last sign-ins, as rows to read before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.provisioning.verdict import Verdict
from jitney.signin.policy_replay import Replay, ReplayedArrival, View
from jitney.web.kit.rehearsal_cards import DECISIONS, cut, printable, sentence_of

MOST_LINES: Final = 20

_VIEWS: Final = {
    View.AS_THEY_ARE: "",
    View.AS_THEY_ARRIVED:
        "Looked at as they arrived: what this very sign-in made of them is taken for not there.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """What becomes of a person under one of the two policies.

    ``why`` and ``code`` are the reason that settled it, ``account`` the user name that they have then;
    ``lines`` are those of the difference which the other side has not.
    """

    becomes: str
    why: str
    code: str
    account: str
    asks: str
    reads: str
    lines: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One person whose sign-in would end otherwise; ``seen`` says how they were looked at, where it matters."""

    reference: str
    at: datetime
    who: str
    subject: str
    seen: str
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class ReplayView:
    """The rows, and the sentences above them."""

    sentences: tuple[str, ...]
    rows: Sequence[ReplayRow]


def replay_view(replay: Replay) -> ReplayView:
    """Return what stands on the page; ``console/rehearsal/replay.html`` shows it under the name ``replay``."""
    return ReplayView(tuple(_sentences(replay)), replay_rows(replay))


def replay_rows(replay: Replay) -> Sequence[ReplayRow]:
    """Return those who would fare otherwise, the newest first."""
    return [_row(one, replay) for one in replay.changed]


def _sentences(replay: Replay) -> list[str]:
    if not replay.recorded_days:
        return [
            "Sign-ins are not recorded here, so there are none to try this on: recorded_sign_in_days is 0."
        ]
    if not replay.arrivals:
        return [f"Nobody has signed in through this provider in the last {_days(replay.recorded_days)}."]
    people, changed = len(replay.arrivals), len(replay.changed)
    last = "The last person who signed in" if people == 1 else f"Of the last {people} people who signed in"
    sentences = [f"{last} through this provider{_fare(people, changed)}"]
    if replay.is_cut_short:
        sentences.append(
            "A user store does not answer, or not in time, so nobody who came before them was looked at."
        )
    if replay.is_switched_off:
        sentences.append("The provider is disabled, and was looked at as if it were enabled.")
    return sentences


def _fare(people: int, changed: int) -> str:
    if people == 1:
        return " would fare otherwise." if changed else " would fare as before."
    if not changed:
        return ", nobody would fare otherwise."
    return f", {changed} would fare otherwise."


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"


def _row(one: ReplayedArrival, replay: Replay) -> ReplayRow:
    return ReplayRow(
        reference=one.reference,
        at=one.at,
        who=cut(printable(one.name or one.subject)),
        subject=cut(printable(one.subject)),
        seen=_VIEWS[one.view],
        before=_side(one.before, one.after, replay),
        after=_side(one.after, one.before, replay),
    )


def _side(verdict: Verdict, other: Verdict, replay: Replay) -> Side:
    lines = [line for line in verdict.written if line not in other.written]
    return Side(
        becomes=DECISIONS[verdict.kind],
        why=sentence_of(verdict.reasons[-1]) if verdict.reasons else "",
        code=verdict.code,
        account=printable(verdict.username or ""),
        asks=", ".join(map(printable, verdict.asks)),
        reads=verdict.sentence or "",
        lines=tuple(cut(line.replace(replay.idp.id, replay.idp.name)) for line in lines[:MOST_LINES]),
        left_out=max(0, len(lines) - MOST_LINES),
    )
