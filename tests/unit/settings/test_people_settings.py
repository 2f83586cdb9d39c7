"""What is asked of people, written down about them, and sent to them: own pages, linking, consent, mail."""

from pathlib import Path

import pytest
from tests.unit.settings.read_file import SOUND, paths, read, settings_of

from jitney.model.consent import DataController
from jitney.settings.resolved import NO_CONSENT_SETTINGS, MailSettings

JIT = "[authentication.jit_provisioning]\n"
KEYS = ("username_provisioning_url", "password_provisioning_url")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("url", ["https://app.example/join", "https://app.example:8443/a/b.jsp?x=1&y=%20"])
def test_page_of_the_customers_own_is_an_https_address(tmp_path: Path, key: str, url: str) -> None:
    """jit.md 5: own pages are read under WSO2's names, in either profile, and nothing is warned of."""
    reading = read(tmp_path, f'{SOUND}{JIT}{key} = "{url}"\n')
    assert ((), ()) == (reading.faults, reading.warnings)
    assert url == getattr(settings_of(tmp_path, f'{JIT}{key} = "{url}"\n').provisioning, key)
    assert None is getattr(settings_of(tmp_path, "").provisioning, key)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/join", "javascript:alert(1)", "data:text/html,x", "//app.example/join", "/join",
        "https://ada:secret@app.example/", "https://app.example@evil.example/", "https://app.example/#x",
        "https://app.example/#", "https:///join", "https://app.example/a b", "https://app.example\\\\@evil.example",
        "https://app.example:99999/", "https://äpp.example/", "ftp://app.example/", "",
    ],
)  # fmt: skip
def test_page_elsewhere_is_refused(tmp_path: Path, key: str, url: str) -> None:
    """R-106: "admin-supplied … URLs are … refused": no scheme that runs, no user name, no fragment, no http."""
    assert [f"authentication.jit_provisioning.{key}"] == paths(read(tmp_path, f'{JIT}{key} = "{url}"\n'))


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "[::1]:9000"])
def test_page_on_this_machine_may_be_http_for_trying_out(tmp_path: Path, host: str) -> None:
    """Plain http is let through for this machine in the development profile, and nowhere else."""
    text = f'{JIT}username_provisioning_url = "http://{host}/join"\n'
    assert f"http://{host}/join" == settings_of(tmp_path, text).provisioning.username_provisioning_url
    assert ["authentication.jit_provisioning.username_provisioning_url"] == paths(
        read(tmp_path, SOUND + text)
    )


@pytest.mark.parametrize("written", ["true", '"true"', '"TRUE"'])
def test_link_by_an_equal_name_is_warned_of(tmp_path: Path, written: str) -> None:
    """jit.md 6: ``associating_to_existing_user = true`` is "honoured with a … warning that names the risk"."""
    reading = read(tmp_path, f"{JIT}associating_to_existing_user = {written}\n")
    assert reading.settings is not None
    assert reading.settings.provisioning.equal_name_may_link
    (warning,) = reading.warnings
    assert warning.startswith("authentication.jit_provisioning.associating_to_existing_user: Whoever gets")
    assert "the person must prove the account" in warning
    assert warning in str(reading.settings.opening_lines)
    assert not settings_of(
        tmp_path, f"{JIT}associating_to_existing_user = false\n"
    ).provisioning.equal_name_may_link


def test_check_that_would_be_skipped_is_still_not_built(tmp_path: Path) -> None:
    """A key that nothing obeys warns by its name, and is never passed over in silence."""
    (warning,) = read(tmp_path, f"{JIT}skip_username_pattern_validation = true\n").warnings
    assert warning.startswith("authentication.jit_provisioning.skip_username_pattern_validation: ")


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (
            ("UsernameJavaScriptRegEx", "username_java_script_regex", "UserNameJavaScriptRegEx"),
            "username_script_pattern",
        ),
        (("PasswordJavaScriptRegEx", "password_java_script_regex"), "password_script_pattern"),
    ],
)
def test_patterns_for_pages_are_read_and_compiled(tmp_path: Path, names: tuple[str, ...], field: str) -> None:
    """jit.md 4: the JavaScript variants are checked in the page as well; a pattern that is broken is a fault."""
    for name in names:
        settings = settings_of(tmp_path, f"[user_store]\n{name} = '^[a-z]{{3,}}$'\n")
        assert "^[a-z]{3,}$" == getattr(settings.user_store, field)
        assert [f"user_store.{names[0]}"] == paths(read(tmp_path, f"[user_store]\n{name} = '(['\n"))
    assert None is getattr(settings_of(tmp_path, "").user_store, field)


def test_words_of_a_receipt_are_read(tmp_path: Path) -> None:
    """jit.md 9: receipts carry the controller, the policy and the jurisdiction (Kantara Consent Receipt 1.1)."""
    assert NO_CONSENT_SETTINGS == settings_of(tmp_path, "").consent
    consent = settings_of(
        tmp_path,
        '[pages]\nproduct_name = "Acme ID"\n[consent]\ncontroller = "Acme GmbH"\ncontact = "Ada"\n'
        'address = "Weg 1, Ulm"\nemail = "privacy@acme.example"\nphone = "+49 1"\nurl = "https://acme.example"\n'
        'policy_url = "https://acme.example/privacy#you"\njurisdiction = "DE"\n',
    ).consent
    assert (
        DataController(
            "Acme GmbH", "Ada", "Weg 1, Ulm", "privacy@acme.example", "+49 1", "https://acme.example"
        )
        == consent.controller
    )
    assert ("https://acme.example/privacy#you", "DE", "Acme ID") == (
        consent.policy_url,
        consent.jurisdiction,
        consent.service,
    )
    assert "Door" == settings_of(tmp_path, '[consent]\nservice = "Door"\n').consent.service


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "javascript:alert(1)"), ("policy_url", "acme.example/privacy"),
        ("policy_url", "mailto:a@b.example"), ("policy_url", "https://a@acme.example"),
        ("email", "not an address"),
        ("controller", "x" * 201),
    ],
)  # fmt: skip
def test_word_of_a_receipt_that_is_unfit_is_refused(tmp_path: Path, key: str, value: str) -> None:
    """R-106: what people may follow from a receipt is an address of a page."""
    assert [f"consent.{key}"] == paths(read(tmp_path, f'[consent]\n{key} = "{value}"\n'))


MAIL = '[mail]\nhost = "mail.acme.example"\nsender = "Acme <door@acme.example>"\n'


@pytest.mark.parametrize(
    ("more", "port", "security"),
    [
        ("", 587, "starttls"),
        ('security = "tls"\n', 465, "tls"),
        ('security = "tls"\nport = 2465\n', 2465, "tls"),
    ],
)
def test_mail_server_is_read(tmp_path: Path, more: str, port: int, security: str) -> None:
    """Without a host there is no mail server; with one, its port follows from how it is protected."""
    assert None is settings_of(tmp_path, "").mail
    assert (
        MailSettings("mail.acme.example", port, security, "Acme <door@acme.example>")
        == settings_of(tmp_path, SOUND + MAIL + more).mail
    )


def test_password_of_the_mailbox_comes_from_a_file(tmp_path: Path) -> None:
    """R-123: the password stands in a file of its own, and in no repr."""
    (tmp_path / "pw").write_text("geheim\n")
    mail = settings_of(tmp_path, MAIL + 'username = "door"\npassword_file = "pw"\n').mail
    assert mail is not None
    assert ("door", "geheim") == (mail.username, mail.password)
    assert "geheim" not in repr(mail)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[mail]\nsender = "a@b.example"\n', "mail.host"),
        ('[mail]\nhost = "m"\n', "mail.sender"),
        ('[mail]\nhost = "m"\nsender = "nobody"\n', "mail.sender"),
        ('[mail]\nhost = "m"\nsender = "a@b.example, c@d.example"\n', "mail.sender"),
        ('[mail]\nhost = "m"\nsender = "a@b.example\\r\\nBcc: c@d.example"\n', "mail.sender"),
        (MAIL + 'username = "door"\n', "mail.password_file"),
        (MAIL + 'password_file = "pw"\n', "mail.username"),
        (MAIL + 'username = "door"\npassword_file = "gone"\n', "mail.password_file"),
        (MAIL + 'username = "door"\npassword_file = "empty"\n', "mail.password_file"),
        (MAIL + 'security = "ssl"\n', "mail.security"),
        (MAIL + "port = 0\n", "mail.port"),
        (MAIL + 'password = "geheim"\n', "mail.password"),
    ],
)
def test_mail_server_that_cannot_work_is_refused(tmp_path: Path, text: str, path: str) -> None:
    """Half a mail server, a sender that is no single address, a password in this file: each is a fault."""
    (tmp_path / "pw").write_text("geheim")
    (tmp_path / "empty").write_text("\n")
    reading = read(tmp_path, text)
    assert [path] == paths(reading)
    assert "geheim" not in reading.faults[0].sentence + reading.faults[0].allowed


def test_letters_in_the_clear_are_refused_in_production(tmp_path: Path) -> None:
    """R-118: an unprotected connection is for a mail server on this machine, and for trying things out."""
    far = MAIL + 'security = "none"\n'
    near = far.replace("mail.acme.example", "localhost")
    assert ["mail.security"] == paths(read(tmp_path, SOUND + far))
    assert ("mail.security: Letters and the password travel unprotected to another machine.",) == read(
        tmp_path, far
    ).warnings
    for text in (near, SOUND + near):
        reading = read(tmp_path, text)
        assert ((), ()) == (reading.faults, reading.warnings)
