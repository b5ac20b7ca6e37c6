"""What a newcomer sees first: `guetteur demo`, offline, without a token, ending by itself."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


async def test_the_demo_tells_the_morning_with_reasons_and_at_noon_only_what_is_new():
    env = {name: value for name, value in os.environ.items() if not name.startswith("GUETTEUR_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", cwd=ROOT, env=env | {"COLUMNS": "100"}, stdout=asyncio.subprocess.PIPE
    )
    shown, _ = await asyncio.wait_for(process.communicate(), 120)
    text = shown.decode().replace("\u00a0", " ")
    assert process.returncode == 0
    _, _, _, morning, noon, _ = text.split("── ")
    assert "643 000 $" in morning
    assert "pour un seuil de 1" in morning
    assert "cols bleus" in noon
    assert noon.count("pour un seuil de 1") <= 3
    assert noon.count("╭─ Guetteur") == 1
