"""What the packages stand on: settings readers, databases, keys, the clock, the queue's JSON, the three stores."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from huey.registry import Message
from huey.utils import Error
from hypothesis import given
from hypothesis import strategies as st

from callroom.kit import clock, env, keyring
from callroom.kit.database import ALIASES, databases
from callroom.kit.env import BadSetting
from callroom.kit.jobs import JSONSerializer
from callroom.kit.stores import Router, store_of
from callroom.people.models import Person
from callroom.pulse.models import Issued, SealedAnswer


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("true", True), ("0", False), ("FALSE", False), ("", True)])
def test_a_yes_or_no_is_read_as_it_is_meant(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("CALLROOM_X", value)

    assert env.flag("CALLROOM_X", default=True) is meant


def test_a_setting_that_cannot_be_meant_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLROOM_X", "maybe")

    with pytest.raises(BadSetting, match="CALLROOM_X is 'maybe'; write true or false"):
        env.flag("CALLROOM_X")
    with pytest.raises(BadSetting, match="write a whole number"):
        env.number("CALLROOM_X", 4)


def test_what_is_not_set_has_its_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CALLROOM_X", raising=False)

    assert env.flag("CALLROOM_X") is False
    assert env.number("CALLROOM_X", 4) == 4
    assert env.path("CALLROOM_X", tmp_path) == tmp_path
    assert env.words("CALLROOM_X", "a, b,,c ") == ["a", "b", "c"]


def test_without_an_address_there_are_three_files(tmp_path: Path) -> None:
    made = databases("", tmp_path)

    assert tuple(made) == ALIASES
    assert len({database["NAME"] for database in made.values()}) == 3
    assert all("synchronous=FULL" in database["OPTIONS"]["init_command"] for database in made.values())
    assert all("secure_delete=ON" in database["OPTIONS"]["init_command"] for database in made.values())


def test_one_address_names_three_databases(tmp_path: Path) -> None:
    made = databases("postgres://calla:s%40y@db.example:5433/callroom?sslmode=verify-full", tmp_path)

    assert [made[alias]["NAME"] for alias in ALIASES] == ["callroom", "callroom_issuing", "callroom_sealed"]
    assert all(database["OPTIONS"] == {"sslmode": "verify-full"} for database in made.values())
    assert (made["default"]["USER"], made["default"]["PASSWORD"]) == ("calla", "s@y")
    assert (made["default"]["HOST"], made["default"]["PORT"]) == ("db.example", "5433")


def test_sealed_answers_may_lie_on_another_cluster(tmp_path: Path) -> None:
    made = databases("postgres://calla@db.example/callroom", tmp_path, sealed="postgres://calla@apart.example/answers")

    assert [made[alias]["HOST"] for alias in ALIASES] == ["db.example", "db.example", "apart.example"]
    assert made["sealed"]["NAME"] == "answers"


def test_a_second_address_without_the_first_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="CALLROOM_DATABASE_URL is empty"):
        databases("", tmp_path, sealed="postgres://calla@apart.example/answers")


def test_a_bad_address_does_not_repeat_its_password(tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as refused:
        databases("postgres://calla:secret@db.example/callroom?issuing=a", tmp_path)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["mysql://x/y", "postgres://host", "callroom", "postgres://host/"])
def test_another_kind_of_database_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="must look like postgres://"):
        databases(address, tmp_path)


def test_keys_are_drawn_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    with override_settings(KEYS_DIR=tmp_path / "keys"):
        first, again = keyring.institution_secret("audit.key"), keyring.institution_secret("audit.key")
        file = keyring.institution_folder() / "audit.key"

        assert first == again
        assert len(first) == 32
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(file.parent.iterdir()) == [file]


def test_the_folder_of_the_waves_keys_is_told_from_the_empty_place_for_it(tmp_path: Path) -> None:
    with override_settings(KEYS_DIR=tmp_path / "keys"):
        with pytest.raises(keyring.NotMounted):
            keyring.require_waves_folder()
        assert not keyring.waves_folder().exists(), "looking makes nothing"

        keyring.make_waves_folder()
        keyring.make_waves_folder()
        keyring.require_waves_folder()
        assert stat.S_IMODE(keyring.waves_folder().stat().st_mode) == 0o700

        keyring.waves_folder().rename(tmp_path / "not-mounted")
        keyring.waves_folder().mkdir()
        with pytest.raises(keyring.NotMounted):
            keyring.require_waves_folder()


def test_of_many_processes_that_draw_a_key_one_wins(tmp_path: Path) -> None:
    with override_settings(KEYS_DIR=tmp_path / "keys"):
        keyring.institution_folder()
        seen: list[bytes] = []
        draw = threading.Barrier(8)

        def take() -> None:
            draw.wait()
            seen.append(keyring.institution_secret("application-secret"))

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(set(seen)) == 1


def test_the_clock_moves_in_the_demo_only(tmp_path: Path) -> None:
    monday = datetime(2031, 3, 3, 8, tzinfo=UTC)
    with override_settings(DEMO=True, DATA_DIR=tmp_path):
        clock.move_to(monday)
        assert timedelta(0) <= clock.now() - monday < timedelta(seconds=30)
    with override_settings(DEMO=False, DATA_DIR=tmp_path):
        assert clock.offset() == timedelta(0)
        with pytest.raises(clock.NotInTheDemo):
            clock.move_to(monday)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    | st.datetimes(timezones=st.just(UTC)) | st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner)
    | st.dictionaries(st.text().filter(lambda key: not key.startswith("~")), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values)
def test_the_queue_gives_back_what_was_put_in(value: Any) -> None:
    serializer = JSONSerializer()

    back = serializer.deserialize(serializer.serialize(value))

    assert (
        back == pytest.approx(value, abs=timedelta(microseconds=1)) if isinstance(value, timedelta) else back == value
    )
    assert type(back) is type(value)


def test_the_queue_carries_tasks_and_errors() -> None:
    serializer = JSONSerializer()
    message = Message("id", "tick", None, 0, 0, 0, (1, "a"), {"b": None}, None, None, None, None, None)

    assert serializer.deserialize(serializer.serialize(message)) == message
    error = serializer.deserialize(serializer.serialize(Error({"error": "WaveClosed()"})))
    assert isinstance(error, Error)
    assert error.metadata == {"error": "WaveClosed()"}


@pytest.mark.parametrize("value", [object(), b"bytes", {"~m": []}, {1: 2}, float("nan")])
def test_what_could_run_or_lie_is_not_queued(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        JSONSerializer().serialize(value)


def test_models_go_to_their_store_and_never_meet() -> None:
    router = Router()

    assert [store_of(model) for model in (Person, Issued, SealedAnswer)] == ["default", "issuing", "sealed"]
    assert router.db_for_write(Issued) == "issuing"
    assert router.db_for_read(SealedAnswer) == "sealed"
    assert not router.allow_relation(Person(), Issued())
    assert router.allow_relation(Person(), Person())


@pytest.mark.parametrize(
    ("database", "app", "model", "hints", "allowed"),
    [
        ("default", "people", "person", {}, True),
        ("issuing", "people", "person", {}, False),
        ("issuing", "pulse", "issued", {}, True),
        ("default", "pulse", "issued", {}, False),
        ("default", "audit", None, {}, True),
        ("sealed", "audit", None, {}, False),
        ("sealed", "pulse", None, {"store": "sealed"}, True),
        ("default", "pulse", None, {"store": "sealed"}, False),
        ("default", "pulse", "a-model-of-long-ago", {}, True),
        ("sealed", "pulse", "a-model-of-long-ago", {}, False),
    ],
)
def test_tables_are_made_where_they_belong(
    database: str, app: str, model: str | None, hints: dict[str, str], allowed: bool
) -> None:
    assert Router().allow_migrate(database, app, model, **hints) is allowed
