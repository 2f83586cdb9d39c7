"""What a page asks, what it takes, and what will not do: the four modes field by field (jit.md 5)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import (
    GLOBEX_PAGE,
    agreed,
    always,
    answers,
    candidate,
    facts,
    identity,
    idp,
    purpose,
    rules,
    user,
)

from jitney.model.policy import (
    AsInUsername,
    FixedPlacement,
    LinkRule,
    OnNameTaken,
    OnUnknownDomain,
    PromptMode,
    ProvisioningPolicy,
)
from jitney.provisioning.answer_checks import is_address
from jitney.provisioning.claim_mapping import Mapped
from jitney.provisioning.decision import Ask, Provision, Refuse, decide
from jitney.provisioning.facts import Agreement, Answers, ServerRules, StoreState, TargetStore
from jitney.provisioning.placement import PlacementRefused
from jitney.provisioning.prompt_forms import AskedAttribute, AskedConsent, PromptForm, ProofForm
from jitney.provisioning.prompting import account_label, proof_form, read_answers
from jitney.provisioning.sentences import PROBLEMS
from jitney.provisioning.store_rules import Verdict

SILENT, CONSENT, PASSWORD, USERNAME = (
    PromptMode.SILENT, PromptMode.CONSENT, PromptMode.PASSWORD_AND_CONSENT, PromptMode.USERNAME_PASSWORD_AND_CONSENT,
)  # fmt: skip
PROMPTING = (CONSENT, PASSWORD, USERNAME)
GOOD = "correct-horse"
TAKEN = TargetStore(StoreState.READY, rules(), name_owner=user("user-2"))
NEWS = purpose("news", "nickname", mandatory=("email",), version=3)


def arrival(mode, who=None, *, policy=None, **more):
    wanted = policy or ProvisioningPolicy(enabled=True)
    return facts(who, idp(replace(wanted, prompt_mode=mode)), **more)


def form_of(mode, who=None, **more) -> PromptForm:
    decision = decide(arrival(mode, who, **more))
    assert isinstance(decision, Ask)
    assert isinstance(decision.form, PromptForm)
    return decision.form


def problems(mode, who=None, **more):
    return {name: problem.reason.code for name, problem in form_of(mode, who, **more).problems.items()}


MODES = [
    # mode     | fields that the page asks for
    (CONSENT,    set()),
    (PASSWORD,   {"password", "password_again"}),
    (USERNAME,   {"username", "password", "password_again"}),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "fields"), MODES)
def test_each_mode_asks_for_its_fields_and_for_what_is_missing(mode, fields):
    """R-019, R-027: the mode's fields, one for each missing attribute, one box for each listed one."""
    form = form_of(mode, required_attributes=("phone_number",), purposes=(NEWS,))
    asked = {"attribute.phone_number", "purpose.news", "consent.news.email", "consent.news.nickname"}
    assert fields | asked == form.fields
    assert fields == form_of(mode).fields


def test_page_tells_who_arrives_and_what_would_be_stored():
    """The form names the account there, the name here, the roles, and all that is stored without asking."""
    policy = ProvisioningPolicy(
        enabled=True, placement=FixedPlacement("ENG"), default_roles=("staff", "operator")
    )
    who = identity("alice", email="ana@acme.example", email_verified=True, name="Ana", nickname="an")
    form = form_of(CONSENT, who, policy=policy, purposes=(NEWS,))
    assert ("ana@acme.example", "ENG/alice", "ENG") == (form.account, str(form.username), form.store.domain)
    assert {"name": ("Ana",)} == form.attributes
    assert ("staff",) == form.roles
    boxes = (
        AskedConsent("news", 3, "email", mandatory=True, values=("ana@acme.example",)),
        AskedConsent("news", 3, "nickname", mandatory=False, values=("an",)),
    )
    assert [boxes] == [purpose.consents for purpose in form.purposes]
    assert [("news", 3, "The news", "So that you get the news.")] == [
        (purpose.id, purpose.version, purpose.name, purpose.description) for purpose in form.purposes
    ]


@pytest.mark.parametrize(
    ("claims", "label"),
    [
        ({"email": "a@x", "preferred_username": "u", "name": "n"}, "a@x"),
        ({"preferred_username": "u", "name": "n"}, "u"),
        ({"name": "n"}, "n"),
        ({}, "s-1"),
        ({"name": "x" * 300}, "x" * 100),
    ],
)
def test_account_is_called_as_the_person_would_know_it(claims, label):
    """The page names the account at the provider: address, user name, name, else the subject."""
    who = identity("s-1", **claims)
    mapped = facts(who).mapped
    assert isinstance(mapped, Mapped)
    assert label == account_label(mapped, who)


def test_account_label_holds_nothing_that_commands_a_terminal():
    """R-029: unprintable characters of a subject are left out."""
    who = identity("a\x1b[2J\u202eb")
    mapped = facts(who).mapped
    assert isinstance(mapped, Mapped)
    assert "a[2Jb" == account_label(mapped, who)


REQUIRED = [
    # the application requires     | the provider sends           | the page asks for
    (("email",),                     {},                            ["email"]),
    (("email",),                     {"email": "a@x.example"},      []),
    (("email",),                     {"email": ""},                 ["email"]),
    (("email", "name", "email"),     {},                            ["email", "name"]),
    (("email_verified",),            {},                            []),
    (("roles", "groups", "id", "user_id", "username", "password", "sub"), {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("required", "claims", "asked"), REQUIRED)
def test_page_asks_for_what_the_application_requires_and_nobody_sent(required, claims, asked):
    """C26, R-019: flags, ids, names, roles and passwords are never asked for, whatever an application wants."""
    form = form_of(CONSENT, identity("alice", **claims), required_attributes=required)
    assert [AskedAttribute(name) for name in asked] == list(form.missing)


# ── what will not do ────────────────────────────────────────────────────────────────────────────────

FIRST_SIGHT = [
    # the wanted name       | what is known            | problem
    ("alice",                 {},                        None),
    ("al",                    {},                        "user_name_breaks_pattern"),
    ("a\u202eb",              {},                        "user_name_forbidden_characters"),
    ("everyone",              {},                        "user_name_reserved"),
    ("x" * 300,               {},                        "user_name_length"),
    ("ceo@corp.example",      {},                        "user_name_is_unverified_email"),
    ("INTERNAL/alice",        {},                        "domain_reserved"),
    ("ENG/ENG/alice",         {},                        "user_name_names_a_store"),
    ("alice",                 {"target": TAKEN},         "name_taken"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "known", "problem"), FIRST_SIGHT)
def test_name_from_the_provider_that_will_not_do_is_asked_anew_where_people_choose(wanted, known, problem):
    """C13, R-010, R-014: one form with the problem in the user name mode, a refusal with the same code elsewhere."""
    assert ({"username": problem} if problem else {}) == problems(USERNAME, identity(wanted), **known)
    if problem:
        for mode in (SILENT, CONSENT, PASSWORD):
            refused = decide(arrival(mode, identity(wanted), **known))
            assert isinstance(refused, Refuse)
            assert problem == refused.code


TYPED = [
    # typed user name        | what is known            | problem
    ("bob",                    {},                        None),
    ("",                       {},                        "user_name_missing"),
    ("   ",                    {},                        "user_name_missing"),
    (None,                     {},                        "user_name_missing"),
    ("bo",                     {},                        "user_name_breaks_pattern"),
    ("b b b",                  {},                        "user_name_breaks_pattern"),
    ("bob\0",                  {},                        "user_name_forbidden_characters"),
    ("b\u200bob",              {},                        "user_name_forbidden_characters"),
    ("b" * 300,                {},                        "user_name_length"),
    ("PRIMARY",                {},                        "user_name_reserved"),
    ("EVERYONE",               {},                        "user_name_reserved"),
    ("application/bob",        {},                        "domain_reserved"),
    ("ＩＮＴＥＲＮＡＬ/bob",   {},                        "domain_reserved"),
    ("bob@corp.example",       {},                        "user_name_is_unverified_email"),
    ("alice",                  {"target": TAKEN},         "name_taken"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "known", "problem"), TYPED)
def test_typed_name_that_will_not_do_is_asked_anew_and_kept(typed, known, problem):
    """C13, R-010, R-014, R-032: a typed name obeys the store's rules, and what was typed stays in the field."""
    decision = decide(arrival(USERNAME, answers=answers(typed, GOOD), **known))
    if problem is None:
        assert isinstance(decision, Provision)
        assert typed == decision.draft.username.name
        return
    assert isinstance(decision, Ask)
    assert isinstance(decision.form, PromptForm)
    assert {"username": problem} == {name: one.reason.code for name, one in decision.form.problems.items()}
    assert (typed or "").strip() == decision.form.username.name


@pytest.mark.parametrize(
    ("typed", "problem"), [("NOPE/bob", "domain_unknown"), ("ENG/bob", None), ("eng/bob", None)]
)
def test_typed_domain_that_does_not_exist_is_asked_anew_where_it_is_refused(typed, problem):
    """R-031: with ``onUnknownDomain = refuse`` the field says so, and the store is the one to choose a name in."""
    policy = ProvisioningPolicy(
        enabled=True, placement=AsInUsername(), on_unknown_domain=OnUnknownDomain.REFUSE
    )
    decision = decide(arrival(USERNAME, policy=policy, answers=answers(typed, GOOD)))
    if problem is None:
        assert isinstance(decision, Provision)
        assert "ENG/bob" == str(decision.draft.username)
        return
    assert isinstance(decision, Ask)
    assert isinstance(decision.form, PromptForm)
    assert problem == decision.form.problems["username"].reason.code
    assert "PRIMARY" == decision.form.store.domain


def test_typed_name_without_a_place_is_refused_where_no_store_can_be_shown():
    """R-024: without the rules of a store there is no form to choose another name in."""
    known = arrival(USERNAME, answers=answers("INTERNAL/bob", GOOD), target=TargetStore())
    assert isinstance(known.placed, PlacementRefused)
    decision = decide(known)
    assert isinstance(decision, Refuse)
    assert "domain_reserved" == decision.code


def test_verified_address_may_be_typed_as_a_name():
    """R-014: the person's own address, as the provider verified it, is a fit name in any case."""
    who = identity("s-1", email="ana@acme.example", email_verified=True)
    assert isinstance(decide(arrival(USERNAME, who, answers=answers("Ana@acme.example", GOOD))), Provision)


def test_taken_name_tells_nothing_more():
    """R-010: neither who holds the name, nor that it is a person, is on the page."""
    form = form_of(USERNAME, answers=answers("alice", GOOD), target=TAKEN)
    problem = form.problems["username"]
    assert ("This user name is not available.", {}) == (problem.sentence, problem.reason.about)


def test_policy_may_refuse_a_taken_name_without_asking():
    """``onNameTaken = refuse`` goes before the page, also for a name that was typed."""
    policy = ProvisioningPolicy(enabled=True, on_name_taken=OnNameTaken.REFUSE)
    decision = decide(arrival(USERNAME, policy=policy, answers=answers("alice", GOOD), target=TAKEN))
    assert isinstance(decision, Refuse)
    assert "name_taken" == decision.code


def test_free_number_is_proposed_and_never_put_behind_a_typed_name():
    """jit.md 5: the page proposes the first free number; a taken name that was typed is asked for again."""
    policy = ProvisioningPolicy(enabled=True, on_name_taken=OnNameTaken.SUFFIX)
    target = replace(TAKEN, free_name="alice2")
    assert "alice2" == form_of(USERNAME, policy=policy, target=target).username.name
    typed = problems(USERNAME, policy=policy, answers=answers("alice", GOOD), target=target)
    assert {"username": "name_taken"} == typed


PASSWORDS = [
    # typed             | typed again     | problems
    (GOOD,                GOOD,             {}),
    (None,                None,             {"password": "password_missing"}),
    ("",                  "",               {"password": "password_missing"}),
    ("   ",               "   ",            {"password": "password_blank"}),
    ("no",                "no",             {"password": "password_breaks_pattern"}),
    ("pass word",         "pass word",      {"password": "password_breaks_pattern"}),
    ("x" * 1025,          "x" * 1025,       {"password": "password_too_long"}),
    (GOOD,                "correct-hose",   {"password_again": "passwords_differ"}),
    (GOOD,                "Correct-horse",  {"password_again": "passwords_differ"}),
    (GOOD,                None,             {"password_again": "passwords_differ"}),
    (GOOD,                "",               {"password_again": "passwords_differ"}),
    ("no",                "on",             {"password": "password_breaks_pattern", "password_again": "passwords_differ"}),
    ("Alice",             "Alice",          {"password": "password_is_user_name"}),
]  # fmt: skip


@pytest.mark.parametrize(("password", "again", "wrong"), PASSWORDS)
def test_typed_password_obeys_the_store(password, again, wrong):
    """C16, R-028: a password that will not do is a problem of its field; nothing is made, and it is not kept."""
    decision = decide(arrival(PASSWORD, answers=answers(None, password, again=again)))
    if not wrong:
        assert isinstance(decision, Provision)
        return
    assert isinstance(decision, Ask)
    assert isinstance(decision.form, PromptForm)
    assert wrong == {name: problem.reason.code for name, problem in decision.form.problems.items()}
    assert GOOD not in repr(decision)


def test_violation_shows_the_sentence_of_the_store():
    """The store's own message stands beside the field, for the name and the password."""
    form = form_of(USERNAME, answers=answers("bo", "no"))
    assert (rules().description.username.message, rules().description.password.message) == (
        form.problems["username"].sentence, form.problems["password"].sentence,
    )  # fmt: skip


def test_pattern_that_times_out_counts_as_a_violation_and_tells_the_operator():
    """A pattern that takes too long is no yes: the person is asked anew, and the reasons say why."""
    target = TargetStore(StoreState.READY, replace(rules(), username=always(Verdict.TIMED_OUT)))
    decision = decide(arrival(USERNAME, answers=answers("bob", GOOD), target=target))
    assert isinstance(decision, Ask)
    assert "username: user_name_breaks_pattern" == decision.reasons[-1].about["problems"]
    assert "pattern_timed_out" in {reason.code for reason in decision.reasons}
    quick = decide(arrival(USERNAME, answers=answers("bo", GOOD)))
    assert "pattern_timed_out" not in {reason.code for reason in quick.reasons}


ATTRIBUTES = [
    # attribute   | typed                         | problem
    ("name",        "Ana",                          None),
    ("name",        "",                             "attribute_missing"),
    ("name",        "  ",                           "attribute_missing"),
    ("name",        "x" * 4097,                     "attribute_too_long"),
    ("name",        "a\0b",                         "attribute_forbidden_characters"),
    ("name",        "a\u202eb",                     "attribute_forbidden_characters"),
    ("name",        "a\nb",                         "attribute_forbidden_characters"),
    ("name",        "<script>",                     None),
    ("email",       "ana@home.example",             None),
    ("email",       "ana",                          "email_malformed"),
    ("email",       "ana@home.example, b@x.example", "email_malformed"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "typed", "problem"), ATTRIBUTES)
def test_typed_attribute_keeps_to_the_limits_of_any_claim(name, typed, problem):
    """R-029: what a person types is held to what a provider's word is held to."""
    said = Answers(attributes={name: typed})
    decision = decide(arrival(CONSENT, required_attributes=(name,), answers=said))
    if problem is None:
        assert isinstance(decision, Provision)
        assert [typed] == [value.value for value in decision.draft.attributes[name]]
        return
    assert isinstance(decision, Ask)
    assert isinstance(decision.form, PromptForm)
    assert {f"attribute.{name}": problem} == {
        field: one.reason.code for field, one in decision.form.problems.items()
    }
    assert (AskedAttribute(name, typed),) == decision.form.missing


ADDRESSES = [
    ("ana@home.example", True), ("ana+x@home.example", True), ("a@b", True), ("änä@häuser.example", True),
    ("", False), ("ana", False), ("@home.example", False), ("ana@", False), ("a@b@c.example", False),
    ("ana@home..example", False), (".ana@home.example", False), ("ana@home.example.", False),
    ("an a@home.example", False), ("ana@home.example\n", False), ("<ana@home.example>", False),
    ("ana@home.example,b@x.example", False), ("a" * 250 + "@x.example", False), ('"a"@x.example', False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fits"), ADDRESSES)
def test_address_is_one_plain_address(text, fits):
    """What is typed as an e-mail address can be written to, and to one person only."""
    assert fits == is_address(text)


# ── consents ────────────────────────────────────────────────────────────────────────────────────────


def test_box_that_was_ticked_stays_ticked_when_the_form_comes_again():
    """Whoever mistypes a password does not tick all boxes once more."""
    said = answers(None, "no", agreements=agreed(("news", "email"), version=3))
    (asked,) = form_of(PASSWORD, purposes=(NEWS,), answers=said).purposes
    assert [("email", True), ("nickname", False)] == [(box.attribute, box.ticked) for box in asked.consents]


@pytest.mark.parametrize("version", [2, 4, 0])
def test_box_that_was_ticked_under_other_words_counts_for_nothing(version):
    """R-036, C15: the form is shown again with today's words, and the box is empty."""
    said = Answers(agreements=agreed(("news", "email"), version=version))
    form = form_of(CONSENT, purposes=(NEWS,), answers=said)
    assert {"form": "purpose_changed"} == {name: one.reason.code for name, one in form.problems.items()}
    assert not any(box.ticked for asked in form.purposes for box in asked.consents)


@pytest.mark.parametrize(
    ("shown", "problems"),
    [
        ({"news": NEWS.version - 1}, {"form": "purpose_changed"}),
        ({"gone": 1}, {"form": "purpose_changed"}),
        ({"news": NEWS.version, "gone": 1}, {"form": "purpose_changed"}),
    ],
)
def test_page_that_says_what_it_has_shown_must_have_shown_what_is_asked_today(shown, problems):
    """R-036: nothing is recorded as declined that nobody was asked; a page that does not say is taken as it is."""
    form = form_of(CONSENT, purposes=(NEWS,), answers=Answers(shown=shown))
    assert problems == {name: one.reason.code for name, one in form.problems.items()}
    agreements = agreed(("news", "email"), version=NEWS.version)
    for good in ({}, {"news": NEWS.version}):
        said = Answers(shown=good, agreements=agreements)
        assert isinstance(decide(arrival(CONSENT, purposes=(NEWS,), answers=said)), Provision)


def test_box_shows_what_was_typed_for_a_missing_attribute():
    """A listed attribute without a value is listed all the same, and shows what the person gives."""
    said = answers(None, "no", attributes={"email": "ana@home.example"})
    (asked,) = form_of(PASSWORD, purposes=(NEWS,), required_attributes=("email",), answers=said).purposes
    assert [("ana@home.example",), ()] == [box.values for box in asked.consents]


# ── linking from the page ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "known", "offered"),
    [
        (LinkRule(enabled=True), {"candidates": ()}, True),
        (LinkRule(), {}, False),
        (LinkRule(), {"target": TAKEN}, False),
        (LinkRule(), {"target": TAKEN, "server": ServerRules(equal_name_may_link=True)}, True),
        (LinkRule(), {"server": ServerRules(equal_name_may_link=True)}, False),
    ],
)
def test_page_offers_to_prove_an_account_where_that_can_be_done(rule, known, offered):
    """C23: with linking on, or for the namesake of a server that says so, the page offers it."""
    assert (
        offered == form_of(USERNAME, policy=ProvisioningPolicy(enabled=True, linking=rule), **known).may_link
    )


WAYS = [
    # the account has a password | is linked to   | the page offers: password | providers
    (True,                         "",              True,                      ()),
    (True,                         "idp-globex",    True,                      (GLOBEX_PAGE,)),
    (False,                        "idp-globex",    False,                     (GLOBEX_PAGE,)),
    (True,                         "idp-gone",      True,                      ()),
]  # fmt: skip


@pytest.mark.parametrize(("has_password", "through", "password", "providers"), WAYS)
def test_account_is_proven_through_what_it_has(has_password, through, password, providers):
    """R-007: a password where there is one, and the providers that the account is linked to."""
    known = facts(others=(GLOBEX_PAGE,))
    assert isinstance(known.mapped, Mapped)
    found = candidate(user(has_password=has_password), through=through)
    form = ProofForm("alice", matched=True, password=password, providers=providers)
    assert form == proof_form(known, known.mapped, found)
    assert ProofForm("alice", matched=False, password=True, providers=(GLOBEX_PAGE,)) == proof_form(
        known, known.mapped, None
    )


@pytest.mark.parametrize("through", ["", "idp-gone"])
def test_account_without_any_way_to_prove_it_has_no_form(through):
    """R-006: what cannot be proven is not asked for."""
    known = facts(others=(GLOBEX_PAGE,))
    assert isinstance(known.mapped, Mapped)
    assert proof_form(known, known.mapped, candidate(user(), through=through)) is None


# ── reading a post ──────────────────────────────────────────────────────────────────────────────────

FULL = form_of(USERNAME, required_attributes=("email",), purposes=(NEWS,))


def test_post_is_read_by_the_form():
    """Each field lands where it belongs, without the white space of a slip; a password is taken as typed."""
    posted = {
        "username": " bob ", "password": " p ", "password_again": "q", "attribute.email": " b@x.example ",
        "consent.news.email": "3", "consent.news.nickname": "",
    }  # fmt: skip
    expected = Answers(
        "bob", " p ", "q", {"email": "b@x.example"}, agreed(("news", "email"), version=3),
    )  # fmt: skip
    assert expected == read_answers(FULL, posted)


def test_empty_post_answers_nothing():
    """An absent field is not an empty one."""
    assert Answers() == read_answers(FULL, {})
    assert Answers(username="", password="", attributes={"email": ""}) == read_answers(
        FULL, {"username": "", "password": "", "attribute.email": ""}
    )


CRAFTED = [
    "email_verified", "attribute.email_verified", "attribute.roles", "roles", "role", "id", "user_id", "idp",
    "subject", "origin", "consent.news.phone_number", "consent.other.email", "attribute.name", "Username", "domain",
]  # fmt: skip


@pytest.mark.parametrize("mode", PROMPTING)
@pytest.mark.parametrize("field", CRAFTED)
def test_field_that_was_not_asked_for_is_named_and_not_looked_at(mode, field):
    """C26, C14, R-019: a post cannot set a flag, a source id, a role, or anything that the mode does not ask."""
    form = form_of(mode, required_attributes=("email",), purposes=(NEWS,))
    assert replace(Answers(), ignored=(field,)) == read_answers(form, {field: "true"})


@pytest.mark.parametrize(
    ("mode", "ignored"),
    [(CONSENT, ("username", "password", "password_again")), (PASSWORD, ("username",)), (USERNAME, ())],
)
def test_name_and_password_are_taken_only_where_the_mode_asks(mode, ignored):
    """R-019: a mode that fixes the name takes none from a post."""
    posted = {"username": "bob", "password": GOOD, "password_again": GOOD}
    said = read_answers(form_of(mode), posted)
    assert ignored == said.ignored
    assert ("bob" if mode is USERNAME else None) == said.username
    assert (None if mode is CONSENT else GOOD) == said.password


def test_ignored_names_are_few_short_and_inert():
    """R-029: whatever names are posted, what is kept of them fits into a line of a log."""
    posted = {f"{number}\x1b\u202e{'x' * 100}": "" for number in range(100)}
    ignored = read_answers(FULL, posted).ignored
    assert 20 == len(ignored)
    assert all(len(name) <= 60 and name.isascii() and name.isprintable() for name in ignored)


@pytest.mark.parametrize("ticked", ["on", "3.0", "-3", "٣", "9" * 30, " 3"])
def test_box_whose_value_is_no_version_agrees_to_no_words(ticked):
    """C15: a value that no page of ours sends is a tick under unknown words."""
    said = read_answers(FULL, {"consent.news.email": ticked})
    assert frozenset({Agreement("news", 0, "email")}) == said.agreements


texts = st.text(max_size=12) | st.sampled_from(["bob", GOOD, "3", "on", "INTERNAL/x", "a@b.example"])


@given(
    st.sampled_from(PROMPTING),
    st.dictionaries(st.sampled_from([*sorted(FULL.fields), *CRAFTED]) | texts, texts, max_size=8),
)
def test_every_post_is_read_and_judged_without_a_fault(mode, posted):
    """R-024: any post ends in an account, a question with sentences, or a refusal."""
    known = {"required_attributes": ("email",), "purposes": (NEWS,)}
    said = read_answers(form_of(mode, **known), posted)
    decision = decide(arrival(mode, answers=said, **known))
    assert isinstance(decision, Ask | Provision | Refuse)
    if isinstance(decision, Ask):
        assert isinstance(decision.form, PromptForm)
        assert all(problem.sentence for problem in decision.form.problems.values())
        assert set(decision.form.problems) <= decision.form.fields | {"form"}
        stores_own = {rules().description.username.message, rules().description.password.message}
        assert {problem.sentence for problem in decision.form.problems.values()} <= {
            *PROBLEMS.values(),
            *stores_own,
        }


OPTIONAL, NEEDED = purpose("news", "phone_number"), purpose("calls", mandatory=("phone_number",))
LISTED = [
    # purposes  | typed      | agreed to | problem of the field
    ((),          "",          False,      "attribute_missing"),
    ((),          "+49 30 1",  False,      None),
    ((OPTIONAL,), "",          False,      None),
    ((OPTIONAL,), "+49 30 1",  False,      "attribute_not_agreed"),
    ((OPTIONAL,), "+49 30 1",  True,       None),
    ((OPTIONAL,), "",          True,       "attribute_missing"),
    ((NEEDED,),   "",          True,       "attribute_missing"),
]  # fmt: skip


@pytest.mark.parametrize(("purposes", "typed", "is_agreed", "problem"), LISTED)
def test_what_was_typed_is_stored_or_told_and_never_dropped_in_silence(purposes, typed, is_agreed, problem):
    """R-036: a required attribute that purposes list may be left empty where none needs it."""
    agreements = agreed((purposes[0].id, "phone_number")) if is_agreed else frozenset()
    said = Answers(attributes={"phone_number": typed}, agreements=agreements)
    decision = decide(
        arrival(CONSENT, purposes=purposes, required_attributes=("phone_number",), answers=said)
    )
    if problem is None:
        assert isinstance(decision, Provision)
        assert bool(typed) == ("phone_number" in decision.draft.attributes)
    else:
        assert isinstance(decision, Ask)
        assert {"attribute.phone_number": problem} == {
            name: one.reason.code for name, one in decision.form.problems.items()
        }
        asked = decision.form.missing[0]  # pyright: ignore[reportAttributeAccessIssue]
        assert (OPTIONAL not in purposes) == asked.required
