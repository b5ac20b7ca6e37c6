"""Bytes and what is declared of them become text: the first thing that reading a feed gets wrong.

Declarations lie more often than bytes do: what reads as UTF-8 is UTF-8, whatever the header says. Never raises; a byte
that means nothing anywhere becomes U+FFFD. What XML forbids (NUL and control characters) and what stands before the
prolog (a byte order mark, a PHP warning) is dropped here, so that the strict parser gets its chance.
"""

import codecs
import re

_DECLARED_IN_XML = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_DECLARED_IN_HTTP = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_XML_DECLARATION_BYTES = re.compile(rb"<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_PROLOG = b'<?xml version="1.0" encoding="utf-8"?>\n'
_CONTROLS = bytes(sorted(set(range(32)) - set(b"\t\n\r")))
_ROOT = re.compile(r"<(?:\?xml\b|(?:[\w.-]{1,20}:)?(?:rss|feed|rdf|channel)\b)", re.IGNORECASE)
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BYTE_ORDER_MARKS = (  # the longer ones first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_BYTES = (  # "<" and what follows, without a mark (XML 1.0, appendix F)
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_SEVEN_BITS = re.compile(
    r"iso2022|hz"
)  # escape sequences: these bytes are valid UTF-8 as well, and mean something else
_NO_CHARSETS = re.compile(r"idna|punycode|unicode_escape|utf_?7|undefined|mbcs|oem|palmos")
_JUNK_BEFORE_ROOT = 4_096


def to_text(content: bytes, content_type: str = "") -> str:
    """The document as text, its XML declaration kept as it stands."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for start, encoding in _FIRST_BYTES:
        if content.startswith(start):
            return content.decode(encoding, "replace")
    declared = [name for name in _declared(content, content_type) if name]
    for name in declared:
        if _SEVEN_BITS.match(name):
            return content.decode(name, "replace")
    for name in ("utf-8", *declared):
        try:
            return content.decode(
                "cp1252" if name in {"iso8859-1", "ascii"} else name
            )  # as browsers do (WHATWG Encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "guetteur-cp1252")


def to_xml(content: bytes, content_type: str = "") -> bytes:
    """The document as UTF-8 that declares itself so, without what XML 1.0 forbids and without junk before its root."""
    if _is_clean(content):
        declared = _XML_DECLARATION_BYTES.match(content)
        return _PROLOG + content[declared.end() if declared else 0 :]
    text = _FORBIDDEN_IN_XML.sub("", to_text(content, content_type)).lstrip()
    if not text.startswith("<") and (root := _ROOT.search(text[:_JUNK_BEFORE_ROOT])):
        text = text[root.start() :]
    return _PROLOG + _XML_DECLARATION.sub("", text, count=1).encode("utf-8")


def _is_clean(content: bytes) -> bool:
    """UTF-8 from its first "<" on, and nothing that XML forbids, as almost every feed: told faster than mended."""
    if content[:1] != b"<" or b"\x1b" in content or b"\xef\xbf\xbe" in content or b"\xef\xbf\xbf" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(content.translate(None, _CONTROLS)) == len(content)


def _declared(content: bytes, content_type: str) -> list[str | None]:
    """The charsets that HTTP and the XML declaration name, HTTP first (RFC 7303 § 3), as Python names them."""
    http = _DECLARED_IN_HTTP.search(content_type)
    xml = _DECLARED_IN_XML.search(content[:1_024])
    return [_python_name(http[1]) if http else None, _python_name(xml[1].decode("ascii")) if xml else None]


def _python_name(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
        b" ".decode(found, "replace")  # LookupError for what is no charset: base64, rot13, zip
    except (LookupError, ValueError):
        return None
    return None if _NO_CHARSETS.match(found.replace("-", "_")) else found


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Each byte that is not UTF-8 reads as Windows would have written it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("guetteur-cp1252", _as_cp1252)
