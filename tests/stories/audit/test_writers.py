"""Two writers at once never take the same place in the chain."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from callroom.audit import actions, queries
from callroom.audit.models import AuditRow
from callroom.audit.states import Tag

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_writers_beside_each_other_make_one_chain() -> None:
    failures: list[Exception] = []

    def write() -> None:
        try:
            for _row in range(10):
                with transaction.atomic():
                    actions.record(by=None, tag=Tag.WEEK_SKIPPED, about="2026-12-21", now=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert AuditRow.objects.count() == 40
    assert queries.verify().fault is None
