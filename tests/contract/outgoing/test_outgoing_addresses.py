"""Addresses and URLs that must not be called, beside those that may."""

import pytest

from jitney.errors import UpstreamUnavailable
from jitney.outgoing.addresses import check_address
from jitney.outgoing.urls import HostPort, parse_host_port, parse_target

REFUSED = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "carrier_grade_nat"),
    ("100.100.100.200", "carrier_grade_nat"),
    ("169.254.169.254", "link_local"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.192", "reserved"),
    ("198.18.0.1", "benchmarking"),
    ("203.0.113.7", "documentation"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::127.0.0.1", "reserved"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:7f00:1", "loopback"),
    ("::ffff:169.254.169.254", "link_local"),
    ("::ffff:0:127.0.0.1", "reserved"),
    ("64:ff9b::127.0.0.1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "link_local"),
    ("64:ff9b:1::8.8.8.8", "private"),
    ("2002:7f00:1::", "loopback"),
    ("2002:a9fe:a9fe::1", "link_local"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "reserved"),
    ("2a00:1450::5efe:127.0.0.1", "loopback"),
    ("2a00:1450::200:5efe:10.0.0.1", "private"),
    ("2001:db8::1", "documentation"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fe80::1", "link_local"),
    ("fe80::1%eth0", "link_local"),
    ("fec0::1", "private"),
    ("ff02::1", "multicast"),
    ("100::1", "reserved"),
    ("4000::1", "reserved"),
    ("2130706433", "malformed"),
    ("0x7f.1", "malformed"),
    ("127.1", "malformed"),
    ("0177.0.0.1", "malformed"),
    ("①②⑦.⓪.⓪.①", "malformed"),
    ("", "malformed"),
]
PUBLIC = [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "169.253.0.1",
    "2a00:1450:4001:80b::200e",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_an_address_inside_is_refused_in_every_spelling(address, why):
    """R-075: loopback, private, link-local, CGNAT, multicast, metadata, also when wrapped in IPv6."""
    with pytest.raises(UpstreamUnavailable) as refused:
        check_address(address)
    assert ("upstream_address_refused", why) == (refused.value.code, refused.value.details["reason"])


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address):
    """R-075: what is public stays reachable, also through NAT64."""
    assert check_address(address) is None


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://idp.example/token?a=b%20c&d=[1]", "idp.example", 443),
        ("HTTPS://IDP.Example:8443", "idp.example", 8443),
        ("https://a_b.example/", "a_b.example", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]:444/x", "2606:4700::1111", 444),
        ("http://localhost:8080/~x/", "localhost", 8080),
        ("https://idp.example?x=y", "idp.example", 443),
    ],
)
def test_a_plain_url_has_one_reading(url, host, port):
    """R-075: the strict reader takes what providers really use."""
    assert HostPort(host, port) == parse_target(url).host_port


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.example/x",
        "//idp.example/x",
        "ftp://idp.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:///x",
        "https://",
        "https://ada@idp.example/",
        "https://ada:pw@idp.example/",
        "https://idp.example@10.0.0.1/",
        "https://idp.example\\@10.0.0.1/",
        "https://idp.example#@10.0.0.1/",
        "https://idp.example/#part",
        "https://idp.example/a b",
        "https://idp.example/a\tb",
        "https://idp.example/a\r\nHost: x",
        "https://idp.example/\0",
        " https://idp.example/",
        "https://idp.example/\n",
        "https://idp.example/\\..",
        "https://idp.exämple/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "http\u017f://idp.example/",
        "https://\u212adp.example/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://idp.example:0/",
        "https://idp.example:65536/",
        "https://idp.example:/",
        "https://idp.example:4 43/",
        "https://idp..example/",
        "https://.idp.example/",
        "https://idp.example./",
        "https://-idp.example/",
        "https://idp%2eexample/",
        "https://[::1/",
        "https://::1/",
        "https://[::1%25eth0]/",
        "https://[127.0.0.1]/",
        "https://[]/",
        "https://" + "a" * 64 + ".example/",
        "https://idp.example/" + "a" * 2048,
    ],
)
def test_a_url_with_two_readings_is_refused(url):
    """R-075: no userinfo, fragment, backslash, control character, odd number or foreign letter."""
    with pytest.raises(UpstreamUnavailable) as refused:
        parse_target(url)
    assert "upstream_url_refused" == refused.value.code


def test_an_allow_entry_names_host_and_port():
    """R-076: an entry is one exact place."""
    assert HostPort("127.0.0.1", 8080) == parse_host_port("127.0.0.1:8080")
    assert HostPort("::1", 8080) == parse_host_port("[::1]:8080")
    with pytest.raises(UpstreamUnavailable):
        parse_host_port("127.0.0.1")
