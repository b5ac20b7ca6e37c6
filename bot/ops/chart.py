"""Numbers per day → a small bar chart in SVG, drawn here, so that the page needs no script and no other address.

The numbers are also said in words (`aria-label`) and stand in a table beside it, for who does not see it.
"""

from collections.abc import Sequence

from bot.ops.html import Html, tag

STEP, BAR, HEIGHT, TOP = 24, 16, 72, 16  # of the drawing's own units


def bars(name: str, days: Sequence[str], counts: Sequence[int], most: int) -> Html:
    """One bar a day, oldest first, on a scale where `most` fills the height; the number stands on each bar."""
    width = STEP * len(counts)
    drawn = [_bar(at, day, count, most) for at, (day, count) in enumerate(zip(days, counts, strict=True))]
    base = tag("line", x1=0, x2=width, y1=TOP + HEIGHT, y2=TOP + HEIGHT, class_="axis")
    ends = (
        tag("text", days[0], x=0, y=TOP + HEIGHT + 14, class_="day"),
        tag("text", days[-1], x=width, y=TOP + HEIGHT + 14, class_="day end"),
    )
    box = f"0 0 {width} {TOP + HEIGHT + 20}"
    return tag("svg", drawn, base, ends, viewBox=box, role="img", aria_label=name, class_="bars")


def _bar(at: int, day: str, count: int, most: int) -> Html:
    height = max(2, round(HEIGHT * count / most)) if count and most else 0
    x = at * STEP + (STEP - BAR) // 2
    y = TOP + HEIGHT - height
    number = tag("text", count, x=x + BAR // 2, y=y - 4, class_="count") if count else None
    return tag("g", tag("title", f"{day}: {count}"), tag("rect", x=x, y=y, width=BAR, height=height, rx=2), number)
