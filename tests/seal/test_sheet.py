"""Files that a person reads and a machine verifies: their words are a format, and what no longer is one is said."""

import pytest

from ledger.seal import sheet
from ledger.seal.note import NoteError

WRITTEN = (
    ("2026-01-01T11:30:00.000000Z", "jeudi 1er janvier 2026 à 12 h 30 min 00 s, heure de Paris (UTC+01:00)"),
    ("2026-02-02T11:30:00.000000Z", "lundi 2 février 2026 à 12 h 30 min 00 s, heure de Paris (UTC+01:00)"),
    ("2026-03-03T11:30:00.000000Z", "mardi 3 mars 2026 à 12 h 30 min 00 s, heure de Paris (UTC+01:00)"),
    ("2026-04-01T11:30:00.000000Z", "mercredi 1er avril 2026 à 13 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-05-08T11:30:00.000000Z", "vendredi 8 mai 2026 à 13 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-06-13T11:30:00.000000Z", "samedi 13 juin 2026 à 13 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-07-12T22:30:00.123456Z", "lundi 13 juillet 2026 à 00 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-08-30T11:30:00.000000Z", "dimanche 30 août 2026 à 13 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-09-10T11:30:00.000000Z", "jeudi 10 septembre 2026 à 13 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-10-25T00:30:00.000000Z", "dimanche 25 octobre 2026 à 02 h 30 min 00 s, heure de Paris (UTC+02:00)"),
    ("2026-11-27T07:10:52.123456Z", "vendredi 27 novembre 2026 à 08 h 10 min 52 s, heure de Paris (UTC+01:00)"),
    ("2026-12-31T23:00:00.000000Z", "vendredi 1er janvier 2027 à 00 h 00 min 00 s, heure de Paris (UTC+01:00)"),
    ("2026-12-31T22:59:59.000000Z", "jeudi 31 décembre 2026 à 23 h 59 min 59 s, heure de Paris (UTC+01:00)"),
)


@pytest.mark.parametrize(("instant", "written"), WRITTEN)
def test_an_instant_is_written_as_on_the_first_day(instant: str, written: str) -> None:
    """Every month, every day of the week, the first of a month and both hours of Paris are in the words of the format."""
    assert sheet.in_paris(instant) == written


@pytest.mark.parametrize("instant", ["2026-02-30T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "hier"])
def test_an_instant_that_never_was(instant: str) -> None:
    """What is no instant, or is past the last one, is refused by our error."""
    with pytest.raises(NoteError, match="n'existe pas"):
        sheet.in_paris(instant)


def test_a_file_that_another_program_wrote_again() -> None:
    """Line ends of another system are told from a file that was cut: the original is what is to be verified."""
    raw = sheet.write(["TITRE", ""], [sheet.Part("ligne", "{}\n")])
    assert sheet.read(raw) == [sheet.Part("ligne", "{}\n")]
    with pytest.raises(NoteError, match="vérifiez l'original"):
        sheet.read(raw.replace(b"\n", b"\r\n"))
    with pytest.raises(NoteError, match="coupé"):
        sheet.read(raw[:-1])
