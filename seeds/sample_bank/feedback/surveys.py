"""Survey questions of the whole run and what customers answer."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import NEVER, Array, Month, day_of, months, number_of, working_day_until
from seeds.sample_bank.basics.randomness import pick, stream
from seeds.sample_bank.basics.rows import NOTHING
from seeds.sample_bank.basics.words import CRITICISM, FAREWELLS, NEUTRAL, PRAISE
from seeds.sample_bank.customers.catalogue import Branches
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.customers.stories import Stories

SURVEY_KINDS = ("periodic", "key_node")
METRICS = ("nps", "csat", "ces")
TOUCHPOINTS = ("relationship", "purchase", "usage", "after_sales")
MODES = ("questionnaire", "phone", "online")
COMMENTS = (*PRAISE, *NEUTRAL, *CRITICISM, *FAREWELLS)

_WAVE_MONTHS = (2, 5, 8, 11)
_PERIODIC_PER_WAVE = 2_400
_KEY_NODES_PER_MONTH = 500
_COMMENT_SHARE = 0.4


@dataclass
class Surveys:
    """One array element per question sent; codes are positions in the tuples above.

    ``wave`` is the day number of the first day of the quarter (periodic) or month (key node);
    ``score`` and ``comment`` are NOTHING and ``answered`` is NEVER where there is none; ``sent``
    and ``answered`` are days, the ``…_second`` columns seconds of the day.
    """

    customer: Array
    kind: Array
    wave: Array
    metric: Array
    sent: Array
    sent_second: Array
    answered: Array
    answered_second: Array
    score: Array
    touchpoint: Array
    mode: Array
    comment: Array


@dataclass
class _Mood:
    """Satisfaction of the bank's customers over time, on a 0 to 10 scale."""

    people: People
    branches: Branches
    stories: Stories
    first: int

    def at(self, customers: Array, days: Array, rng: np.random.Generator) -> Array:
        branch = self.people.branch[customers]
        latent = (
            7.9 + self.branches.quality[branch] + self.branches.drift[branch] * ((days - self.first) // 91)
        )
        latent = latent + self.people.mood[customers] + rng.normal(0, 0.9, len(customers))
        for name, loss in (("complaint_storm", 1.2), ("slow_response", 1.5)):
            for story in self.stories.named(name):
                hurt = (branch == story.subject) & (story.starts <= days) & (days <= story.ends + 30)
                latent = latent - loss * hurt
        return np.asarray(latent)


def surveys_of(arguments: Arguments, people: People, branches: Branches, stories: Stories) -> Surveys:
    """All questions of the run with their answers, by sending time."""
    mood = _Mood(people, branches, stories, number_of(arguments.first))
    last = number_of(arguments.last)
    parts = [_told_answers(stories, mood.first, stream(arguments.seed, "told answers"))]
    for month in months(arguments.first, arguments.last):
        rng = stream(arguments.seed, "surveys", month.index)
        if month.calendar.month in _WAVE_MONTHS and (nominal := month.on(8)) is not None:
            parts.append(_periodic(max(working_day_until(nominal), month.first), last, mood, rng))
        parts.append(_key_nodes(month, last, mood, rng))
    surveys = Surveys(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Surveys)
        }
    )
    order = np.lexsort((surveys.metric, surveys.customer, surveys.sent_second, surveys.sent))
    return Surveys(**{field.name: getattr(surveys, field.name)[order] for field in fields(Surveys)})


def _periodic(day: int, last: int, mood: _Mood, rng: np.random.Generator) -> Surveys:
    people = mood.people
    share = float(np.clip(_PERIODIC_PER_WAVE / len(people), 0.02, 0.35))
    draw = rng.random(len(people))
    asked = (draw < 1.6 * share) & people.is_acting(np.arange(len(people)), np.full(len(people), day))
    customers = np.flatnonzero(asked & _speaks_freely(people))
    metric = np.where(draw[customers] < share, METRICS.index("nps"), METRICS.index("csat"))
    touchpoint = np.zeros(len(customers), dtype=np.int8)
    sent = np.full(len(customers), day)
    wave = np.full(len(customers), _quarter(day))
    return _asked(customers, SURVEY_KINDS.index("periodic"), wave, metric, touchpoint, sent, last, mood, rng)


def _key_nodes(month: Month, last: int, mood: _Mood, rng: np.random.Generator) -> Surveys:
    people = mood.people
    share = float(np.clip(_KEY_NODES_PER_MONTH / len(people), 0.01, 0.12)) * month.days / 30.4
    sent = rng.integers(month.first, month.last + 1, len(people))
    asked = (rng.random(len(people)) < share) & people.is_acting(np.arange(len(people)), sent)
    customers = np.flatnonzero(asked & _speaks_freely(people))
    metric = np.where(rng.random(len(customers)) < 0.7, METRICS.index("csat"), METRICS.index("ces"))
    touchpoint = 1 + pick(rng, [0.3, 0.5, 0.2], len(customers))
    wave = np.full(len(customers), number_of(month.calendar.replace(day=1)))
    kind = SURVEY_KINDS.index("key_node")
    return _asked(customers, kind, wave, metric, touchpoint, sent[customers], last, mood, rng)


def _speaks_freely(people: People) -> Array:
    """Customers of a story say only what the story needs."""
    return np.asarray(people.story == 0)


def _asked(
    customers: Array,
    kind: int,
    wave: Array,
    metric: Array,
    touchpoint: Array,
    sent: Array,
    last: int,
    mood: _Mood,
    rng: np.random.Generator,
) -> Surveys:
    count = len(customers)
    second = rng.integers(32_400, 61_200, count)
    chance = np.where(mood.people.is_managed[customers], 0.42, 0.30)
    delay = np.minimum(rng.geometric(0.45, count) - 1, 6)
    answered = sent + delay
    answers = (rng.random(count) < chance) & (answered <= last) & mood.people.is_acting(customers, answered)
    latent = mood.at(customers, sent, rng)
    scale = np.select(
        [metric == METRICS.index("nps"), metric == METRICS.index("csat")],
        [np.clip(np.round(latent), 0, 10), np.clip(np.round(0.5 * latent + 0.2), 1, 5)],
        np.clip(np.round(0.7 * latent), 1, 7),
    )
    comment = np.select(
        [latent >= 8.2, latent >= 6.2],
        [rng.integers(0, len(PRAISE), count), len(PRAISE) + rng.integers(0, len(NEUTRAL), count)],
        len(PRAISE) + len(NEUTRAL) + rng.integers(0, len(CRITICISM), count),
    )
    speaks = answers & (rng.random(count) < _COMMENT_SHARE)
    return Surveys(
        customer=customers,
        kind=np.full(count, kind),
        wave=wave,
        metric=metric,
        sent=sent,
        sent_second=second,
        answered=np.where(answers, answered, NEVER),
        answered_second=np.where(
            delay > 0, rng.integers(28_000, 79_000, count), np.minimum(second + 900, 80_000)
        ),
        score=np.where(answers, scale, NOTHING).astype(np.int64),
        touchpoint=touchpoint,
        mode=pick(rng, [0.25, 0.2, 0.55], count),
        comment=np.where(speaks, comment, NOTHING),
    )


def _told_answers(stories: Stories, first: int, rng: np.random.Generator) -> Surveys:
    """The answers that the stories of falling satisfaction consist of."""
    decline, gone = stories.named("satisfaction_decline"), stories.named("detractor_then_gone")
    nps, csat = METRICS.index("nps"), METRICS.index("csat")
    told: list[tuple[int, int, int, int, int]] = []
    farewell = len(COMMENTS) - len(FAREWELLS)
    for story in decline:
        told.append((story.subject, csat, story.starts - int(rng.integers(93, 97)), 5, NOTHING))
        told.append((story.subject, csat, story.starts, int(rng.integers(2, 4)), NOTHING))
    for story in gone:
        told.append(
            (story.subject, nps, story.starts - int(rng.integers(115, 126)), int(rng.integers(9, 11)), 0)
        )
        comment = farewell + int(rng.integers(0, len(FAREWELLS)))
        told.append((story.subject, nps, story.starts - 14, int(rng.integers(0, 4)), comment))
    customer, metric, day, score, comment_code = np.array(told, dtype=np.int64).reshape(-1, 5).T
    count = len(customer)
    return Surveys(
        customer=customer,
        kind=np.zeros(count, dtype=np.int64),
        wave=np.array([_quarter(each) for each in day], dtype=np.int64),
        metric=metric,
        sent=np.maximum(day - 1, first),
        sent_second=np.full(count, 36_000),
        answered=day,
        answered_second=np.full(count, 50_000),
        score=score,
        touchpoint=np.zeros(count, dtype=np.int64),
        mode=np.full(count, MODES.index("online")),
        comment=comment_code,
    )


def _quarter(day: int) -> int:
    date = day_of(day)
    return number_of(date.replace(month=(date.month - 1) // 3 * 3 + 1, day=1))
