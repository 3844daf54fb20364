"""The quarterly scale in a check-in: the same step from the same answers, here and in the browser."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.anonymity import examples

from callroom.core.anonymity import sealing
from callroom.core.anonymity.sheets import SheetError, SheetItem, WaveSheet
from callroom.core.instruments import scale, weekly
from callroom.core.instruments.scoring import score_answers

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "scale.json").read_text())
POINTS = (100, 75, 50, 25, 0)
ITEM = SheetItem(scale.SCALE.id, scale.OPTIONS)


def all_answers() -> st.SearchStrategy[tuple[int | None, ...]]:
    return st.tuples(*[st.one_of(st.sampled_from(POINTS), st.none())] * 7)


@pytest.mark.parametrize("case", VECTOR["cases"], ids=lambda case: str(case["answers"]))
def test_answers_give_the_step_of_the_vectors(case):
    answers = case["answers"]
    rungs = [None if each is None else scale.rung(*pair) for each, pair in zip(answers, pairs(answers), strict=True)]
    score = score_answers(scale.SCALE, answers)

    assert rungs == case["rungs"]
    assert scale.step_of(answers) == case["step"]
    assert score == (None if case["score"] is None else Fraction(*case["score"]))


def pairs(answers):
    return [(item, each) for item, each in zip(scale.SCALE.items, answers, strict=True)]


@given(all_answers())
def test_a_step_is_the_score_to_within_half_a_step(answers):
    step, score = scale.step_of(answers), score_answers(scale.SCALE, answers)

    assert (step is None) == (score is None) == (sum(each is not None for each in answers) < 4)
    if step is not None and score is not None:
        assert 0 <= step <= scale.STEPS
        assert abs(Fraction(step * 100, scale.STEPS) - score) <= Fraction(50, scale.STEPS)
        if None not in answers:
            assert Fraction(step * 100, scale.STEPS) == score


@given(all_answers())
def test_the_scale_read_from_the_other_end_gives_the_other_step(answers):
    turned = tuple(None if each is None else 100 - each for each in answers)
    step, other = scale.step_of(answers), scale.step_of(turned)

    assert (step is None) == (other is None)
    assert step is None or other is None or step + other == scale.STEPS


def test_one_step_is_sealed_in_as_many_bytes_as_any_answer_and_none_beyond():
    items = (*examples.ITEMS[:3], ITEM)
    plaintext = sealing.encode_answers({ITEM.id: scale.STEPS}, items)

    assert plaintext.hex() == VECTOR["plaintext"]
    assert len(plaintext) == sealing.PLAINTEXT_LENGTH
    assert sealing.decode_answers(plaintext, items).values == (None, None, None, scale.STEPS)
    assert (ITEM.values, examples.ITEMS[0].values) == (VECTOR["values"], 5) == (29, 5)
    with pytest.raises(sealing.MalformedAnswer):
        sealing.encode_answers({ITEM.id: scale.STEPS + 1}, items)


def test_a_sheet_names_the_scale_beside_the_core_and_never_in_it():
    with_scale = sheet(items=(*examples.ITEMS[:3], ITEM), wording=scale.wording())

    assert WaveSheet.from_bytes(with_scale.to_bytes()) == with_scale
    with pytest.raises(SheetError) as refused:
        sheet(items=(*examples.ITEMS[:3], ITEM), core=("workload", ITEM.id))
    assert refused.value.code == "core"


def sheet(**changes):
    plain = examples.wave_sheet()
    parts = {name: getattr(plain, name) for name in WaveSheet.__dataclass_fields__}
    return WaveSheet(**{**parts, **changes})


def test_what_older_pages_and_verifiers_read_of_such_a_sheet_has_not_changed():
    """They know at most 11 options and the wording by its name: the sheet is sound to them, and its questions unknown."""
    payload = sheet(items=(*examples.ITEMS[:3], ITEM), wording=scale.wording()).to_payload()

    assert payload.keys() == examples.wave_sheet().to_payload().keys()
    assert payload["items"][3] == {"id": "cbi-work", "options": 5}
    assert payload["wording"] == "2026-1+cbi-work-2005" != weekly.WORDING
    assert payload["clients"] == examples.wave_sheet().to_payload()["clients"]
