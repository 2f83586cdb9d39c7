"""The file of settings: all faults at once, with path, found and allowed."""

from pathlib import Path

import pytest
from tests.unit.settings.read_file import SOUND, paths, read

from jitney.errors import Misconfigured
from jitney.settings import load_settings
from jitney.settings.reference import example_file


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """With no file at all, a development server on this machine is described, and it says so."""
    settings = load_settings({}, folder=tmp_path)
    assert f"sqlite:///{tmp_path}/data/jitney.db" == settings.database.url
    assert "http://localhost:8420" == settings.server.base_url
    assert settings.is_development
    assert "Settings: none found, the defaults hold." == settings.opening_lines[0]


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Three mistakes in one file, one of them between two keys, are reported together."""
    reading = read(
        tmp_path,
        '[server]\nport = 99999\nprot = 1\n[log]\nlevel = "loud"\n'
        "[security]\nsession_idle_minutes = 120\nsession_hours = 1\n",
    )
    assert reading.settings is None
    assert ["log.level", "security.session_idle_minutes", "server.port", "server.prot"] == paths(reading)


def test_fault_says_what_was_found_and_what_is_allowed(tmp_path: Path) -> None:
    """Each fault carries the key's path, the value that was found, and what is allowed."""
    (fault,) = read(tmp_path, "[server]\nport = 99999\n").faults
    assert ("server.port", "99999", "a whole number from 0 to 65535") == (
        fault.path,
        fault.found,
        fault.allowed,
    )


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("[databse]\n", "database"),
        ('[user_store]\nUsernameJavaRegx = "a"\n', "user_store.UsernameJavaRegEx"),
        (
            '[authentication.jit_provisioning]\nenable_enhanced_featur = "true"\n',
            "authentication.jit_provisioning.enable_enhanced_feature",
        ),
    ],
)
def test_unknown_key_names_the_nearest_known_one(tmp_path: Path, text: str, guess: str) -> None:
    """An unknown key is a fault, with the key that was probably meant (jit.md 12)."""
    (fault,) = read(tmp_path, text).faults
    assert f"This key is not known. Did you mean {guess}?" == fault.sentence


def test_faults_are_raised_together_when_the_settings_are_needed(tmp_path: Path) -> None:
    """Loading refuses with one fault that carries them all."""
    read(tmp_path, "[server]\nport = -1\nprocesses = 0\n")
    with pytest.raises(Misconfigured) as refused:
        load_settings({"JITNEY_HOME": str(tmp_path)}, folder=tmp_path)
    assert "settings_refused" == refused.value.code
    assert 2 == len(refused.value.details["faults"])  # pyright: ignore[reportArgumentType]


def test_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """A database's password may stand in a variable or in a file, and is shown by no repr."""
    url = "postgresql://jitney:geheim@db/jitney"
    (tmp_path / "url").write_text(url + "\n")
    from_file = read(tmp_path, '[database]\nurl_file = "url"\n').settings
    from_variable = read(
        tmp_path, '[database]\nurl = "postgresql://jitney:$ENV{PW}@db/jitney"\n', PW="geheim"
    ).settings
    assert from_file is not None
    assert from_variable is not None
    assert [url, url] == [from_file.database.url, from_variable.database.url]
    assert "geheim" not in repr(from_file)


def test_fault_of_a_secret_key_shows_no_value(tmp_path: Path) -> None:
    """R-123: a wrong database url is refused without its password on the screen."""
    reading = read(tmp_path, '[database]\nurl = "mysql://jitney:geheim@db/jitney"\n')
    assert ["database.url"] == paths(reading)
    assert "geheim" not in str(reading.faults)


def test_missing_variable_is_a_fault(tmp_path: Path) -> None:
    """A reference to a variable that is not set is refused, and reported once."""
    assert ["outgoing.ca_file"] == paths(read(tmp_path, '[outgoing]\nca_file = "$ENV{NOPE}"\n'))


@pytest.mark.parametrize("written", ["true", '"true"'])
def test_switches_of_wso2_are_understood_as_text_too(tmp_path: Path, written: str) -> None:
    """jit.md 10: enable_enhanced_feature is true or "true"; without it, the feature is off."""
    reading = read(tmp_path, f"[authentication.jit_provisioning]\nenable_enhanced_feature = {written}\n")
    assert ((), ()) == (reading.faults, reading.warnings)
    assert reading.settings is not None
    assert reading.settings.provisioning.enhanced
    off = read(tmp_path, "").settings
    assert off is not None
    assert not off.provisioning.enhanced


def test_both_spellings_of_a_user_store_property_are_read(tmp_path: Path) -> None:
    """UsernameJavaRegEx and username_java_regex are one key."""
    for key in ("UsernameJavaRegEx", "username_java_regex", "UserNameJavaRegEx"):
        settings = read(tmp_path, f"[user_store]\n{key} = '^[a-z]+$'\n").settings
        assert settings is not None
        assert "^[a-z]+$" == settings.user_store.username.pattern


def test_pattern_that_cannot_be_compiled_is_refused(tmp_path: Path) -> None:
    """jit.md 4: a store's pattern is compiled when it is read; a broken one is a fault with its path."""
    assert ["user_store.PasswordJavaRegEx"] == paths(
        read(tmp_path, '[user_store]\nPasswordJavaRegEx = "(["\n')
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[server]\nprofile = "production"\nbase_url = "http://id.example"\n', "server.base_url"),
        ('[server]\nprofile = "production"\n', "server.base_url"),
        (SOUND + '[log]\nlevel = "debug"\n', "log.level"),
    ],
)
def test_production_refuses_weak_settings(tmp_path: Path, text: str, path: str) -> None:
    """R-118: the production profile does not start with an http address or with debugging on."""
    assert () == read(tmp_path, SOUND).faults
    assert path in paths(read(tmp_path, text))


def test_production_refuses_private_addresses(tmp_path: Path) -> None:
    """R-076: an exception for private addresses is refused in production, and warned of elsewhere."""
    text = '[outgoing]\nallow = ["127.0.0.1:9000"]\n'
    assert ["outgoing.allow"] == paths(read(tmp_path, SOUND + text))
    lenient = read(tmp_path, text)
    assert () == lenient.faults
    assert ("outgoing.allow: Private addresses may be called: 127.0.0.1:9000.",) == lenient.warnings


@pytest.mark.parametrize("key", ["A" * 43, "secret", ""])
def test_production_refuses_a_weak_master_key(tmp_path: Path, key: str) -> None:
    """R-118: a master key of words, zeroes or nothing does not start in production."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "master.key").write_text(key)
    (tmp_path / "data" / "master.key").chmod(0o600)
    assert ["security.master_key_file"] == paths(read(tmp_path, SOUND))


def test_example_file_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    """The example can be copied as it is: every key in it is commented out."""
    reading = read(tmp_path, example_file())
    assert ((), ()) == (reading.faults, reading.warnings)


@pytest.mark.parametrize("text", ["[server\n", "a = 1\na = 2\n", "\x00"])
def test_what_is_not_toml_is_refused_plainly(tmp_path: Path, text: str) -> None:
    """A file that cannot be parsed is one fault, named after the file."""
    assert ["deployment.toml"] == paths(read(tmp_path, text))
