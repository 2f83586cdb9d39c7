"""``purpose``, ``consent``, ``user link`` and ``unlink``, ``user show`` and ``outcomes``."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.journeys.cli.shell import Shell

from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import AddConsentReceipt, RecordEvent, RecordOutcome
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.outcome import Outcome, OutcomeKind, Reason

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
DECLARED = """
[[purpose]]
name = "Staff directory"
description = "So that colleagues find you."
attribute = [{ name = "email", mandatory = true }, { name = "phone_number" }]

[[identity_provider]]
name = "acme"
issuer = "https://login.acme.example"
client_id = "jitney"
client_secret_env = "SECRET"

[identity_provider.provisioning]
enabled = true
prompt_mode = "consent"
anchor_claim = "tid"

[identity_provider.provisioning.linking]
enabled = true
lookups = [{ federated = "email", local = "email" }]
trusted_email_domains = ["*"]
on_unproven_match = "refuse"

[[application]]
id = "wiki"
redirect_uris = "https://wiki.example/cb"
required_attributes = ["phone_number"]

[[user]]
name = "ada"
attributes = { email = "ada@acme.example", phone_number = "+441632960000" }
"""


@pytest.fixture
def ada(shell: Shell) -> str:
    """The id of a user in a home where all of the above is declared."""
    shell.environment["SECRET"] = "s" * 32
    assert 0 == shell.run("apply", shell.write("all.toml", DECLARED)).exit_code
    return shell.json("user", "show", "ada")["user"]["id"]


def test_declared_purposes_and_policies_come_to_be(shell: Shell, ada: str) -> None:
    """Purposes, required attributes and the whole linking rule are declared; a second time nothing changes."""
    assert ["email", "phone_number"] == [
        one["name"] for one in shell.json("purpose", "show", "Staff directory")["attributes"]
    ]
    policy = shell.json("idp", "show", "acme")["policy"]
    assert ("refuse", "tid") == (policy["linking"]["on_unproven_match"], policy["anchor_claim"])
    assert ["phone_number"] == shell.json("app", "show", "wiki")["required_attributes"]
    assert (
        "Nothing to change: all is as declared.\n" == shell.run("apply", str(shell.home / "all.toml")).output
    )


def test_rehearsal_says_what_the_person_would_be_asked(shell: Shell, ada: str) -> None:
    """C23: a newcomer would be asked for their consent, and one who may be known never sees that form."""
    consents = [
        "consent to email for “Staff directory” (mandatory)",
        "consent to phone_number for “Staff directory”",
    ]
    for email, name, asked in (
        ("new@acme.example", "newton", consents),
        ("ada@acme.example", "countess", []),
    ):
        claims = {"sub": "s-1", "preferred_username": name, "email": email, "email_verified": False}
        file = shell.write("claims.json", json.dumps(claims))
        told = shell.json("rehearse", "--idp", "acme", "--claims", file)
        assert asked == told["asks"]
        assert ("ask" if asked else "refuse") == told["decision"]
    shell.run("apply", shell.write("ask.toml", DECLARED.replace('"refuse"', '"ask"')))
    shell.run("user", "set-password", "ada", "--password-file", shell.write("password", "correct-horse"))
    told = shell.json("rehearse", "--idp", "acme", "--claims", str(shell.home / "claims.json"))
    assert ("ask", ["proof"]) == (told["decision"], told["asks"])
    page = shell.run("rehearse", "--idp", "acme", "--claims", str(shell.home / "claims.json"))
    assert "  the person is asked for: proof\n" in page.output


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        ("consent", ["phone_number"]),
        ("password_and_consent", ["password", "phone_number"]),
        ("username_password_and_consent", ["user name", "password", "phone_number"]),
    ],
)
def test_rehearsal_in_a_mode_that_asks_speaks_of_people_and_purposes(
    shell: Shell, ada: str, mode: str, asked: list[str]
) -> None:
    """jit.md 3: a rehearsal names what is asked in words, and says that nothing is written before the answer."""
    text = DECLARED.replace('prompt_mode = "consent"', f'prompt_mode = "{mode}"')
    shell.run("apply", shell.write("mode.toml", text))
    claims = shell.write("claims.json", json.dumps({"sub": "s-1", "preferred_username": "newton"}))
    command = ("rehearse", "--idp", "acme", "--claims", claims, "--application", "wiki")
    told, page = shell.json(*command), shell.run(*command).output
    assert asked == told["asks"][: len(asked)]
    assert all(one.startswith("consent to ") for one in told["asks"][len(asked) :])
    assert f"  the person is asked for: {', '.join(told['asks'])}\n" in page
    assert page.endswith("Difference:\n  nothing is written until the person has answered\n")
    (purpose,) = shell.json("purpose", "list")
    assert purpose["id"] not in page


def test_rehearsal_names_who_gives_and_who_gave(shell: Shell, ada: str) -> None:
    """jit.md 7: the difference says by name from whom each value comes and whose value it takes the place of."""
    shell.run("apply", shell.write("silent.toml", DECLARED.replace('"consent"', '"silent"')))
    shell.run("user", "link", "ada", "--idp", "acme", "--subject", "a-1")
    for subject, lines in (
        ("s-1", ["+ attribute given_name = \"Newton\", by identity provider acme"]),
        ("a-1", ["+ attribute given_name = \"Newton\", by identity provider acme",
                 "- attribute phone_number = \"+441632960000\", by operator the command line"]),
    ):  # fmt: skip
        said = {"sub": subject, "tid": "t", "given_name": "Newton", "phone_number": "+441632960001"}
        file = shell.write("claims.json", json.dumps(said))
        page = shell.run("rehearse", "--idp", "acme", "--claims", file).output
        for line in lines:
            assert f"  {line}\n" in page
        assert shell.json("idp", "show", "acme")["id"] not in page


def test_plan_warns_before_anything_is_done(shell: Shell) -> None:
    """Trust in every address is named by its risk when the plan is shown, and the plan names the purposes."""
    shell.environment["SECRET"] = "s" * 32
    planned = shell.run("apply", "--dry-run", shell.write("all.toml", DECLARED)).output
    assert "+ purpose Staff directory\n" in planned
    path = "identity_provider acme: provisioning.linking.trusted_email_domains"
    assert f"Warning: {path}: * believes this provider about every address in the world" in planned
    assert [] == shell.json("idp", "list")
    (warning,) = shell.json("apply", str(shell.home / "all.toml"))["warnings"]
    assert warning.startswith(path)


def test_purpose_is_changed_and_pruned(shell: Shell, ada: str) -> None:
    """A changed purpose is planned by its fields and grows its version; an undeclared one goes when pruning."""
    other = DECLARED.replace("colleagues find you", "people find you")
    changed = shell.run("apply", shell.write("other.toml", other)).output
    assert "~ purpose Staff directory: description\n" in changed
    assert 2 == shell.json("purpose", "show", "Staff directory")["version"]
    rest = "[[identity_provider]]" + DECLARED.split("[[identity_provider]]", 1)[1]
    pruned = shell.run("apply", "--prune", "--yes", shell.write("rest.toml", rest))
    assert "- purpose Staff directory\n" in pruned.output
    assert [] == shell.json("purpose", "list")


def test_faults_of_a_declared_purpose_are_named(shell: Shell) -> None:
    """C26: a purpose that asks for a flag is refused by its path before anything is done."""
    text = '[[purpose]]\nname = "ab"\ndescription = "x"\nattribute = [{ name = "email_verified" }]\n'
    result = shell.run("apply", shell.write("bad.toml", text))
    assert 1 == result.exit_code
    for path in ("purpose ab: name: ", "purpose ab: attribute: email_verified"):
        assert path in result.stderr
    assert [] == shell.json("purpose", "list")


def test_purpose_is_added_changed_and_removed(shell: Shell) -> None:
    """The small commands of a purpose; removing asks first."""
    added = shell.run(
        "purpose", "add", "Staff directory", "--description", "So that colleagues find you.",
        "--mandatory", "email", "--optional", "phone_number",
    )  # fmt: skip
    assert "Added the purpose Staff directory.\n" == added.output
    assert "email (mandatory)" in shell.run("purpose", "show", "Staff directory").output
    changed = shell.run("purpose", "change", "Staff directory", "--name", "Phone book", "--optional", "email")
    assert "Changed the purpose Phone book; this is version 2.\n" == changed.output
    assert (
        "Nothing to change.\n" == shell.run("purpose", "change", "Phone book", "--optional", "email").output
    )
    assert [("Phone book", 2)] == [(one["name"], one["version"]) for one in shell.json("purpose", "list")]
    assert 1 == shell.run("purpose", "remove", "Phone book", stdin="n\n").exit_code
    assert "Phone book" in shell.run("purpose", "list").output
    assert 0 == shell.run("purpose", "remove", "Phone book", "--yes").exit_code
    assert "code: purpose_not_found" in shell.run("purpose", "show", "Phone book").stderr


def test_programs_read_what_became_of_purposes_and_links(shell: Shell, ada: str) -> None:
    """What is added, changed, linked and taken away is printed for programs, too."""
    added = shell.json(
        "purpose", "add", "Parking", "--description", "A space.", "--optional", "licence_plate"
    )
    assert ("Parking", 1) == (added["name"], added["version"])
    assert 2 == shell.json("purpose", "change", "Parking", "--description", "A car park.")["version"]
    assert 2 == shell.json("purpose", "change", "Parking", "--description", "A car park.")["version"]
    assert {"removed": "Parking"} == shell.json("purpose", "remove", "Parking", "--yes")
    key = ("--idp", "acme", "--subject", "a-1")
    made = shell.json("user", "link", "ada", *key)
    assert (ada, "a-1", "operator") == (made["user_id"], made["subject"], made["linked_by"])
    removed = {"user": "ada", "idp": "acme", "subject": "a-1"}
    assert {"removed": removed} == shell.json("user", "unlink", "ada", *key, "--force", "--yes")
    assert [] == shell.json("user", "show", "ada")["links"]


def receipt_of(user: str) -> ConsentReceipt:
    said = ConsentedPurpose("p-1", "Staff directory", "Found.", 1, ("email",), ("phone_number",))
    return ConsentReceipt(
        "r-1", user, NOW, "en", "DE", DataController("Acme"), "", "Wiki", (said,), "i-1", "AAAA-0001"
    )


def test_receipt_is_read_and_withdrawn(shell: Shell, ada: str) -> None:
    """R-036: a receipt is listed, shown as Kantara has it, and withdrawn with what rests on it, if one says yes."""
    shell.run("user", "link", "ada", "--idp", "acme", "--subject", "a-1")
    shell.commit(AddConsentReceipt(receipt_of(ada)))
    assert ["r-1"] == [one["id"] for one in shell.json("consent", "list", "ada")]
    assert "Staff directory" in shell.run("consent", "list", "ada").output
    assert "declined:    phone_number" in shell.run("consent", "show", "r-1").output.replace(
        "  declined", "declined"
    )
    kantara = json.loads(shell.run("consent", "show", "r-1", "--kantara").output)
    assert ("KI-CR-v1.1.0", ada) == (kantara["version"], kantara["piiPrincipalId"])
    assert 1 == shell.run("consent", "withdraw", "r-1", stdin="n\n").exit_code
    assert "email = ada@acme.example" in shell.run("user", "show", "ada").output
    done = shell.run("consent", "withdraw", "r-1", "--purpose", "Staff directory", "--yes")
    assert "Withdrawn; still agreed to: nothing.\n" == done.output
    shown = shell.run("user", "show", "ada").output
    assert "ada@acme.example" not in shown
    assert "withheld:    email, phone_number\n" in shown
    again = shell.run("consent", "withdraw", "r-1", "--purpose", "Staff directory", "--yes")
    assert "Nothing was left to withdraw; still agreed to: nothing.\n" == again.output
    wrong = shell.run("consent", "withdraw", "r-1", "--purpose", "Other", "--purpose", "Third", "--yes")
    assert "  why:  purposes: Other, Third\n" in wrong.stderr
    assert "next: Look at the receipt (jitney consent show RECEIPT)" in wrong.stderr
    assert "code: purpose_not_in_receipt" in wrong.stderr


def test_receipt_says_by_name_whose_it_is(shell: Shell, ada: str) -> None:
    """R-036: a receipt names the user; where they are gone it keeps the id."""
    gone = "00000000-0000-4000-8000-000000000000"
    left = replace(receipt_of(gone), id="r-2", reference="AAAA-0002")
    shell.commit(AddConsentReceipt(receipt_of(ada)), AddConsentReceipt(left))
    assert f"user:          ada ({ada})\n" in shell.run("consent", "show", "r-1").output
    assert f"user:          {gone}\n" in shell.run("consent", "show", "r-2").output


def test_identity_is_linked_shown_and_unlinked(shell: Shell, ada: str) -> None:
    """jit.md 6 (c): an operator links and unlinks; the last way in goes only when that is forced."""
    key = ("--idp", "acme", "--subject", "a-1")
    assert 0 == shell.run("user", "link", "ada", *key).exit_code
    assert "a-1 at acme  (by operator)" in shell.run("user", "show", "ada").output
    refused = shell.run("user", "unlink", "ada", *key, "--yes")
    assert "code: last_way_to_sign_in" in refused.stderr
    assert 1 == shell.run("user", "unlink", "ada", *key, "--force", stdin="n\n").exit_code
    assert 1 == len(shell.json("user", "show", "ada")["links"])
    assert 0 == shell.run("user", "unlink", "ada", *key, "--force", "--yes").exit_code
    assert [] == shell.json("user", "show", "ada")["links"]


def test_operator_is_linked_only_where_that_is_said(shell: Shell, ada: str) -> None:
    """R-006: a user who administers is not linked by the way."""
    shell.run("user", "add", "root", "--role", "operator")
    key = ("--idp", "acme", "--subject", "r-1")
    assert "code: user_is_privileged" in shell.run("user", "link", "root", *key).stderr
    assert 0 == shell.run("user", "link", "root", *key, "--privileged").exit_code


def test_every_value_is_shown_with_who_gave_it(shell: Shell, ada: str) -> None:
    """jit.md 7: a value, a role and a link say by name who gave them."""
    shell.run("role", "add", "engineers")
    shell.run("apply", shell.write("role.toml", '[[user]]\nname = "ada"\nroles = ["engineers"]\n'))
    shown = shell.run("user", "show", "ada").output
    assert "email = ada@acme.example  (by operator the command line)" in shown
    assert "engineers  (by operator the command line)" in shown
    assert {"command_line": "the command line"} == shell.json("user", "show", "ada")["givers"]


def outcome(shell: Shell, user: str, **changes: object) -> Outcome:
    idp = shell.json("idp", "show", "acme")["id"]
    told = {
        "reference": "AAAA-0001",
        "at": NOW,
        "kind": OutcomeKind.CREATED,
        "reasons": (Reason("link_absent"), Reason("provisioned")),
        "application": "wiki",
        "idp": idp,
        "subject": "a-1",
        "user_id": user,
        "written": (f"+ attribute email, by identity provider {idp}",),
    }
    return Outcome(**{**told, **changes})


def test_whole_story_is_told_under_a_reference(shell: Shell, ada: str) -> None:
    """jit.md 3: a reference leads to the reasons with their sentences, what was written by whom, and the events."""
    reasons = (Reason("link_absent"), Reason("name_taken", {"store": "PRIMARY"}))
    event = AuditEvent("e-1", NOW, Action.SIGN_IN_REFUSED, "idp:i", f"user:{ada}", "AAAA-0001")
    shell.commit(RecordOutcome(outcome(shell, ada, reasons=reasons)), RecordEvent(event))
    told = shell.run("outcomes", "show", "aaaa-0001").output
    for line in (
        "  user:         ada (", "  - name_taken (store: PRIMARY)\n      Your user name belongs to somebody else",
        "  + attribute email, by identity provider acme\n", "  sign_in.refused  user:ada\n",
    ):  # fmt: skip
        assert line in told
    told = shell.json("outcomes", "show", "AAAA-0001")
    assert ("AAAA-0001", ["e-1"]) == (told["outcome"]["reference"], [one["id"] for one in told["events"]])


def test_outcomes_are_found_by_all_that_an_operator_knows(shell: Shell, ada: str) -> None:
    """jit.md 3: outcomes are found by person, also a removed one, provider, application, kind, reason and time."""
    gone = "00000000-0000-4000-8000-000000000000"
    refused = outcome(
        shell, gone, reference="AAAA-0002", kind=OutcomeKind.REFUSED, reasons=(Reason("name_taken"),),
        application="other", idp=None, subject="b-1",
    )  # fmt: skip
    shell.commit(RecordOutcome(outcome(shell, ada)), RecordOutcome(refused))
    first, second = ["AAAA-0001"], ["AAAA-0002"]
    for options, found in (
        (("--user", "ada"), first), (("--user", ada), first), (("--user", gone), second),
        (("--idp", "acme"), first), (("--subject", "b-1"), second), (("--application", "wiki"), first),
        (("--kind", "refused"), second), (("--reason", "provisioned"), first),
        (("--since", "2026-11-03"), []), (("--until", "2026-11-03", "--kind", "created"), first),
    ):  # fmt: skip
        assert found == [one["reference"] for one in shell.json("outcomes", "list", *options)], options
    rows = [line.split() for line in shell.run("outcomes", "list").output.splitlines()]
    assert any({"AAAA-0001", "acme", "a-1", "ada"} <= set(row) for row in rows)
    assert any({"AAAA-0002", "name_taken", "b-1", gone} <= set(row) for row in rows)
    assert not any(ada in row for row in rows)
    assert "No sign-in fits.\n" == shell.run("outcomes", "list", "--kind", "linked").output
    assert "code: user_not_found" in shell.run("outcomes", "list", "--user", "nobody").stderr
    assert "code: identity_provider_not_found" in shell.run("outcomes", "list", "--idp", "nowhere").stderr
