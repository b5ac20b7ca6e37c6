"""A plan on standard input becomes a PNG on standard output: the process that draws and may be killed.

The only file that loads matplotlib, whose import takes most of the time. It draws on the bare canvas (Agg), without
axes, which cost more than all the rest. It holds no secret (its environment is bare), reads nothing but its plan and
fonts, and is bounded by the kernel in memory and CPU time, so that even an orphan ends.
"""

import contextlib
import json
import resource
import sys
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.ops.picture.plan import Panel, Plan, Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, DPI = 1000, 100  # pixels; a phone shows it at about a third of that, so no letter is under 22 pixels high
EDGE = 48
INK, SOFT, LINE, EMPTY, PAPER = "#1B1F24", "#57606A", "#C9D3DC", "#EDF1F5", "#FFFFFF"
TITLE, HEADING, NAME, SMALL, TINY = 46, 36, 31, 27, 24  # sizes of letters
BARS, PANEL = 120, 268  # height of the longest bar; of a topic with all around it
ROW, REMARK, TRACK = 72, 34, 14  # heights of a row, of the remark under it, of its bar
INSIDE = WIDTH - 2 * EDGE


def main(memory_bytes: int, seconds: int) -> None:
    """Draws one plan."""
    with contextlib.suppress(OSError, ValueError):  # macOS has no limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    sys.stdout.buffer.write(draw_plan(unpack_plan(json.load(sys.stdin.buffer))))


def unpack_plan(packed: dict[str, Any]) -> Plan:
    """The plan that `dataclasses.asdict` and JSON made of one."""
    panels = tuple(Panel(**{**one, "counts": tuple(one["counts"])}) for one in packed["panels"])
    queue, feeds = (
        Table(**{**packed[name], "rows": tuple(Row(**row) for row in packed[name]["rows"])})
        for name in ("queue", "feeds")
    )
    days, months = tuple(packed["days"]), tuple(packed["months"])
    return Plan(**{**packed, "days": days, "months": months, "panels": panels, "queue": queue, "feeds": feeds})


@dataclass(slots=True)
class Pen:
    """Where one is on the paper, in pixels from its top left corner; `y` goes down. Without paper it only measures."""

    figure: "Figure | None"
    height: int
    y: float = EDGE

    def write(self, words: str, x: float, size: int, **look: Any) -> None:
        """Letters whose middle is at `y`."""
        look = {"color": INK, "va": "center", "size": size * 72 / DPI, "parse_math": False, **look}
        if self.figure:
            self.figure.text(x / WIDTH, 1 - self.y / self.height, words, **look)

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rectangle whose upper left corner is at `x`, `y`."""
        from matplotlib.patches import Rectangle

        corner = (x / WIDTH, 1 - (y + height) / self.height)
        if self.figure:
            box = Rectangle(corner, width / WIDTH, height / self.height, facecolor=colour, linewidth=0)
            self.figure.add_artist(box)


def draw_plan(plan: Plan) -> bytes:
    """The picture, as high as what it holds."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    measure = Pen(None, 1)
    _draw(measure, plan)
    height = round(measure.y) + EDGE
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
    _draw(Pen(figure, height), plan)
    png = BytesIO()
    FigureCanvasAgg(figure)  # the figure keeps it: no window, no other backend
    figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _draw(pen: Pen, plan: Plan) -> None:
    pen.y += 12
    pen.write(plan.title, EDGE, TITLE, weight="bold")
    pen.y += 50
    pen.write(plan.subtitle, EDGE, SMALL, color=SOFT)
    _head(pen, plan.heading, "")
    for panel in plan.panels:
        _panel(pen, plan, panel)
    if plan.others:
        pen.y += 10
        pen.write(plan.others, EDGE, SMALL, color=SOFT)
        pen.y += 20
    for table in (plan.feeds, plan.queue):
        _table(pen, table)


def _head(pen: Pen, title: str, summary: str) -> None:
    """A line across, and under it what follows."""
    pen.y += 40
    pen.bar(EDGE, pen.y, INSIDE, 2, LINE)
    pen.y += 46
    pen.write(title, EDGE, HEADING, weight="bold")
    if summary:
        pen.write(summary, WIDTH - EDGE, SMALL, ha="right", color=SOFT)
    pen.y += 34


def _panel(pen: Pen, plan: Plan, panel: Panel) -> None:
    """A topic: its name and total, its bars with their numbers, the days under them."""
    top = pen.y
    pen.y = top + 28
    pen.bar(EDGE, pen.y - 13, 26, 26, panel.colour)
    pen.write(panel.name, EDGE + 40, NAME, weight="bold")
    pen.write(panel.total, WIDTH - EDGE, NAME, ha="right")
    ground = top + 86 + BARS
    step = INSIDE / len(panel.counts)
    for at, (count, day, month) in enumerate(zip(panel.counts, plan.days, plan.months, strict=True)):
        left, middle = EDGE + at * step, EDGE + (at + 0.5) * step
        height = max(4.0, BARS * count / plan.most) if count else 0.0
        pen.bar(left + step * 0.14, ground - height, step * 0.72, height, panel.colour)
        if count:
            pen.y = ground - height - 16
            pen.write(str(count), middle, TINY, ha="center")
        pen.y = ground + 22
        pen.write(day, middle, TINY, ha="center", color=SOFT)
        pen.y = ground + 50
        pen.write(month, left + step * 0.14, TINY, color=SOFT)
    pen.bar(EDGE, ground, INSIDE, 2, LINE)
    pen.y = top + PANEL + 14


def _table(pen: Pen, table: Table) -> None:
    """Rows of a name and a number over a bar; one scale a table."""
    _head(pen, table.title, table.summary)
    most = max((row.count for row in table.rows), default=0)
    for row in table.rows:
        pen.y += 24
        pen.write(row.name, EDGE, SMALL)
        pen.write(row.said, WIDTH - EDGE, SMALL, ha="right", weight="bold")
        pen.bar(EDGE, pen.y + 22, INSIDE, TRACK, EMPTY)
        pen.bar(EDGE, pen.y + 22, max(6.0, INSIDE * row.count / most) if row.count else 0, TRACK, table.colour)
        if row.remark:
            pen.y += 58
            pen.write(row.remark, EDGE, TINY, color=SOFT)
            pen.y += REMARK - 58
        pen.y += ROW - 24
    if table.note:
        pen.y += 16
        pen.write(table.note, EDGE, SMALL, color=SOFT)
        pen.y += 16


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
