"""The names under which applications know people."""

from dataclasses import replace

from jitney.model.application import Application, SubjectType
from jitney.model.session import LocalPerson, PassingPerson
from jitney.openid_provider.subjects import Subjects

SUBJECTS = Subjects(b"s" * 32)
ADA = LocalPerson("7d9f8f2e-0000-4000-8000-000000000001", "PRIMARY")
PUBLIC = Application("a", "A", ("https://a.example/cb",))
PAIRWISE = replace(PUBLIC, subject_type=SubjectType.PAIRWISE)


def test_a_user_is_known_by_an_id_that_never_changes():
    """R-086: the subject is the user's id, whatever the user's name or store."""
    assert ADA.user_id == SUBJECTS.name(ADA, PUBLIC)
    assert ADA.user_id == SUBJECTS.name(replace(ADA, domain="LDAP1"), replace(PUBLIC, id="b"))


def test_pairwise_applications_cannot_compare_notes():
    """R-086: each host sees another name for one person, and always the same one (OIDC Core 8.1)."""
    here = SUBJECTS.name(ADA, PAIRWISE)
    neighbour = replace(PAIRWISE, id="b", redirect_uris=("https://a.example/other",))
    elsewhere = replace(PAIRWISE, redirect_uris=("https://b.example/cb",))
    assert here == SUBJECTS.name(ADA, PAIRWISE) == SUBJECTS.name(ADA, neighbour)
    assert 2 == len({here, SUBJECTS.name(ADA, elsewhere)} - {ADA.user_id})


def test_an_application_on_several_hosts_is_a_sector_of_its_own():
    """R-086: without one host there is nothing to share a name by but the application itself."""
    two = replace(PAIRWISE, redirect_uris=("https://a.example/cb", "https://b.example/cb"))
    assert SUBJECTS.name(ADA, two) != SUBJECTS.name(ADA, replace(two, id="b"))
    assert SUBJECTS.name(ADA, two) == SUBJECTS.name(ADA, replace(two, redirect_uris=two.redirect_uris[::-1]))


def test_somebody_without_a_user_has_a_stable_opaque_name():
    """R-086: provider and subject are hashed, and do not run into each other."""
    one, other = PassingPerson("idp", "1x", {}), PassingPerson("idp1", "x", {})
    assert SUBJECTS.name(one, PUBLIC) == SUBJECTS.name(replace(one, attributes={"name": ("Ada",)}), PUBLIC)
    assert SUBJECTS.name(one, PUBLIC) != SUBJECTS.name(other, PUBLIC)
    assert "1x" not in SUBJECTS.name(one, PUBLIC)
