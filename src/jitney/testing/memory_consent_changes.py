"""Memory changes of purposes, consent receipts and letters."""

from dataclasses import replace
from typing import Any

from jitney.model import changes as c
from jitney.model.consent import Purpose
from jitney.testing.memory_state import CarryOut, MemoryState, must


def _require_purpose(state: MemoryState, change: c.RequirePurpose) -> None:
    kept = state.purposes.get(change.id)
    must(kept is not None and kept.version == change.version, change.guard)


def _add_purpose(state: MemoryState, change: c.AddPurpose) -> None:
    must(change.purpose.id not in state.purposes, change.guard)
    _keep_purpose(state, change.purpose)


def _save_purpose(state: MemoryState, change: c.SavePurpose) -> None:
    kept = state.purposes.get(change.purpose.id)
    must(kept is not None and kept.version == change.purpose.version - 1, change.guard)
    _keep_purpose(state, change.purpose)


def _keep_purpose(state: MemoryState, purpose: Purpose) -> None:
    taken = {each.name for each in state.purposes.values() if each.id != purpose.id}
    must(purpose.name not in taken, "purpose_name")
    state.purposes[purpose.id] = purpose


def _remove_purpose(state: MemoryState, change: c.RemovePurpose) -> None:
    kept = state.purposes.get(change.id)
    must(kept is not None and kept.version == change.version, change.guard)
    del state.purposes[change.id]


def _add_receipt(state: MemoryState, change: c.AddConsentReceipt) -> None:
    must(change.receipt.id not in state.receipts, change.guard)
    state.receipts[change.receipt.id] = change.receipt


def _save_receipt(state: MemoryState, change: c.SaveConsentReceipt) -> None:
    kept = state.receipts.get(change.receipt.id)
    must(kept is not None and kept.version == change.receipt.version - 1, change.guard)
    state.receipts[change.receipt.id] = change.receipt


def _add_mail(state: MemoryState, change: c.AddMail) -> None:
    must(change.mail.id not in state.outbox, "mail")
    state.outbox[change.mail.id] = change.mail


def _postpone_mail(state: MemoryState, change: c.PostponeMail) -> None:
    mail = state.outbox.get(change.id)
    if mail is not None:
        state.outbox[change.id] = replace(mail, due=change.due, tries=change.tries)


def _remove_mail(state: MemoryState, change: c.RemoveMail) -> None:
    state.outbox.pop(change.id, None)


CHANGES: dict[type[Any], CarryOut] = {
    c.RequirePurpose: _require_purpose,
    c.AddPurpose: _add_purpose,
    c.SavePurpose: _save_purpose,
    c.RemovePurpose: _remove_purpose,
    c.AddConsentReceipt: _add_receipt,
    c.SaveConsentReceipt: _save_receipt,
    c.AddMail: _add_mail,
    c.PostponeMail: _postpone_mail,
    c.RemoveMail: _remove_mail,
}
