"""What may be stored, by what was agreed to (jit.md 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import agreed, purpose

from jitney.model.consent import ConsentedPurpose
from jitney.provisioning.consent import Consent, listed_attributes, weigh_consent, with_flags
from jitney.provisioning.facts import Agreement

NEWS = purpose("news", "nickname", mandatory=("email",))
CARDS = purpose("cards", "email", "birthdate")
FLAGGED = purpose("flags", "email_verified")

WEIGHED = [
    # purposes       | ticked                                              | withheld                                  | mandatory, declined
    ((),               (),                                                   (),                                         ()),
    ((NEWS,),          (),                                                   ("email", "email_verified", "nickname"),    ("email",)),
    ((NEWS,),          (("news", "email"),),                                 ("nickname",),                              ()),
    ((NEWS,),          (("news", "email"), ("news", "nickname")),            (),                                         ()),
    ((NEWS,),          (("news", "nickname"),),                              ("email", "email_verified"),                ("email",)),
    ((NEWS,),          (("news", "email"), ("news", "phone_number")),        ("nickname",),                              ()),
    ((NEWS,),          (("other", "email"),),                                ("email", "email_verified", "nickname"),    ("email",)),
    ((CARDS,),         (),                                                   ("birthdate", "email", "email_verified"),   ()),
    ((NEWS, CARDS),    (("news", "email"),),                                 ("birthdate", "nickname"),                  ()),
    ((NEWS, CARDS),    (("cards", "email"),),                                ("birthdate", "nickname"),                  ("email",)),
    ((FLAGGED,),       (),                                                   ("email_verified",),                        ()),
    ((purpose("p", "phone_number"),), (),                                    ("phone_number", "phone_number_verified"),  ()),
]  # fmt: skip


@pytest.mark.parametrize(("purposes", "ticked", "withheld", "refused"), WEIGHED)
def test_attribute_may_be_stored_if_one_purpose_that_lists_it_was_agreed_to(
    purposes, ticked, withheld, refused
):
    """R-036, C15: what was not ticked is withheld with its flag; an absent mandatory box refuses everything."""
    consent = weigh_consent(purposes, agreed(*ticked))
    assert (withheld, refused) == (consent.withheld, consent.refused)


def test_receipt_says_what_was_agreed_to_and_what_was_declined_in_the_words_that_were_shown():
    """R-036: name, description and version are those of the page, attributes in its order."""
    expected = ConsentedPurpose("news", "The news", "So that you get the news.", 1, ("email",), ("nickname",))
    assert (expected,) == weigh_consent((NEWS,), agreed(("news", "email"))).purposes


@pytest.mark.parametrize("version", [0, 2])
def test_tick_under_other_words_is_no_consent(version):
    """R-036: only today's version of a purpose can be agreed to."""
    assert weigh_consent((NEWS,), ()) == weigh_consent((NEWS,), agreed(("news", "email"), version=version))
    assert weigh_consent((NEWS,), ()) != weigh_consent((NEWS,), agreed(("news", "email"), version=1))


def test_nothing_is_withheld_where_nothing_is_asked():
    """No purposes, no consent section, no receipt."""
    assert Consent() == weigh_consent((), agreed(("news", "email")))


names = st.sampled_from(["email", "nickname", "name", "phone_number"])
purposes = st.lists(
    st.builds(lambda name, optional, must: purpose(name, *(optional - must), mandatory=tuple(must)),
              st.sampled_from(["a", "b", "c"]), st.sets(names), st.sets(names)),
    unique_by=lambda one: one.id,
)  # fmt: skip
ticks = st.frozensets(
    st.builds(Agreement, st.sampled_from(["a", "b", "d"]), st.sampled_from([0, 1, 2]), names)
)


@given(purposes, ticks)
def test_every_listed_attribute_is_agreed_to_or_withheld(asked, ticked):
    """R-036: between a yes and a no there is nothing, and nobody is asked about what no purpose lists."""
    consent = weigh_consent(asked, ticked)
    agreed_to = {name for one in consent.purposes for name in one.consented}
    assert with_flags(listed_attributes(asked) - agreed_to) == set(consent.withheld)
    assert not agreed_to & set(consent.withheld)
    assert all(
        Agreement(one.id, one.version, name) in ticked for one in consent.purposes for name in one.consented
    )
