"""``apply``, ``idp``, ``app``, ``user``, ``role``, ``keys``, ``rehearse`` and ``outcomes``."""

import json

import pytest
from tests.journeys.cli.shell import Shell

DEMO = """
[[role]]
name = "engineers"

[[identity_provider]]
name = "acme"
issuer = "https://login.acme.example"
client_id = "jitney"
client_secret_file = "acme.secret"
user_id_claim = "preferred_username"
role_claim = "groups"

[identity_provider.provisioning]
enabled = true
default_roles = ["engineers"]

[[identity_provider.claim]]
remote = "mail"
local = "email"

[[application]]
id = "wiki"
redirect_uris = "https://wiki.example/cb"
identity_providers = ["acme"]

[[user]]
name = "grace"
attributes = { email = "grace@acme.example" }
roles = ["engineers"]
link = { identity_provider = "acme", subject = "g-1" }
password_env = "GRACE"

[[user]]
name = "edgar"
locked = true
"""


@pytest.fixture
def demo(shell: Shell) -> str:
    """The path of a declaration, with its secrets beside it."""
    shell.write("acme.secret", "upstream-secret\n")
    shell.environment["GRACE"] = "correct-horse"
    return shell.write("demo.toml", DEMO)


def test_apply_prints_its_plan_and_is_idempotent(shell: Shell, demo: str) -> None:
    """A dry run changes nothing, an apply does what the plan said, and a second one finds nothing to do."""
    dry = shell.run("apply", "--dry-run", demo)
    assert "+ identity provider acme\n" in dry.output
    assert [] == shell.json("idp", "list")
    done = shell.run("apply", demo)
    assert 0 == done.exit_code
    assert "5 changed.\n" in done.output
    assert "Nothing to change: all is as declared.\n" == shell.run("apply", demo).output


def test_secret_is_printed_by_no_listing(shell: Shell, demo: str) -> None:
    """R-115: the upstream's secret and the application's hash come out of no command again."""
    made = shell.json("apply", demo)["secrets"]["wiki"]
    outputs = [
        shell.run(*arguments).output
        for arguments in (
            ("idp", "list", "--json"), ("idp", "show", "acme"), ("idp", "show", "acme", "--json"),
            ("app", "list", "--json"), ("app", "show", "wiki"), ("app", "show", "wiki", "--json"),
            ("user", "show", "grace", "--json"),
        )
    ]  # fmt: skip
    for secret in ("upstream-secret", made, "correct-horse", "secret_hash", "$argon2"):
        assert not any(secret in output for output in outputs)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[[identity_provider]]\nname = "a"\nissuer = "https://a"\nclient_id = "a"\nclient_secret = "hunter2"\n',
         "identity_provider[1].client_secret"),
        ('[[user]]\nname = "ada"\npassword = "hunter2"\n', "user[1].password"),
        ('[[application]]\nid = "a"\nredirect_uris = []\nclient_secret = "hunter2"\n',
         "application[1].client_secret"),
    ],
)  # fmt: skip
def test_plain_secret_in_a_declaration_is_refused(shell: Shell, text: str, path: str) -> None:
    """A secret comes from a file or a variable; one in the declaration is refused, and not printed."""
    result = shell.run("apply", shell.write("bad.toml", text))
    assert 1 == result.exit_code
    assert f"bad.toml: {path}: a secret does not stand in this file" in result.stderr
    assert "hunter2" not in result.output


def test_faults_of_a_declaration_are_named_at_once(shell: Shell) -> None:
    """Wrong keys, wrong values and missing ones of one file come out together, with the nearest known key."""
    text = '[[identity_provider]]\nnam = "a"\nissuer = "https://a"\nclient_id = "a"\nclock_skew = "soon"\n'
    result = shell.run("apply", shell.write("bad.toml", text))
    for part in (
        "identity_provider[1].name: This key is required.",
        "Did you mean identity_provider[1].name?",
        "identity_provider[1].clock_skew",
    ):
        assert part in result.stderr
    assert [] == shell.json("idp", "list")


PROVIDER = '[[identity_provider]]\nname = "a"\nissuer = "https://a.example"\nclient_id = "a"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[purpose]]\nname = "Abc"\ndescription = "x"\nattribute = ["email"]\n',
         "purpose[1].attribute[1]: must be a table such as { name = …, mandatory = true }. Found: \"email\"."),
        ('purpose = "x"\n', "purpose: must be a list. Found: \"x\"."),
        (PROVIDER + "scopes = 3\n", "identity_provider[1].scopes: must be a list. Found: 3."),
        (PROVIDER + "user_id_claim = 3\n", "identity_provider[1].user_id_claim: must be a text. Found: 3."),
        (PROVIDER + 'clock_skew = "soon"\n',
         "identity_provider[1].clock_skew: must be a whole number. Found: \"soon\"."),
        (PROVIDER + "extra_parameters = 3\n",
         "identity_provider[1].extra_parameters: must be a table. Found: 3."),
        (PROVIDER + '[identity_provider.provisioning]\nprompt_mode = "loud"\n',
         "identity_provider[1].provisioning.prompt_mode: This value is not allowed here. Found: \"loud\". "
         'Allowed: "silent", "consent", "password_and_consent" or "username_password_and_consent".'),
        (PROVIDER + 'pass_through = ["all"]\n',
         "identity_provider[1].pass_through[1]: This value is not allowed here. Found: \"all\". "
         'Allowed: "login_hint", "prompt", "acr_values" or "ui_locales".'),
    ],
)  # fmt: skip
def test_wrong_kind_of_value_is_told_in_words_of_the_file(shell: Shell, text: str, said: str) -> None:
    """What stands where something else belongs is told as whoever writes the file would say it."""
    result = shell.run("apply", shell.write("bad.toml", text))
    assert 1 == result.exit_code
    assert f"  why:  bad.toml: {said}\n" in result.stderr


def test_faults_of_a_declared_provider_are_named_as_in_the_file(shell: Shell) -> None:
    """Every fault of a provider stands under the key that the file has for it, all at once."""
    text = (
        PROVIDER.replace("https", "ftp")
        + 'role = [{ remote = "a", local = "operator" }]\nclaim = [{ remote = "a", local = "sub" }]\n'
        + '[identity_provider.provisioning]\nplacement = "ENG"\n[identity_provider.provisioning.linking]\n'
        + 'enabled = true\nlookups = [{ federated = "email", local = "nickname" }]\n'
    )
    result = shell.run("apply", shell.write("bad.toml", text))
    for told in (
        "issuer: The address begins", "role: No identity provider may give", "role_claim: ",
        "claim: sub is a claim",
        "provisioning.placement: There is no user store ENG; there is only PRIMARY.\n",
        "provisioning.linking.lookups: nickname does not tell",
    ):  # fmt: skip
        assert f"  why:  identity_provider a: {told}" in result.stderr
    assert [] == shell.json("idp", "list")


def test_provider_is_added_switched_and_removed(shell: Shell) -> None:
    """The small commands of a provider; adding prints the redirect URI to register there."""
    secret = shell.write("secret", "s" * 22)
    added = shell.run(
        "idp", "add", "acme", "--issuer", "https://login.acme.example", "--client-id", "jitney",
        "--client-secret-file", secret, "--provision",
    )  # fmt: skip
    assert "http://localhost:8420/callback/acme" in added.output
    shell.run("idp", "disable", "acme")
    assert [("acme", False)] == [(one["name"], one["enabled"]) for one in shell.json("idp", "list")]
    shell.run("idp", "enable", "acme")
    assert shell.json("idp", "show", "acme")["policy"]["enabled"]
    kept = shell.run("idp", "remove", "acme", stdin="y\n")
    assert 1 == kept.exit_code
    assert 1 == len(shell.json("idp", "list"))
    assert 0 == shell.run("idp", "remove", "acme", stdin="acme\n").exit_code
    assert [] == shell.json("idp", "list")


def test_application_gets_a_secret_and_a_new_one(shell: Shell) -> None:
    """An application's secret is printed when it is made, and when it is rotated."""
    made = shell.json("app", "add", "Wiki", "--redirect-uri", "https://wiki.example/cb", "--id", "wiki")
    new = shell.json("app", "rotate-secret", "wiki", "--yes")
    assert "wiki" == made["client_id"] == new["client_id"]
    assert made["secret"] != new["secret"]
    assert 0 == shell.run("app", "remove", "wiki", "--yes").exit_code


def test_application_without_an_id_is_given_one(shell: Shell) -> None:
    """A client id that nobody chose is made up."""
    made = shell.json(
        "app", "add", "Phone", "--redirect-uri", "http://127.0.0.1/cb", "--authentication", "none"
    )
    assert made["secret"] is None
    assert 36 == len(made["client_id"])


def test_user_is_added_locked_and_removed(shell: Shell) -> None:
    """The small commands of a user."""
    shell.run("role", "add", "engineers")
    added = shell.run(
        "user", "add", "ada", "--role", "engineers", "--attribute", "email=ada@a.example", "--password",
        stdin="correct-horse\ncorrect-horse\n",
    )  # fmt: skip
    assert 0 == added.exit_code, added.output
    shell.run("user", "lock", "ada", "--reason", "lost laptop")
    assert "lost laptop" == shell.json("user", "show", "ada")["user"]["lock"]["reason"]
    for command in ("unlock", "disable", "enable", "end-sessions"):
        assert 0 == shell.run("user", command, "ada").exit_code
    password = shell.write("password", "battery-staple\n")
    assert 0 == shell.run("user", "set-password", "ada", "--password-file", password).exit_code
    assert 0 == shell.run("user", "remove", "ada", "--yes").exit_code
    assert [] == shell.json("user", "list")
    assert 0 == shell.run("role", "remove", "engineers", "--yes").exit_code


def test_unknown_user_is_not_found(shell: Shell) -> None:
    """What is not there is said so, with exit code 1 and a next step."""
    result = shell.run("user", "show", "nobody")
    assert 1 == result.exit_code
    assert "code: user_not_found" in result.stderr
    assert "next: Look at the list (jitney user list) and try again." in result.stderr


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (("idp", "show", "nobody"), "jitney idp list"),
        (("app", "show", "nobody"), "jitney app list"),
        (("role", "remove", "nobody", "--yes"), "jitney role list"),
        (("purpose", "show", "nobody"), "jitney purpose list"),
        (("consent", "show", "nobody"), "jitney consent list USER"),
        (("outcomes", "show", "nobody"), "jitney outcomes list"),
        (("user", "list", "--domain", "nobody"), "PRIMARY always is one"),
        (("user", "unlink", "grace", "--idp", "acme", "--subject", "x", "--yes"), "jitney user show USER"),
    ],
)
def test_what_is_not_there_is_looked_for_in_its_own_list(
    shell: Shell, demo: str, command: tuple[str, ...], hint: str
) -> None:
    """Every error says what next: for what was not found, the command that lists things of that kind."""
    shell.run("apply", demo)
    result = shell.run(*command)
    assert 1 == result.exit_code
    (told,) = [line for line in result.stderr.splitlines() if line.startswith("  next: ")]
    assert hint in told


def test_rehearsal_tells_what_would_happen_and_writes_nothing(shell: Shell, demo: str) -> None:
    """A rehearsal prints decision, reasons and difference, and the user does not exist afterwards."""
    shell.run("apply", demo)
    claims = shell.write("claims.json", json.dumps({"sub": "n-1", "preferred_username": "newton"}))
    told = shell.json("rehearse", "--idp", "acme", "--claims", claims, "--application", "wiki")
    assert "provision" == told["decision"]
    assert "+ user newton" in told["difference"]
    assert "Decision: provision\n" in shell.run("rehearse", "--idp", "acme", "--claims", claims).output
    assert ["edgar", "grace"] == [one["username"]["name"] for one in shell.json("user", "list")]


def test_fault_draws_nothing_on_the_terminal(shell: Shell) -> None:
    """R-123: what a file says is shown with its control characters spelt out, so that it cannot fake lines."""
    text = '[[role]]\nname = "a\\u001b[2J\\nAll is well."\n'
    result = shell.run("apply", shell.write("bad.toml", text))
    assert 1 == result.exit_code
    assert "\x1b" not in result.stderr
    assert "role a\\x1b[2J\\nAll is well." in result.stderr


def test_keys_are_listed_and_rotated(shell: Shell) -> None:
    """R-092: a rotated key is published at once and signs later; no private part is printed."""
    assert 2 == len(shell.json("keys", "list"))
    assert 0 == shell.run("keys", "rotate").exit_code
    listed = shell.json("keys", "list")
    assert 3 == len(listed)
    assert not any("private" in key for key in listed)


def test_unknown_reference_is_not_found(shell: Shell) -> None:
    """A reference that no sign-in has is said so; a list of nothing is no error."""
    assert [] == shell.json("outcomes", "list")
    assert "code: outcome_not_found" in shell.run("outcomes", "show", "K7QF-2M9D").stderr
