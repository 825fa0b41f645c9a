"""Civil days and moments: what a source can write, what it means in Paris, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger.days import FIRST_DAY, LAST_DAY, PARIS, Jours, Quand, paris_day

any_day = st.dates(FIRST_DAY, LAST_DAY)
any_moment = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31, 22), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    """The instant that ``text`` writes, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-08-01T22:00:30Z", date(2024, 8, 2)),  # summer: UTC+2
        ("2024-08-01T21:59:59Z", date(2024, 8, 1)),
        ("2024-12-31T23:00:00Z", date(2025, 1, 1)),  # winter: UTC+1
        ("2024-12-31T22:59:59.999999Z", date(2024, 12, 31)),
        ("2024-08-01T00:30:00+14:00", date(2024, 7, 31)),
        ("2024-08-01T12:00:00-12:00", date(2024, 8, 2)),
    ],
)
def test_the_legal_day_is_that_of_paris(instant: str, day: date) -> None:
    """An instant belongs to the civil day that Paris writes at that instant, wherever the source stands."""
    assert paris_day(utc(instant)) == day
    assert Quand.lire(instant).jours == Jours.le(day)


@pytest.mark.parametrize(
    ("text", "debut", "fin", "hours"),
    [
        ("2024-03-31", "2024-03-30T23:00:00Z", "2024-03-31T21:59:59.999999Z", 23),
        ("2024-10-27", "2024-10-26T22:00:00Z", "2024-10-27T22:59:59.999999Z", 25),
        ("2024-08-01", "2024-07-31T22:00:00Z", "2024-08-01T21:59:59.999999Z", 24),
    ],
)
def test_a_day_lasts_what_it_lasts_in_paris(text: str, debut: str, fin: str, hours: int) -> None:
    """The nights of the change of hour make days of 23 and 25 hours, still one civil day each."""
    moment = Quand.lire(text)
    assert (moment.debut, moment.fin) == (utc(debut), utc(fin))
    assert moment.fin - moment.debut == timedelta(hours=hours) - timedelta(microseconds=1)
    assert str(moment) == text


def test_an_hour_that_comes_twice_is_an_interval() -> None:
    """A local time of the autumn night without its offset means either of two instants, so it is the interval of both."""
    moment = Quand.lire("2024-10-27T02:30:00")
    assert (moment.debut, moment.fin) == (utc("2024-10-27T00:30:00Z"), utc("2024-10-27T01:30:00Z"))
    assert not moment.exact
    assert str(moment) == "2024-10-27T00:30:00Z/2024-10-27T01:30:00Z"
    assert Quand.lire("2024-10-27T02:30:00+01:00") == Quand.le(utc("2024-10-27T01:30:00Z"))


@pytest.mark.parametrize(
    "text", ["2024-10-27T01:59:59.999999", "2024-10-27T03:00:00", "2024-03-31T03:00", "2024-03-31T01:59"]
)
def test_the_hours_around_the_change_are_exact(text: str) -> None:
    """Just before and just after a change of hour a local time is one instant."""
    assert Quand.lire(text).exact


@pytest.mark.parametrize(
    "text", ["2024-03-31T02:00", "2024-03-31T02:30:00", "2024-03-31T02:59:59.999999", "2024-03-31/2024-03-31T02:15"]
)
def test_an_hour_that_does_not_exist_is_refused(text: str) -> None:
    """A local time that the spring night skips is refused, and the message says what to give instead."""
    with pytest.raises(ValueError, match=r"n'existe pas à Paris.*décalage"):
        Quand.lire(text)


@pytest.mark.parametrize(
    ("text", "premier", "dernier"),
    [
        ("2024-10-14", date(2024, 10, 14), date(2024, 10, 14)),
        ("2024-10", date(2024, 10, 1), date(2024, 10, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2100-02", date(2100, 2, 1), date(2100, 2, 28)),
        ("2024-10-01/2024-10-14", date(2024, 10, 1), date(2024, 10, 14)),
        ("2024-10/2024-12", date(2024, 10, 1), date(2024, 12, 31)),
        ("2023/2024-01-05", date(2023, 1, 1), date(2024, 1, 5)),
        ("2024-10-14/2024-10-14", date(2024, 10, 14), date(2024, 10, 14)),
        ("1900-01-01", FIRST_DAY, FIRST_DAY),
        ("2199-12-31", LAST_DAY, LAST_DAY),
        ("1900/2199", FIRST_DAY, LAST_DAY),
    ],
)
def test_dates_of_every_precision(text: str, premier: date, dernier: date) -> None:
    """A day, a month, a year or two of them give the closed interval of the days meant, as days and as a moment."""
    assert Jours.lire(text) == Jours(premier, dernier)
    assert Jours.lire(text).exact is (premier == dernier)
    assert Quand.lire(text).jours == Jours(premier, dernier)


@pytest.mark.parametrize(
    ("text", "debut", "fin"),
    [
        ("2025-07-01T08:14Z", "2025-07-01T08:14:00Z", "2025-07-01T08:14:00Z"),
        ("2025-07-01T08:14:00.5Z", "2025-07-01T08:14:00.5Z", "2025-07-01T08:14:00.5Z"),
        ("2025-07-01T10:14:00+02:00", "2025-07-01T08:14:00Z", "2025-07-01T08:14:00Z"),
        ("2025-07-01T10:14", "2025-07-01T08:14:00Z", "2025-07-01T08:14:00Z"),
        ("2025-07-01T08:14:00Z/2025-07-02", "2025-07-01T08:14:00Z", "2025-07-02T21:59:59.999999Z"),
        ("2025-06/2025-07-01T08:14:00Z", "2025-05-31T22:00:00Z", "2025-07-01T08:14:00Z"),
    ],
)
def test_moments_of_every_precision(text: str, debut: str, fin: str) -> None:
    """An instant with or without seconds, offset or end gives the interval that the source can vouch for."""
    assert Quand.lire(text) == Quand(utc(debut), utc(fin))


@given(any_day, any_day)
def test_days_round_trip(one: date, other: date) -> None:
    """Days that were written are read back equal, exact or not, as days and as a moment."""
    for days in (Jours.le(one), Jours(min(one, other), max(one, other))):
        assert Jours.lire(str(days)) == days
        moment = Quand.lire(str(days))
        assert moment.jours == days
        assert Quand.lire(str(moment)) == moment


@given(any_moment, any_moment)
def test_moments_round_trip(one: datetime, other: datetime) -> None:
    """Moments that were written are read back equal, instants and intervals alike."""
    for moment in (Quand.le(one), Quand(min(one, other), max(one, other))):
        assert Quand.lire(str(moment)) == moment


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31, 23, 59, 59)), st.none() | st.integers(-14 * 60, 14 * 60)
)
def test_whatever_is_read_is_written_readable(local: datetime, offset: int | None) -> None:
    """A moment that could be read has a written form that reads back equal, up to the edges of the calendar."""
    sign = "" if offset is None else f"{'+' if offset >= 0 else '-'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    try:
        moment = Quand.lire(f"{local.isoformat()}{sign}")
    except ValueError as error:
        assert "calendrier" in str(error) or "n'existe pas à Paris" in str(error)
        return
    assert Quand.lire(str(moment)) == moment
    assert FIRST_DAY <= moment.jours.premier <= moment.jours.dernier <= LAST_DAY


@given(any_moment)
def test_a_local_time_is_what_the_clock_of_paris_shows(moment: datetime) -> None:
    """The local time that Paris shows at an instant, given without offset, always means an interval that holds it."""
    shown = moment.astimezone(PARIS).replace(tzinfo=None)
    read = Quand.lire(shown.isoformat())
    assert read.debut <= moment <= read.fin


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31", "2200-01-01", "1899", "2200-01", "1899-12-31T12:00:00Z", "2200-01-01T00:00:00Z",
        "2199-12-31T23:00:00Z",  # already 2200 in Paris
        "1900-01-01T00:00:00+23:59",  # still 1899 in Paris
        "1900-01-01/2200-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0000-01-01", "0000",
    ],
)  # fmt: skip
def test_the_calendar_has_bounds(text: str) -> None:
    """A day out of the ledger's calendar is refused in French, never an overflow."""
    with pytest.raises(ValueError, match=r"calendrier|n'existe pas"):
        Quand.lire(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "/", "2024/", "/2024", "2024-10-14/", "2024/2025/2026", "14/10/2024", "2024-10-14 ", " 2024-10-14",
        "2024-10-14\n", "2024\n", "2024-10-14T08:00Z\n", "2024-1-4", "24-10-14", "2024-13", "2024-00", "2024-02-30",
        "2023-02-29", "2024-10-00", "20241014", "2024-W42", "2024-288", "2024-10-14T", "2024-10-14T24:00Z",
        "2024-10-14T23:60Z", "2024-10-14T23:59:60Z", "2024-10-14T08:00z", "2024-10-14t08:00Z", "2024-10-14 08:00Z",
        "2024-10-14T08:00:00,5Z", "2024-10-14T08:00:00.1234567Z", "2024-10-14T08:00+25:00", "2024-10-14T08:00+01:60",
        "2024-10-14T08:00+0100", "2024-10-14T08Z", "2024-10-14T08:00Z[Europe/Paris]", "+2024-10-14", "-2024",
        "\u0662\u0660\u0662\u0664-10-14", "２０２４-10-14", "2024‐10‐14", "2024-10-14\x00", "2024~", "2024?", "..", "../2024",
        "2024-10-14T08:00:00Z/2024-10-14T07:00:00Z", "2024-10-15/2024-10-14", "2025/2024", "9" * 100_000, "2024-" * 50_000,
        "\U0001f4c5",
    ],
    ids=lambda text: ascii(text[:40]),
)  # fmt: skip
def test_what_is_not_a_date_is_refused(text: str) -> None:
    """Anything else is refused with a short French sentence, and refused again at the second look."""
    for _ in range(2):
        for kind in (Jours, Quand):
            with pytest.raises(ValueError, match=r"illisible|n'existe pas|à l'envers") as caught:
                kind.lire(text)
            assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", ["2024-10-14T08:00:00Z", "2024-10-14T08:00", "2024-10-14/2024-10-15T08:00Z"])
def test_a_legal_date_is_a_day(text: str) -> None:
    """A legal date given as an instant is refused: which civil day it is, is for the source to say."""
    with pytest.raises(ValueError, match="illisible"):
        Jours.lire(text)


@given(st.text(max_size=40) | st.from_regex(r"[0-9TZ:./+\- ]{0,40}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, it is read, and then written readable, or refused as a value; nothing else happens."""
    for kind in (Jours, Quand):
        try:
            value = kind.lire(text)
        except ValueError:
            continue
        assert kind.lire(str(value)) == value


def test_in_models() -> None:
    """In a model they are texts: read in JSON and in Python, written as they are, described, anything else refused."""
    for kind, text in ((Jours, "2024-10"), (Quand, "2024-10-14T08:00:00Z")):
        adapter: TypeAdapter[Jours | Quand] = TypeAdapter(kind)
        assert adapter.validate_json(f'"{text}"') == adapter.validate_python(text) == kind.lire(text)
        assert adapter.dump_json(kind.lire(text)).decode().strip('"').startswith("2024-10")
        assert adapter.json_schema()["type"] == "string"
        for wrong in (20241014, None, ["2024"], date(2024, 10, 14)):
            with pytest.raises(ValidationError, match="attendu : un texte"):
                adapter.validate_python(wrong)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(2200, 1, 1), date(9999, 12, 31)])
def test_a_day_that_could_not_be_read_again_is_not_taken(day: date) -> None:
    """A value made by a program is held to the calendar too: what is recorded once must be readable for ever."""
    with pytest.raises(ValidationError, match="hors du calendrier"):
        TypeAdapter(Jours).validate_python(Jours.le(day))
    assert TypeAdapter(Jours).validate_python(Jours.le(date(2199, 12, 31))) == Jours.lire("2199-12-31")
