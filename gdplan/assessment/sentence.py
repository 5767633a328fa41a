"""A judgement in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdplan.assessment.kinds.questions import questions
from gdplan.model import Verdict

if TYPE_CHECKING:
    from gdplan.assessment.judgement import Judgement
    from gdplan.page.language import Language


def sentence(one: Judgement, base_year: int, say: Language) -> str:
    """One indicator in one sentence, wholly from its judgement."""
    words = say.words
    if one.verdict is Verdict.NOT_ASSESSABLE:
        return say("sentence.unknown", name=one.name, verdict=words.verdict_word(one.verdict),
                   reason=words.reason_text(one))  # fmt: skip
    body = questions(one.kind).sentence(one, base_year, say)
    return say("sentence.whole", name=one.name, body=body, verdict=words.verdict_text(one))
