"""Tries the bind of the service account, and says what a refusal means where the directory tells it."""

import re

from jitney.errors import JitneyError
from jitney.model.diagnosis import Finding, Step
from jitney.userstores.ldap.wire.answers import Code, Refused, Unanswered
from jitney.userstores.ldap.wire.connection import DirectoryConnection
from jitney.userstores.ldap.wire.faults import fault_in_reading
from jitney.userstores.ldap.wire.opening import Opener

ADVICE = {
    "user_store_unreachable": "The directory ended the connection: see its log.",
    "user_store_timed_out": "The directory does not answer in time: is it well, and are the times long enough?",
    "user_store_busy": "The directory says that it is busy: try again later.",
    "user_store_referral": "The directory refers us to another one: give the address of the one with the data.",
    "user_store_base_missing": "There is no such entry: correct it, or let the account read it.",
    "user_store_read_refused": "The account may not read this: let it.",
    "user_store_answer_cut": "The directory gives fewer entries than were asked for: raise the account's limit.",
    "user_store_filter_malformed": "The filter cannot be read: see its parentheses.",
    "user_store_tls_failed": "The library refuses the directory's TLS: see the certificate and its host name.",
    "user_store_bind_refused": "The directory refused the bind: see the bind DN and its password.",
}
"""What to do about a fault, whatever was tried."""

# What Active Directory means by "invalid credentials": numbers of Windows' in its words.
_OF_WINDOWS = {
    "525": "There is no such account: correct the bind DN.",
    "52e": "The password of the bind DN is wrong.",
    "530": "The account may not sign in at this time.",
    "532": "The account's password has expired: set a new one there and here.",
    "533": "The account is disabled.",
    "701": "The account has expired.",
    "773": "The account must change its password first.",
    "775": "The account is locked.",
}
_WINDOWS_NUMBER = re.compile(r"data ([0-9a-f]+),")


async def try_bind(opener: Opener) -> tuple[Step, DirectoryConnection | None]:
    """Return how the step ``bind`` went, and the connection where it went well."""
    try:
        opened = await opener.try_to_open()
    except Refused as refused:
        code, sentence = _meaning(refused)
    except Unanswered as flaw:
        code = fault_in_reading(flaw).code
        sentence = ADVICE[code]
    except JitneyError as fault:
        code, sentence = fault.code, ADVICE.get(fault.code, fault.sentence)
    else:
        return Step("bind", Finding.GOOD, "The account is known, and its password is right."), opened
    return Step("bind", Finding.BAD, sentence, code), None


def _meaning(refused: Refused) -> tuple[str, str]:
    """Return the code of a refusal, and what to do about it."""
    if refused.code in {Code.INVALID_DN, Code.NO_SUCH_OBJECT}:
        return "user_store_bind_refused", "The bind DN is none: correct it."
    code = fault_in_reading(refused).code
    if number := _WINDOWS_NUMBER.search(refused.text):
        return code, _OF_WINDOWS.get(number[1], ADVICE["user_store_bind_refused"])
    if refused.code == Code.INVALID_CREDENTIALS:
        return code, "The bind DN or its password is wrong; the directory does not say which."
    return code, ADVICE.get(code, ADVICE["user_store_bind_refused"])
