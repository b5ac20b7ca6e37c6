import asyncio
import json
import os
import re
import sys
from pathlib import Path

from ruamel.yaml import YAML

from bot.ops.web import address_of, serve_web
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SERVICE = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]["guetteur"]


def test_everything_that_is_copied_into_the_image_exists_and_is_let_in():
    let_in = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    copied = {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_installs_nothing_but_the_hashed_lock_and_runs_as_nobody_in_particular():
    assert re.findall(r"pip install (.+?)(?: \\)?$", DOCKERFILE, re.MULTILINE) == [
        "--require-hashes --requirement ${LOCK}",
        "--no-deps --no-build-isolation --editable .",
    ]
    assert re.findall(r"^ARG (.+)$", DOCKERFILE, re.MULTILINE) == ["LOCK=requirements.lock"]
    assert re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE) == ["10001"]


def test_the_container_has_a_read_only_root_and_no_rights():
    assert SERVICE["read_only"] is True
    assert SERVICE["tmpfs"] == ["/tmp"]
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert "./config:/app/config:ro" in SERVICE["volumes"]


def test_the_port_is_open_to_this_machine_alone_and_is_the_one_the_bot_listens_on():
    _, port = address_of(SERVICE["environment"]["GUETTEUR_HTTP_LISTEN"])
    assert SERVICE["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"EXPOSE {port}" in DOCKERFILE


def test_the_bot_has_longer_to_stop_than_it_takes_to_drain():
    from bot.app import DRAIN_SECONDS

    assert int(SERVICE["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS


async def test_the_health_check_asks_the_bot_itself_and_believes_its_no():
    words = json.loads(re.search(r"HEALTHCHECK .*? CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)[1])

    async def health(*, database_answers):
        async def database():
            return database_answers

        async with serve_web("127.0.0.1:0", database) as url:
            listen = {"GUETTEUR_HTTP_LISTEN": url.removeprefix("http://")}
            asked = await asyncio.create_subprocess_exec(
                sys.executable, *words[1:], env={**os.environ, **listen}, stderr=asyncio.subprocess.DEVNULL
            )
            return await asked.wait()

    assert words[0] == "python"
    assert await health(database_answers=True) == 0
    assert await health(database_answers=False) == 1


def test_the_service_names_real_settings_drains_and_has_no_rights():
    unit = (ROOT / "deploy" / "guetteur.service").read_text("utf-8")
    named = {
        name.removesuffix("_FILE").lower() for name in re.findall(r"^Environment=GUETTEUR_(\w+)=", unit, re.MULTILINE)
    }
    assert named == {"bot_token", "config_dir", "database_url", "log"}
    assert named <= set(Settings.model_fields)
    said = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert int(said["TimeoutStopSec"]) > 10  # the drain
    assert said["CapabilityBoundingSet"] == ""
    assert (said["DynamicUser"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("yes", "yes", "strict")
