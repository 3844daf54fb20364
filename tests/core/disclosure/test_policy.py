"""Bands, and what no policy may say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical
from callroom.core.disclosure.policy import DEFAULT_POLICY, BadPolicy, Band, Policy

BANDS = (Band(8, 11), Band(12, 15), Band(16, 23), Band(24, None))


@pytest.mark.parametrize(
    ("count", "eligible", "band"),
    [
        (7, 40, None),
        (8, 40, Band(8, 11)),
        (11, 40, Band(8, 11)),
        (12, 40, Band(12, 15)),
        (16, 40, Band(16, 23)),
        (24, 40, Band(24, None)),
        (40, 40, Band(24, None)),
        (12, 15, Band(12, 15)),  # 12 is not above 15 - 3
        (12, 14, Band(8, 11)),  # "12 to 14 of 14" would name everyone
        (14, 14, Band(8, 11)),
        (16, 18, Band(12, 15)),
        (16, 19, Band(16, 19)),  # no upper end above the eligible people
        (24, 26, Band(16, 23)),
        (24, 27, Band(24, None)),
        (11, 11, Band(8, 11)),
        (8, 11, Band(8, 11)),
        (10, 10, None),  # "8 to 10 of 10": there is no lower band
        (8, 8, None),
        (13, 11, Band(8, 11)),  # people who left after the key sheet still answer
    ],
)
def test_bands(count, eligible, band):
    assert DEFAULT_POLICY.band_for(count, eligible=eligible) == band


@given(count=st.integers(0, 80), eligible=st.integers(0, 80))
def test_a_band_never_names_everyone_and_never_shows_few(count, eligible):
    band = DEFAULT_POLICY.band_for(count, eligible=eligible)

    if count < 8 or eligible < 11:
        assert band is None
    else:
        assert band is not None
        assert 8 <= band.low <= eligible - 3
        assert band.low <= count
        assert band.high is None or band.low <= band.high <= eligible


def test_the_noise_is_of_the_range_of_an_answer():
    assert DEFAULT_POLICY.noise_scale(4) == 112  # 1.12 steps on five options
    assert DEFAULT_POLICY.noise_scale(10) == 280  # 2.8 on eleven points
    assert DEFAULT_POLICY.noise_points() * 10 == 28


def test_a_policy_survives_the_wave_sheet():
    data = canonical.encode(DEFAULT_POLICY.to_payload())

    assert Policy.from_payload(canonical.decode(data)) == DEFAULT_POLICY
    assert json.loads(data) == {
        "version": 1,
        "minimum": 8,
        "noise_scale_percent": 28,
        "bands": [[8, 11], [12, 15], [16, 23], [24, None]],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"minimum": 7},
        {"noise_scale_percent": 0},
        {"bands": ()},
        {"bands": (Band(9, 11), *BANDS[1:])},
        {"bands": BANDS[:3]},
        {"bands": (Band(8, 10), *BANDS[1:])},
        {"bands": (Band(8, 11), Band(12, 11), Band(12, None))},
        {"bands": (Band(8, None), Band(12, None))},
    ],
)
def test_a_policy_that_cannot_keep_the_promise_is_refused(change):
    parts = {"version": 1, "minimum": 8, "noise_scale_percent": 28, "bands": BANDS}

    with pytest.raises(BadPolicy):
        Policy(**{**parts, **change})


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {**DEFAULT_POLICY.to_payload(), "extra": 1},
        {**DEFAULT_POLICY.to_payload(), "minimum": True},
        {**DEFAULT_POLICY.to_payload(), "bands": "8"},
        {**DEFAULT_POLICY.to_payload(), "bands": [[8]]},
        {**DEFAULT_POLICY.to_payload(), "bands": [["8", None]]},
    ],
)
def test_a_malformed_policy_is_refused(payload):
    with pytest.raises(BadPolicy):
        Policy.from_payload(payload)
