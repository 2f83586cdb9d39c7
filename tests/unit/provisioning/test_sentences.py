"""What a person reads when they are refused."""

import pytest
from tests.unit.provisioning.arrivals import facts, identity
from tests.unit.provisioning.test_decision import TABLE

from jitney.provisioning.decision import Refuse, decide
from jitney.provisioning.sentences import PROBLEMS, SENTENCES


@pytest.mark.parametrize("sentence", [*SENTENCES.values(), *PROBLEMS.values()])
def test_sentence_names_what_happened_and_nothing_else(sentence):
    """Safe for strangers: whole sentences, no braces, no codes."""
    assert sentence.endswith(".")
    assert not set(sentence) & set("{}_<>")


def test_no_refusal_repeats_what_was_sent():
    """R-055: neither name nor claim of an arrival is in a sentence."""
    decision = decide(facts(identity("ceo@corp.example", name="Mallory")))
    assert isinstance(decision, Refuse)
    assert "corp" not in decision.sentence
    assert "Mallory" not in decision.sentence


def test_every_refusal_of_the_table_has_its_sentence():
    """Each row that refuses has a sentence of its own in the list, or the store's."""
    assert set() == {code for _, _, then, code in TABLE if then is Refuse} - set(SENTENCES)
