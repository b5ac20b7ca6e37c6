"""An address as written becomes the address it means: absolute, canonical for identity, or fit for a log.

Canonical forms are compared and hashed, never fetched: the scheme, `www.` and a trailing slash are folded there
although a server may tell them apart. All functions are pure, linear in the length of the address, and never raise on
bad input.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 4_096  # longer is no address a browser or Telegram would take
_BLANKS_IN_LINK = re.compile(r"[\t\r\n]+")  # dropped inside an address, WHATWG URL § 4.4
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b\u2028\u2029\ufeff<>\"]")
_BARE_HOST = re.compile(r"www\.[a-z0-9-]+\.[a-z.]{2,}(?:[/?#]|$)", re.IGNORECASE)
_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"  # RFC 3986 § 3.3: what a path may hold unescaped

# Campaign tags of the analytics and mail tools seen in news feeds; none of them changes the page that is shown.
_TRACKING = re.compile(
    r"""utm_.+ | at_(?:medium|campaign|custom\d*|creation|variant|link_.+|format|ptr_name|bbc_team)
    | ns_(?:mchannel|source|campaign|linkname|fee) | xtor | xtref | xts | mtm_.+ | pk_.+ | piwik_.+ | matomo_.+
    | (?:fb|g|y|d|t|tw|tt)clid | msclkid | wbraid | gbraid | gclsrc | gad_source | igshid | igsh | li_fat_id
    | mc_[ce]id | mkt_tok | _hs.+ | __hs.+ | hsctatracking | vero_.+ | oly_(?:anon|enc)_id | wickedid | ck_subscriber_id
    | _ga | _gl | _branch_match_id | s_kwcid | s_cid | ef_id | epik | spm | sr_share | cmp | cmpid | ocid | ncid | smid
    | ito(?:_.+)? | icid | ftag | soc_src | soc_trk | guccounter | guce_.+ | fb_(?:ref|source|action_.+)
    | action_(?:object|type|ref)_map | __twitter_impression | __s | __source | traffic_source | rss | fromrss | isrss
    | amp | amp_.+ | usqp | outputtype | shared? | nr_email_referer | campaign_?id | newsletter_id""",
    re.VERBOSE | re.IGNORECASE,
)
_SESSION = re.compile(r"(?:php|asp|j)?sess(?:ion)?_?id|aspsessionid.*|cfid|cftoken|s_?id", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"[0-9a-f]{16,}|[\w-]{24,}", re.IGNORECASE)  # sid=123 may be an article's number
_WHENCE = re.compile(r"ref|referr?er|source|src|from|via|origin|medium|channel", re.IGNORECASE)
_WHENCE_VALUE = re.compile(
    r"(?:rss|atom|feed|flux|xml|twitter|x|facebook|fb|newsletter|infolettre|e?mail|home|homepage|accueil|social|share|app)"
    r"(?:\d|[_-].*)?",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*|\([a-z]\([0-9a-z]{16,}\)\)", re.IGNORECASE)
_AMP_SEGMENTS = frozenset({"", "amp", "amp.html", "amp.htm"})
_AMP_EXTENSION = re.compile(r"(?:\.amp)+(?=\.html?$|$)", re.IGNORECASE)
_TWIN_HOST = re.compile(r"^(?:(?:www\d?|m|mobile|mobi|amp|wap)\.)+(?=[^.]+\.[^.])")
_AMP_CACHE = re.compile(  # https://developers.google.com/amp/cache/overview
    r"(?:[a-z0-9-]+\.cdn\.ampproject\.org/+[a-z]|google\.(?:ca|com|fr)/+amp)/+(?:s/+)?([^/]+\.[^/]+/.*)"
)
_USER = re.compile(r"(?<=//)[^/?#\s]*@")


def absolute_url(link: str | None, base: str) -> str | None:
    """The http(s) address that `link` means on a page at `base`, or None when it is no such address.

    Line breaks inside are dropped and blanks escaped as browsers do (WHATWG URL § 4.4), a bare `www.…` gets its scheme;
    `javascript:`, `mailto:`, `tag:`, a user name in the address and the like give None.
    """
    if not link or len(link) > _LONGEST:
        return None
    written = _UNPRINTABLE.sub(lambda found: quote(found[0]), _BLANKS_IN_LINK.sub("", link.strip()))
    if _BARE_HOST.match(written):
        written = f"https://{written}"
    try:
        joined = urljoin(base, written)
        parts = urlsplit(joined)
        _ = parts.port
    except ValueError:
        return None
    good = parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname and "@" not in parts.netloc
    return joined if good else None


def canonical_url(url: str) -> str:
    """The form under which an address is compared: twins, trackers, sessions and spelling folded away. Idempotent.

    Folded: scheme (http and https are one), user, default port, case and final dot of the host, IDNA, `www.`, mobile
    and AMP twins, AMP caches, session ids, campaign parameters, order of parameters, percent spelling, slashes,
    fragment (`#!` kept: it names a page). What is no http(s) address, or is longer than 4,096 characters, comes back
    trimmed.
    """
    text = url.encode("utf-8", "ignore").decode().strip()  # lone surrogates have no place in an address
    if len(text) > _LONGEST:
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        return text
    host = _TWIN_HOST.sub("", _folded_host(parts.hostname))
    if cached := _AMP_CACHE.fullmatch(host + parts.path):
        return canonical_url(f"https://{cached[1]}?{parts.query}")
    if port and port not in _DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    query = _folded_query(parts.query)
    page = parts.fragment if parts.fragment.startswith("!") else ""
    return f"https://{host}{_folded_path(parts.path)}" + (f"?{query}" if query else "") + (f"#{page}" if page else "")


def loggable_url(url: str) -> str:
    """The address without what may be secret: no user, no password, no query, no fragment; at most 200 characters."""
    return _USER.sub("", re.split(r"[?#]", url, maxsplit=1)[0])[:200]


def _folded_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if host.isascii():
        return f"[{host}]" if ":" in host else host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _folded_path(path: str) -> str:
    plain = _PATH_SESSION.sub("", unquote(path, errors="surrogateescape"))
    segments = [segment for segment in plain.split("/") if segment]
    while segments and _AMP_EXTENSION.sub("", segments[-1]).lower() in _AMP_SEGMENTS:
        segments.pop()
    segments[-1:] = [_AMP_EXTENSION.sub("", segment) for segment in segments[-1:]]
    while len(segments) > 1 and segments[0].lower() == "amp":
        del segments[0]
    return "/" + quote("/".join(segments), safe=_SAFE_IN_PATH, errors="surrogateescape")


def _folded_query(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return urlencode(sorted(pair for pair in pairs if not _is_noise(*pair)), errors="surrogateescape")


def _is_noise(name: str, value: str) -> bool:
    return bool(
        _TRACKING.fullmatch(name)
        or (_SESSION.fullmatch(name) and _SESSION_VALUE.fullmatch(value))
        or (_WHENCE.fullmatch(name) and _WHENCE_VALUE.fullmatch(value))
    )
