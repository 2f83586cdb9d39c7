"""Second factors, sign-in policies and the enhanced feature on the command line and in ``jitney apply``."""

from dataclasses import fields

import pytest
from tests.journeys.cli.shell import Shell

from jitney.cli.sign_in_model import WrittenEnhanced, WrittenRule, WrittenSecondFactor
from jitney.model.enhanced import EnhancedFeature
from jitney.model.sign_in_policy import PolicyRule, SecondFactorRule

WHOLE = """
[[role]]
name = "staff"

[[identity_provider]]
name = "acme"
issuer = "https://login.acme.example"
client_id = "jitney"
client_secret_env = "SECRET"

[identity_provider.provisioning]
enabled = true

[identity_provider.second_factor]
required = true
kinds = ["totp", "passkey"]
trusted_acr = "urn:acme:strong"
trusted_amr = ["mfa", "hwk"]

[identity_provider.enhanced]
second_factors = true
refuse_edits = "false"

[[application]]
id = "wiki"
redirect_uris = "https://wiki.example/cb"

[[application.rule]]
effect = "refuse"
identity_providers = "local"
outside_networks = ["10.0.0.0/8", "2001:db8::/32"]

[[application.rule]]
effect = "factor"
roles = ["staff"]
attributes = [{ attribute = "department", values = ["rnd", "lab"] }, { attribute = "employee_number" }]
networks = "192.0.2.0/24"
factors = ["passkey"]

[[application.rule]]
effect = "allow"
"""


@pytest.fixture
def home(shell: Shell) -> Shell:
    shell.environment |= {"SECRET": "s" * 32}
    return shell


def test_everything_of_a_sign_in_can_be_declared(home: Shell) -> None:
    """Issue 6: demands, trust, conditions and the five parts are declared, kept as written, and declared again."""
    file = home.write("whole.toml", WHOLE)
    assert 0 == home.run("apply", file).exit_code
    acme, wiki = home.json("idp", "show", "acme"), home.json("app", "show", "wiki")
    assert {
        "required": True, "kinds": ["totp", "passkey"], "trusted_acr": ["urn:acme:strong"],
        "trusted_amr": ["mfa", "hwk"],
    } == acme["second_factor"]  # fmt: skip
    assert {"second_factors": True, "refuse_edits": False} == {
        name: is_on for name, is_on in acme["enhanced"].items() if is_on is not None
    }
    assert ["refuse", "factor", "allow"] == [one["effect"] for one in wiki["sign_in_policy"]["rules"]]
    assert {
        "effect": "factor", "identity_providers": [], "roles": ["staff"],
        "attributes": [
            {"attribute": "department", "values": ["rnd", "lab"]}, {"attribute": "employee_number", "values": []},
        ],
        "networks": ["192.0.2.0/24"], "outside_networks": [], "factors": ["passkey"],
    } == wiki["sign_in_policy"]["rules"][1]  # fmt: skip
    assert [] == home.json("apply", file)["steps"]


@pytest.mark.parametrize(
    ("written", "noun"),
    [
        (WrittenRule, PolicyRule),
        (WrittenSecondFactor, SecondFactorRule),
        (WrittenEnhanced, EnhancedFeature),
    ],
)
def test_file_can_say_whatever_the_record_can(written: type, noun: type) -> None:
    """Every field of a managed record has its key in the file, by the same name, and no key leads nowhere."""
    assert {field.name for field in fields(noun)} == set(written.model_fields)  # pyright: ignore[reportAttributeAccessIssue]


def test_records_are_shown_as_people_say_them(home: Shell) -> None:
    """What an operator reads is each rule in words, by its number, and each part as on or off."""
    home.run("apply", home.write("whole.toml", WHOLE))
    wiki, acme = home.run("app", "show", "wiki").output, home.run("idp", "show", "acme").output
    lines = [line.split(":", 1) for line in (wiki + acme).splitlines()]
    told = {name.strip(): text.strip() for name, text in lines}
    assert "refuse: through local, from outside 10.0.0.0/8 or 2001:db8::/32" == told["sign_in_policy.rule 1"]
    assert (
        "factor passkey: with the role staff, with department rnd or lab, with employee_number, from 192.0.2.0/24"
        == told["sign_in_policy.rule 2"]
    )
    assert "allow: everybody" == told["sign_in_policy.rule 3"]
    assert "totp, passkey" == told["second_factor.kinds"]
    assert ("on", "off", "off (as enable_enhanced_feature says)") == (
        told["enhanced.second_factors"], told["enhanced.refuse_edits"], told["enhanced.lock_social_identity"],
    )  # fmt: skip
    home.write("conf/deployment.toml", "[authentication.jit_provisioning]\nenable_enhanced_feature = true\n")
    assert "on (as enable_enhanced_feature says)" in home.run("idp", "show", "acme").output


def test_warning_is_printed_when_a_policy_cannot_be_met(home: Shell) -> None:
    """Issue 6: "a message where a policy cannot be met …, shown when it is saved", by plan and by apply alike."""
    file = home.write(
        "off.toml", WHOLE.replace("enabled = true", "enabled = false").replace('roles = ["staff"]\n', "")
    )
    warned = "people of acme cannot meet this policy, since provisioning is off there"
    for arguments in (("apply", "--dry-run", file), ("apply", file)):
        output = home.run(*arguments).output
        assert f"Warning: application wiki: rule[2]: {warned}" in output
        assert "Warning: identity_provider acme: second_factor.required: people of acme cannot meet" in output
    mended = home.run("apply", home.write("on.toml", WHOLE))
    assert 0 == mended.exit_code
    assert "Warning" not in mended.output


def test_added_application_tells_its_warnings(home: Shell) -> None:
    """A command that saves an application says what is worth a second look, for people and for programs."""
    home.run("apply", home.write("whole.toml", WHOLE))
    made = home.json("app", "add", "Docs", "--id", "docs", "--redirect-uri", "https://docs.example/cb")
    assert [] == made["warnings"]
    told = home.run(
        "app",
        "add",
        "Old",
        "--id",
        "old",
        "--redirect-uri",
        "https://old.example/cb",
        "--idp",
        "removed:globex",
    )
    assert "Warning: identity_providers: removed:globex was removed; nobody comes through it." in told.output


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('effect = "allow"', 'effect = "permit"', "application[1].rule[3].effect"),
        ('factors = ["passkey"]', 'factors = ["recovery_code"]', "application[1].rule[2].factors[1]"),
        ('kinds = ["totp", "passkey"]', 'kinds = ["sms"]', "identity_provider[1].second_factor.kinds[1]"),
        ("required = true", "demanded = true", "identity_provider[1].second_factor.demanded"),
        ("second_factors = true", "second_factors = 1", "identity_provider[1].enhanced.second_factors"),
        ('networks = "192.0.2.0/24"', 'networks = "192.0.2.1/24"', "application wiki: rule[2].networks"),
        ('name = "acme"', 'name = "local"', "identity_provider local: name"),
    ],
)
def test_fault_is_told_by_its_place_in_the_file(home: Shell, before: str, after: str, path: str) -> None:
    """A slip in a demand is a fault by its key, never a policy that demands less."""
    file = home.write("whole.toml", WHOLE.replace(before, after))
    refused = home.run("apply", file)
    assert 1 == refused.exit_code
    assert path in refused.output
    assert "There is no identity provider yet" in home.run("idp", "list").output
    assert 0 == home.run("apply", home.write("whole.toml", WHOLE)).exit_code
