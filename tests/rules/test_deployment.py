"""The files for a server keep the promises that the code cannot: no log of visits, no core file, keys on their own volume."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from callroom.site.reference import SETTINGS
from tests.rules.house import ROOT

DEPLOY = ROOT / "deploy"


def text_of(name: str) -> str:
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("#"))


def test_no_proxy_keeps_a_log_of_visits() -> None:
    nginx = text_of("nginx.conf")
    assert {line.strip() for line in nginx.splitlines() if "access_log" in line} == {"access_log off;"}
    assert nginx.count("access_log off;") == nginx.count("server {")
    assert not re.search(r"^\s*log\b", text_of("Caddyfile"), re.MULTILINE)


def test_no_proxy_passes_the_address_of_a_person_on() -> None:
    assert 'proxy_set_header X-Forwarded-For "";' in text_of("nginx.conf")
    assert "header_up -X-Forwarded-For" in text_of("Caddyfile")


def test_no_proxy_shows_the_metrics_outside() -> None:
    assert re.search(r"location = /metrics \{ return 404; \}", text_of("nginx.conf"))
    assert "respond @metrics 404" in text_of("Caddyfile")


UNITS = ("callroom.service", "callroom-web.service", "callroom-tally.service")


@pytest.mark.parametrize("name", UNITS)
def test_a_service_leaves_no_core_file_and_waits_for_the_keys(name: str) -> None:
    unit = text_of(name)
    assert "LimitCORE=0" in unit
    assert "RequiresMountsFor=/srv/callroom/keys/waves" in unit
    assert f"User={name.removesuffix('.service')}\n" in unit


def test_web_and_tally_are_two_users_of_one_group_and_harden_alike() -> None:
    web, tally = (set(text_of(f"callroom-{part}.service").splitlines()) for part in ("web", "tally"))
    assert "Group=callroom" in web & tally
    assert {
        "ReadWritePaths=/srv/callroom/data /srv/callroom/keys/waves",
        "InaccessiblePaths=-/srv/callroom/backups",
    } < web
    one = set(text_of("callroom.service").splitlines())
    hardened = {
        line for line in one if line.startswith(("Protect", "Restrict", "Private", "NoNew", "Lock", "Capability"))
    }
    assert len(hardened) > 12
    assert hardened <= web & tally


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed (apt-get install systemd)"
)
def test_systemd_understands_its_files(tmp_path: Path) -> None:
    for name in (*UNITS, "callroom.target"):
        unit = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", (DEPLOY / name).read_text(), flags=re.MULTILINE)
        (tmp_path / name).write_text(unit)

    ran = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in (*UNITS, "callroom.target"))],
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}, capture_output=True, text=True,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")


def test_every_variable_of_the_files_is_a_setting() -> None:
    named = {name for file in DEPLOY.iterdir() for name in re.findall(r"\bCALLROOM_[A-Z_]+", file.read_text())}

    assert named
    assert named <= set(SETTINGS)


def test_the_container_keeps_the_waves_keys_apart() -> None:
    compose = text_of("compose.yaml")
    assert "wave-keys:/srv/callroom/keys/waves" in compose
    assert "read_only: true" in compose


def test_the_web_container_gets_no_backups_and_changes_no_key_of_the_institution() -> None:
    tally, web = text_of("compose.yaml").split("\nvolumes:\n")[0].split("  web:\n")
    assert "user: callroom-web:callroom" in web
    assert "user: callroom-tally:callroom" in tally
    assert "institution-keys:/srv/callroom/keys/institution:ro" in web
    assert "backups" in tally
    assert "backups:" not in web


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (apt-get install nginx-light)")
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx.conf").read_text()
    site = site.replace("/etc/ssl/callroom/fullchain.pem", str(tmp_path / "cert.pem"))
    site = site.replace("/etc/ssl/callroom/privkey.pem", str(tmp_path / "key.pem"))
    site = site.replace("/var/log/nginx/callroom-error.log", str(tmp_path / "error.log"))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n")

    ran = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
