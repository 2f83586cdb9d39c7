"""The master key's file."""

from pathlib import Path

import pytest

from jitney.errors import Misconfigured
from jitney.settings import MasterKeys, load_master_keys
from jitney.settings.resolved import SecuritySettings


def security(folder: Path, *older: str) -> SecuritySettings:
    """Settings whose master key stands in ``folder``."""
    return SecuritySettings(folder / "data" / "master.key", tuple(folder / one for one in older), 60, 60)


def test_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    """R-118: there is no default secret: 32 random bytes are made, readable by the owner alone, and kept."""
    made = load_master_keys(security(tmp_path))
    assert 32 == len(made.current)
    assert 0o600 == (tmp_path / "data" / "master.key").stat().st_mode & 0o777
    assert made == load_master_keys(security(tmp_path))
    assert ["master.key"] == [path.name for path in (tmp_path / "data").iterdir()]


def test_older_keys_are_read_beside_the_current_one(tmp_path: Path) -> None:
    """What an older key closed can still be opened, and what was derived from the first stays the same."""
    first = load_master_keys(security(tmp_path))
    (tmp_path / "data" / "master.key").rename(tmp_path / "first.key")
    both = load_master_keys(security(tmp_path, "first.key"))
    assert (first.current,) == both.older
    assert first.derive("pairwise") == both.derive("pairwise")
    assert first.derive("pairwise") != first.derive("refresh")


@pytest.mark.parametrize(("content", "code"), [("A" * 43, "master_key_weak"), ("!", "master_key_unreadable")])
def test_weak_or_broken_key_is_never_used(tmp_path: Path, content: str, code: str) -> None:
    """R-118: a key that is not 32 random bytes stops the start, and its file is left as it is."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "master.key").write_text(content)
    with pytest.raises(Misconfigured) as refused:
        load_master_keys(security(tmp_path))
    assert code == refused.value.code
    assert content == (tmp_path / "data" / "master.key").read_text()


def test_keys_are_in_no_repr() -> None:
    """R-123: printing the keys prints nothing of them."""
    assert "MasterKeys()" == repr(MasterKeys(b"k" * 32, (b"o" * 32,)))
