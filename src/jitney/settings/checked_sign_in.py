"""Checked: the keys of second factors, and of what is kept of sign-ins."""

from typing import Annotated

from pydantic import StringConstraints

from jitney.settings.section import Count, Section, setting

RoleName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class SecondFactor(Section):
    """Second factors, for the whole installation."""

    required_roles: list[RoleName] = setting([], 'a list of role names such as ["operator"]')
    """Whoever has one of these roles owes a second factor, wherever they sign in and however they come.
    A group of such a name counts too, and capital and small letters are one; `everyone` is everybody who has an
    account."""
    totp_issuer: str | None = setting(
        None,
        "a text of 1 to 60 characters, without a colon",
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f:]+$",
    )
    """What authenticator apps show beside the person's name. Without it: `product_name` of `[pages]`."""
    emails_per_hour: Count = setting(1000, "a whole number from 1 to 1000000", ge=1, le=1_000_000)
    """How many codes are mailed to all people together within an hour; who asks beyond that is told to wait.
    One person gets at most five an hour in any case."""


class Outcomes(Section):
    """What is kept of sign-ins beside their outcomes."""

    recorded_sign_in_days: Count = setting(7, "a whole number from 0 to 90", ge=0, le=90)
    """For how many days the claims that came with a sign-in through an identity provider are kept, encrypted, so
    that a changed policy can be tried on them before it holds. They are personal data, also of people who passed
    through or were refused. `0` keeps none."""
