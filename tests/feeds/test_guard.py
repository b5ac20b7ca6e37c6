"""Which addresses a socket may be opened to."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.feeds.guard import Allowed, may_connect, read_allowed

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "pas-une-adresse",
    "",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_socket_opens_to_a_private_address(address):
    assert not may_connect(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "2a00:1450::1"],
)
def test_public_addresses_are_open(address):
    assert may_connect(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_every_spelling_of_an_address_gets_the_same_answer(ip):
    assert may_connect(str(ip)) == may_connect(f"::ffff:{ip}")
    if not ip.is_global:
        assert not may_connect(str(ip))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_nothing_that_python_calls_private_is_open(ip):
    if ip.is_private or ip.is_multicast or ip.is_link_local or ip.is_reserved or ip.teredo or ip.sixtofour:
        assert not may_connect(str(ip))


def test_a_network_may_be_allowed():
    allowed = read_allowed(("10.0.0.0/8", "fd00::/8", "192.168.1.7"))
    assert may_connect("10.9.8.7", allowed)
    assert may_connect("::ffff:10.9.8.7", allowed)
    assert may_connect("fd12::1", allowed)
    assert may_connect("192.168.1.7", allowed)
    assert not may_connect("192.168.1.8", allowed)
    assert not may_connect("127.0.0.1", allowed)


def test_a_host_and_port_may_be_allowed():
    assert read_allowed(("RSSHub:1200", "[::1]:8080", "127.0.0.1:80")) == Allowed(
        (), frozenset({("rsshub", 1200), ("::1", 8080), ("127.0.0.1", 80)})
    )


def test_every_wrong_entry_is_told_at_once():
    with pytest.raises(ConfigError) as refused:
        read_allowed(("rsshub", "10.0.0.0/99", "a:0", "a:70000", "10.0.0.0/8", ""))
    assert len(refused.value.problems) == 5
    assert "GUETTEUR_FETCH_ALLOW" in str(refused.value)
