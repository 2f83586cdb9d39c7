"""What the settings say about second factors."""

from pathlib import Path

import pytest
from tests.unit.settings.read_file import SOUND, paths, read, settings_of

from jitney.settings.resolved import SecondFactorSettings

SECTION = "[authentication.second_factor]\n"


def test_second_factors_are_read(tmp_path: Path) -> None:
    """Issue 6: a second factor is required by role; unsaid, nobody owes one, and codes have a cap (R-097)."""
    reading = read(
        tmp_path,
        f'{SOUND}{SECTION}required_roles = ["operator", "Payroll EU"]\ntotp_issuer = "Acme ID"\n'
        "emails_per_hour = 50\n",
    )
    assert ((), ()) == (reading.faults, reading.warnings)
    assert reading.settings is not None
    wanted = SecondFactorSettings(frozenset({"operator", "Payroll EU"}), "Acme ID", 50)
    assert wanted == reading.settings.second_factor
    assert SecondFactorSettings(frozenset(), "Jitney", 1000) == settings_of(tmp_path, "").second_factor


@pytest.mark.parametrize(
    ("product", "issuer"), [("Acme ID", "Acme ID"), ("Acme: the ID", "Acme  the ID"), (":", "Jitney")]
)
def test_issuer_is_the_products_name_without_a_colon(tmp_path: Path, product: str, issuer: str) -> None:
    """A colon ends the issuer in the address that an authenticator app reads, so none is in it."""
    text = f'[pages]\nproduct_name = "{product}"\n'
    assert issuer == settings_of(tmp_path, text).second_factor.totp_issuer


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('totp_issuer = "Acme: ID"', "totp_issuer"),
        ('totp_issuer = ""', "totp_issuer"),
        ("emails_per_hour = 0", "emails_per_hour"),
        ("emails_per_hour = true", "emails_per_hour"),
        ('required_roles = "operator"', "required_roles"),
        ('required_roles = ["operator", ""]', "required_roles[2]"),
        ('required_roles = [" operator"]', "required_roles[1]"),
        ('required_role = ["operator"]', "required_role"),
    ],
)
def test_setting_that_cannot_be_meant_is_refused(tmp_path: Path, line: str, key: str) -> None:
    """A role that nobody can have would require nothing of anybody: it is refused by name, as a slip is."""
    assert [f"authentication.second_factor.{key}"] == paths(read(tmp_path, f"{SECTION}{line}\n"))
