"""What every definition must say, and what each may not."""

from fractions import Fraction

import pytest

from callroom.core.instruments import reference, registry
from callroom.core.instruments.definitions import Direction, Instrument, Method, Tier
from callroom.core.instruments.scoring import score_answers

INSTRUMENTS = registry.all_instruments()
each_instrument = pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda instrument: instrument.id)


def steps(instrument: Instrument) -> list[Fraction]:
    """Return a fine ladder of scores from one end of the scale to the other."""
    if instrument.method is Method.SUM:
        return [Fraction(score) for score in range(int(instrument.lowest()), int(instrument.highest()) + 1)]
    return [Fraction(step, 28) for step in range(2801)]


@each_instrument
def test_every_score_is_in_exactly_one_band(instrument: Instrument) -> None:
    for score in steps(instrument):
        assert [band.holds(score) for band in instrument.bands].count(True) == 1


@each_instrument
def test_there_is_no_band_outside_the_scale(instrument: Instrument) -> None:
    for score in (instrument.lowest() - 1, instrument.highest() + 1):
        with pytest.raises(ValueError, match="outside the scale"):
            instrument.band_of(score)


@each_instrument
def test_every_claim_names_its_source(instrument: Instrument) -> None:
    sources = [instrument.bands_source, instrument.missing.source, instrument.licence, instrument.reference]
    sources += [cut_off.source for cut_off in instrument.cut_offs]
    sources += [wording.source for wording in instrument.wordings]

    assert all(len(source) > 5 for source in sources)


@each_instrument
def test_words_ship_only_where_the_definition_says_so(instrument: Instrument) -> None:
    assert {wording.language for wording in instrument.wordings} == {"en", "es"}
    for item in instrument.items:
        assert set(item.texts) == set(instrument.languages)
        assert set(item.answers.labels) == set(instrument.languages)
        assert all(len(labels) == len(item.answers.values) for labels in item.answers.labels.values())
    if instrument.licence_tier is Tier.SCORING_ONLY:
        assert instrument.languages == ()


@each_instrument
def test_a_language_without_wording_says_why(instrument: Instrument) -> None:
    assert all(wording.note for wording in instrument.wordings if not wording.shipped)


@each_instrument
def test_names_and_bands_are_in_both_languages(instrument: Instrument) -> None:
    assert set(instrument.name) == {"en", "es"}
    assert all(set(band.label) == {"en", "es"} for band in instrument.bands)
    assert len({band.code for band in instrument.bands}) == len(instrument.bands)


def test_no_band_or_meaning_promises_that_there_is_no_risk() -> None:
    for instrument in INSTRUMENTS:
        texts = [band.label["en"] for band in instrument.bands] + [cut_off.meaning for cut_off in instrument.cut_offs]
        assert not any("no risk" in text or "safe" in text for text in texts)


def test_the_first_answer_of_the_gad_7_is_not_at_all() -> None:
    labels = registry.get("gad-7").items[0].answers.labels["en"]

    assert labels[0] == "Not at all"
    assert not any("sure" in label for label in labels)


def test_shorter_forms_are_the_first_items_of_the_longer() -> None:
    phq_9, gad_7 = registry.get("phq-9").items, registry.get("gad-7").items

    assert registry.get("phq-8").items == phq_9[:8]
    assert registry.get("phq-2").items == phq_9[:2]
    assert registry.get("gad-2").items == gad_7[:2]
    assert registry.get("phq-4").items == (*gad_7[:2], *phq_9[:2])


def test_only_the_form_with_the_question_on_self_harm_has_a_safety_item() -> None:
    assert [known.id for known in INSTRUMENTS if known.safety_item] == ["phq-9"]
    assert registry.get("phq-9").safety_item == registry.get("phq-9").items[8].id


@pytest.mark.parametrize("name", ["phq-9", "PHQ-9", "phq9", "PHQ_9", " Phq 9 "])
def test_an_instrument_is_found_however_its_name_is_typed(name: str) -> None:
    assert registry.get(name).id == "phq-9"


@pytest.mark.parametrize("name", ["", "phq", "mbi", "phq-99"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(registry.UnknownInstrument):
        registry.get(name)


@each_instrument
def test_the_worst_answers_give_the_worst_score(instrument: Instrument) -> None:
    worst = [item.answers.lowest() if item.reversed else item.answers.highest() for item in instrument.items]
    expected = instrument.highest() if instrument.direction is Direction.HIGHER_IS_WORSE else instrument.lowest()

    assert score_answers(instrument, worst) == expected


def test_the_reference_page_says_that_spanish_is_scoring_only() -> None:
    page = reference.page()

    assert page.count("Wording in es does not ship") == len(INSTRUMENTS)
    assert all(f"## {known.id}:" in page for known in INSTRUMENTS)


def test_the_whole_copenhagen_inventory_is_three_scales_without_a_total() -> None:
    scales = [registry.get(f"cbi-{scale}") for scale in ("personal", "work", "client")]

    assert [len(scale.items) for scale in scales] == [6, 7, 6]
    assert [scale.missing.answered_at_least for scale in scales] == [3, 4, 3]
    assert {scale.direction for scale in scales} == {Direction.HIGHER_IS_WORSE}
    assert [scale.languages for scale in scales] == [(), ("en",), ()]
    assert score_answers(scales[0], [100, 75, 50, None, None, None]) == 75
    assert score_answers(scales[2], [100, 75, None, None, None, None]) is None


def test_a_benchmark_never_stands_without_what_was_counted_and_in_which_direction() -> None:
    known = registry.get("cbi-work-gmc").benchmarks

    assert {(each.year, each.percent) for each in known if "moderate or high" in each.counted["en"]} == {
        (2020, 43),
        (2021, 56),
        (2022, 63),
        (2024, 63),
    }
    assert {(each.year, each.percent) for each in known if "at high risk" in each.counted["en"]} == {
        (2018, 10),
        (2022, 19),
        (2024, 21),
    }
    for each in known:
        assert set(each.counted) == set(each.population) == {"en", "es"}
        assert "where 100 is worst" in each.counted["en"]
        assert each.source
    assert "21 %, the share of people at high risk: 25 or less on the GMC's scale" in reference.page()
