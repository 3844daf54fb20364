"""Answer sets shared by forms of one family. Never share one across families: the words differ between forms."""

from types import MappingProxyType
from typing import Final

from callroom.core.instruments.definitions import AnswerSet

# The form's own four answers. For the GAD-7 too the first is "Not at all": many papers print "Not at all sure", which
# is a known error (Zorowitz et al. 2021).
PHQ_FREQUENCY: Final = AnswerSet(
    id="phq-frequency",
    values=(0, 1, 2, 3),
    labels=MappingProxyType({"en": ("Not at all", "Several days", "More than half the days", "Nearly every day")}),
)
