"""The name under which the worker looks for what it does by itself: see ``schedule``."""

from __future__ import annotations

from callroom.site.schedule import every_hour, every_minute, every_minute_after_waves, every_ten_minutes, run_errand

__all__ = ["every_hour", "every_minute", "every_minute_after_waves", "every_ten_minutes", "run_errand"]
