"""What a feed says of its hub, what a hub says, and what is believed of it."""

import hmac
from datetime import timedelta

import pytest

from bot.feeds.answer import Body, read_links
from bot.feeds.parse import Document
from bot.feeds.websub import (
    Offer,
    ask_again,
    callback,
    is_signed,
    read_challenge,
    read_lease,
    read_offer,
    renew_at,
    subscription,
)

HUB, TOPIC = "https://hub.example/", "https://journal.example/rss"
OFFER = Offer(HUB, TOPIC)
DAY = timedelta(days=1)


def document(hub=None, self_url=None):
    return Document((), 0, hub=hub, self_url=self_url)


def signed(body, algorithm="sha256", secret="s3cret"):
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


@pytest.mark.parametrize(
    ("header", "links"),
    [
        (f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', {"hub": HUB, "self": TOPIC}),
        (f"<{HUB}>;rel=hub", {"hub": HUB}),
        (f'<{HUB}>; title="x, y"; REL="other hub"', {"other": HUB, "hub": HUB}),
        (f'<{HUB}>; rel="hub", <https://second.example/>; rel="hub"', {"hub": HUB}),
        ("</rss>; rel=self", {"self": TOPIC}),
        ('<javascript:alert(1)>; rel="hub"', {}),
        ("<" * 30_000, {}),
        ("<a>" * 10_000, {}),
        ("", {}),
    ],
    ids=range(9),
)
def test_a_link_header_names_hub_and_self(header, links):
    assert read_links(header, "https://journal.example/fil") == links


def test_hub_and_self_come_from_the_headers_before_the_document():
    other = Body(TOPIC, b"", links={"hub": "https://other.example/"})
    assert read_offer(other, document(HUB, TOPIC)) == Offer("https://other.example/", TOPIC)
    assert read_offer(Body(TOPIC, b""), document(HUB, TOPIC)) == OFFER


@pytest.mark.parametrize(
    "offered", [document(HUB), document(None, TOPIC), document("http://hub.example/", TOPIC), document()]
)
def test_half_an_offer_or_a_hub_in_clear_for_an_https_feed_is_none(offered):
    assert read_offer(Body(TOPIC, b""), offered) is None


def test_the_request_names_topic_callback_lease_and_secret():
    form = subscription(OFFER, "https://bot.example/", "p4th", "s3cret")
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://bot.example/websub/p4th",
        "hub.lease_seconds": "864000",
        "hub.secret": "s3cret",
    }
    assert callback("https://bot.example/sous/", "p") == "https://bot.example/sous/websub/p"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_a_body_signed_with_our_secret_is_the_hubs(algorithm):
    assert is_signed("s3cret", b"body", signed(b"body", algorithm))
    assert is_signed("s3cret", b"body", signed(b"body", algorithm).upper())


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "=",
        "md5=841a2d689ad86bd1611447453c22c6fc",
        signed(b"other"),
        signed(b"body", secret="other"),
        signed(b"body")[:-1],
        signed(b"body").partition("=")[2],
        "sha256=" + "é" * 64,
        "sha256=" + "0" * 100_000,
        "shake_128=00",
    ],
    ids=range(11),
)
def test_nothing_else_is(header):
    assert not is_signed("s3cret", b"body", header)


@pytest.mark.parametrize(
    ("granted", "lease"),
    [
        ("86400", DAY),
        ("1", timedelta(minutes=1)),
        ("99999999999", 30 * DAY),
        ("9" * 400, 10 * DAY),
        ("-5", 10 * DAY),
        ("", 10 * DAY),
    ],
)
def test_a_lease_is_what_the_hub_grants_within_reason(granted, lease):
    assert read_lease(granted) == lease


def test_a_subscription_is_renewed_before_its_lease_ends(now):
    assert now < renew_at(now, DAY) <= now + DAY * 0.8


def test_a_hub_that_does_not_verify_is_asked_ever_more_rarely():
    waits = [ask_again(n) for n in range(1, 40)]
    assert waits[0] == timedelta(minutes=10)
    assert waits == sorted(waits)
    assert waits[-1] == DAY


@pytest.mark.parametrize("text", ["", "a" * 5_000, "a\nb", "a\x00"])
def test_what_could_do_harm_is_no_challenge(text):
    assert read_challenge(text) is None


def test_a_challenge_is_echoed_as_it_came():
    assert read_challenge("<script>ok</script>") == "<script>ok</script>"
