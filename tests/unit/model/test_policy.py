"""What a policy says by itself: its modes, its defaults, and whose word it trusts."""

import pytest

from jitney.model.policy import (
    LinkRule,
    OnNameTaken,
    OnProvisioningFailure,
    OnUnprovenMatch,
    PromptMode,
    ProvisioningPolicy,
    SyncMode,
)

MODES = [
    # mode                                      | asks for a name | for a password | a taken name, by default
    (PromptMode.SILENT,                           False,            False,           OnNameTaken.REFUSE),
    (PromptMode.CONSENT,                          False,            False,           OnNameTaken.REFUSE),
    (PromptMode.PASSWORD_AND_CONSENT,             False,            True,            OnNameTaken.REFUSE),
    (PromptMode.USERNAME_PASSWORD_AND_CONSENT,    True,             True,            OnNameTaken.ASK),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "name", "password", "taken"), MODES)
def test_mode_says_what_is_asked(mode, name, password, taken):
    """R-027: the four modes differ in what they ask, and a taken name is asked anew only where a name is asked."""
    assert (name, password) == (mode.asks_username, mode.asks_password)
    assert taken is ProvisioningPolicy(prompt_mode=mode).name_taken_rule


@pytest.mark.parametrize("rule", OnNameTaken)
def test_rule_for_a_taken_name_that_was_set_holds_in_every_mode(rule):
    """An administrator's rule goes before the default of the mode."""
    for mode in PromptMode:
        assert rule is ProvisioningPolicy(prompt_mode=mode, on_name_taken=rule).name_taken_rule


def test_policy_of_a_new_provider_is_the_safe_one():
    """R-005, R-027: nobody is provisioned or joined, nothing local is lost, and no mishap lets anybody in."""
    policy = ProvisioningPolicy()
    assert (False, False) == (policy.enabled, policy.linking.enabled)
    assert SyncMode.PRESERVE_LOCAL is policy.attribute_sync
    assert OnProvisioningFailure.REFUSE is policy.on_provisioning_failure
    assert (OnUnprovenMatch.ASK, ()) == (
        policy.linking.on_unproven_match,
        policy.linking.trusted_email_domains,
    )


TRUSTED = [
    # trusted domains             | address                       | counts
    ((),                            "ana@acme.example",             False),
    (("acme.example",),             "ana@acme.example",             True),
    (("acme.example",),             "ana@ACME.Example",             True),
    (("acme.example",),             "ana@sub.acme.example",         False),
    (("acme.example",),             "ana@evilacme.example",         False),
    (("acme.example",),             "ana@acme.example.evil.example", False),
    (("acme.example",),             "acme.example",                 False),
    (("acme.example",),             '"@acme.example"@evil.example', False),
    (("*",),                        "ana@any.example",              True),
    (("*",),                        "any.example",                  False),
]  # fmt: skip


@pytest.mark.parametrize(("domains", "email", "counts"), TRUSTED)
def test_word_about_an_address_counts_for_its_whole_domain_only(domains, email, counts):
    """R-006: the domain is what stands behind the last ``@``, whole and without regard to case."""
    assert counts == LinkRule(trusted_email_domains=domains).trusts_domain_of(email)
