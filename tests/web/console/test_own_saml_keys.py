"""Our own keys for a SAML provider in the console: told, taken along, brought and rolled over."""

from pathlib import Path

import httpx
import pytest
from tests.web.console.console_house import ConsoleHouse, path_of
from tests.web.console.test_identity_provider_saml_pages import ACME, PROTOCOL, connection, open_saml
from tests.web.pages.pages_house import BASE, PASSWORD, reason_of

from jitney.testing.fake_saml.keys import rsa_key
from jitney.upstream.trials.certificates import find_facts

pytestmark = pytest.mark.anyio

BRING = "Publish this key"
OURS, OTHER = rsa_key("brought"), rsa_key("another's")
PAIR = {"certificate": OURS.certificate, "private_key": OURS.private_pem}


async def _published(console: ConsoleHouse) -> tuple[str, ...]:
    return tuple(one.certificate for one in (await connection(console)).credentials)


async def test_key_of_ours_is_told_and_can_be_taken_along(tmp_path: Path) -> None:
    """Issue 7: subject, fingerprint and end stand there, the certificate is a file, an unknown one is not."""
    async with open_saml(tmp_path) as (console, _):
        [pem] = await _published(console)
        facts = find_facts(pem)
        assert facts is not None
        page = await console.get(PROTOCOL)
        pairs = ":".join(facts.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
        assert all(text in page.text for text in (facts.name, pairs, f"{facts.expires:%Y-%m-%d}"))
        assert f'href="{BASE}/saml/acme/metadata"' in page.text
        file = await console.get(f"{ACME}/keys/{facts.fingerprint}.pem")
        assert (200, pem) == (file.status, file.text)
        assert 'attachment; filename="jitney-acme-' in file.response.headers["content-disposition"]
        missing = await console.get(f"{ACME}/keys/{'0' * 64}.pem")
        assert (404, "saml_key_not_found") == (missing.status, reason_of(missing))


async def test_brought_key_is_published_and_signs_when_told(tmp_path: Path) -> None:
    """Issue 7: a pair that is pasted stands beside the one that signs, then takes its place."""
    async with open_saml(tmp_path) as (console, _):
        [old] = await _published(console)
        page = await console.post(await console.get(PROTOCOL), PAIR, button=BRING)
        assert (200, PROTOCOL) == (page.status, path_of(page))
        assert (old, OURS.certificate) == await _published(console)
        metadata = (await console.get("/saml/acme/metadata")).text
        assert OURS.certificate_base64 in "".join(metadata.split())
        assert OURS.private_pem.splitlines()[1] not in page.text
        page = await console.post(page, button="Sign with the new key")
        assert (OURS.certificate,) == await _published(console)
        again = await console.post(page, PAIR, button=BRING)
        assert (422, "saml_key_pair_known") == (again.status, reason_of(again))
        assert (OURS.certificate,) == await _published(console)


async def test_pair_that_does_not_match_is_refused_and_the_key_never_shown_again(tmp_path: Path) -> None:
    """R-115: the fault is told and the certificate stands there again, the key does not; the right one is taken."""
    async with open_saml(tmp_path) as (console, _):
        before = await connection(console)
        wrong = {**PAIR, "private_key": OTHER.private_pem}
        page = await console.post(await console.get(PROTOCOL), wrong, button=BRING)
        assert (422, "saml_key_pair_unfit") == (page.status, reason_of(page))
        assert "This key does not belong to the certificate." in page.text
        form = page.form_with_button(BRING)[0]
        assert OURS.certificate.strip() == form.fields["certificate"].strip()
        assert "" == form.fields["private_key"].strip()
        assert OTHER.private_pem.splitlines()[1] not in page.text
        assert before == await connection(console)
        await console.post(page, {"private_key": OURS.private_pem}, button=BRING)
        assert OURS.certificate in await _published(console)


async def test_brought_key_needs_a_fresh_sign_in_and_is_not_kept_meanwhile(tmp_path: Path) -> None:
    """R-117, R-115: six minutes on nothing is published, and afterwards the certificate alone stands there."""
    async with open_saml(tmp_path) as (console, _):
        before = await connection(console)
        page = await console.get(PROTOCOL)
        await console.age_session()
        asked = await console.post(page, PAIR, button=BRING)
        assert "/sign-in" == path_of(asked)
        assert before == await connection(console)
        page = await console.post(asked, {"username": "root", "password": PASSWORD}, button="Sign in")
        form = page.form_with_button(BRING)[0]
        assert OURS.certificate.strip() == form.fields["certificate"].strip()
        assert "" == form.fields["private_key"].strip()
        await console.post(page, PAIR, button=BRING)
        assert OURS.certificate in await _published(console)


async def test_who_only_looks_on_sees_the_certificate_and_brings_none(tmp_path: Path) -> None:
    """R-110: an auditor sees what is published and is given no button; their post is refused, root's is not."""
    async with open_saml(tmp_path) as (console, _):
        auditor, before = await console.browser_of("audit"), await connection(console)
        page = await console.get(PROTOCOL, auditor)
        assert "Fingerprint (SHA-256)" in page.text
        assert not any(text in page.text for text in (BRING, "Publish a new key"))
        root = await console.get(PROTOCOL)
        form = root.form_with_button(BRING)[0]
        sent = await auditor.request(
            "POST", form.action, form={**form.fields, **PAIR}, headers={"Origin": BASE}
        )
        assert (403, "operator_right_missing") == (sent.status, reason_of(sent))
        assert before == await connection(console)
        await console.post(root, PAIR, button=BRING)
        assert OURS.certificate in await _published(console)


async def test_key_that_comes_as_a_file_is_taken(tmp_path: Path) -> None:
    """Issue 7: two files do as two texts do, and a file that is no text is told as what it is."""
    async with open_saml(tmp_path) as (console, _):
        before = await connection(console)

        async def sent(certificate: bytes) -> tuple[int, str]:
            form = (await console.get(PROTOCOL)).form_with_button(BRING)[0]
            hidden = {name: text for name, text in form.fields.items() if not name.endswith("_file")}
            files = {
                "certificate_file": ("c.crt", certificate),
                "private_key_file": ("k", OURS.private_pem.encode()),
            }
            kept = "; ".join(f"{key}={one.value}" for key, one in console.root.cookies[BASE].items())
            async with httpx.AsyncClient(transport=console.pages.transport, base_url=BASE) as client:
                answer = await client.post(
                    form.action, data=hidden, files=files,
                    headers={"cookie": kept, "origin": BASE, "sec-fetch-site": "same-origin"},
                )  # fmt: skip
            return answer.status_code, answer.headers.get("jitney-reason", "")

        assert (422, "saml_key_pair_unfit") == await sent(b"\xff\xfe\x00DER")
        assert before == await connection(console)
        assert (303, "") == await sent(OURS.certificate.encode())
        assert OURS.certificate in await _published(console)
