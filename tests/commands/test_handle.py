"""The two doors of a real ledger: acts that are decided, and facts that are only read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from commands import handle as module
from commands.base import Acte, Refused
from commands.handle import ESSAIS, handle
from commands.record import record
from commands.situation import Situation, situation
from ledger.days import Quand
from ledger.entry import Entry
from ledger.errors import ConflictError, IdentityReusedError, UnreadableError
from ledger.events.cloture import DossierClosAutomatiquement
from ledger.events.depot import TentativeDepotEchouee
from ledger.events.personne import CompteCree
from ledger.events.types import CodeIncident, Flux
from ledger.interchange import write_line
from ledger.store import Ledger
from tests.commands.actes import CLOTURE, DEPOSEE, ILLISIBLE, NOW, REFUS, acte
from tests.faits import fait


def command(number: int) -> UUID:
    """The id of the ``number``-th command."""
    return UUID(int=number)


def test_act_is_recorded_with_its_warnings(ledger: Ledger) -> None:
    """An accepted act is in the person's life, with the warnings that its author was shown."""
    (written,) = handle(ledger, acte(DEPOSEE), NOW)
    (read,) = ledger.life("fictif-1")
    assert read.fait == written.fait
    assert [each.code for each in read.fait.avertissements] == ["titre_precedent_inconnu"]


def test_refused_act_leaves_nothing(ledger: Ledger) -> None:
    """A refused act writes no entry and makes no key for a person whom nobody knows."""
    with pytest.raises(Refused):
        handle(ledger, acte(REFUS, personne="inconnue-1"), NOW)
    assert ledger.life("inconnue-1") == ()
    with ledger.connection() as conn:
        assert ledger.coffre.find(conn, ["inconnue-1"]) == {}


def test_same_command_again_is_the_same_entry(ledger: Ledger) -> None:
    """A repeated command is not refused because it was carried out: it gives back what it wrote, later or not."""
    first = handle(ledger, acte(DEPOSEE), NOW)
    again = handle(ledger, acte(DEPOSEE), NOW + timedelta(days=3))
    assert [each.event_id for each in again] == [each.event_id for each in first]
    assert len(ledger.life("fictif-1")) == 1


def test_same_command_for_another_act_is_an_error(ledger: Ledger) -> None:
    """A command's id that comes back with another content is named as such, not carried out."""
    handle(ledger, acte(DEPOSEE), NOW)
    with pytest.raises(IdentityReusedError):
        handle(ledger, acte(CompteCree()), NOW)


def test_decisions_read_the_whole_life(ledger: Ledger) -> None:
    """Closing while another stream says that messages cannot be read keeps the warning with the act."""
    handle(ledger, acte(DEPOSEE, command_id=command(1)), NOW)
    handle(ledger, acte(ILLISIBLE, command_id=command(2)), NOW)
    (closed,) = handle(ledger, acte(CLOTURE, command_id=command(3)), NOW)
    assert "incident_cache_les_messages" in {each.code for each in closed.fait.avertissements}


def test_incident_of_nobody_is_read_when_a_fact_cites_it(ledger: Ledger) -> None:
    """An incident declared for all, named by one of the person's failures, counts when the dossier is closed."""
    ledger.append([fait(id="I", personne=None, objet="INC-1", evenement=ILLISIBLE)])
    ledger.append([fait(id="T", personne="fictif-1", evenement=TentativeDepotEchouee(incident="INC-1"))])
    handle(ledger, acte(DEPOSEE, command_id=command(1)), NOW)
    (closed,) = handle(ledger, acte(DossierClosAutomatiquement(), command_id=command(2)), NOW)
    said = {each.code: each.texte for each in closed.fait.avertissements}
    assert CodeIncident.MESSAGES_NOT_READABLE.value in said["incident_cache_les_messages"]


def test_act_on_an_incident_of_nobody(ledger: Ledger) -> None:
    """An incident that is nobody's is opened once: the second opening is refused."""
    handle(ledger, acte(ILLISIBLE, personne=None, command_id=command(1)), NOW)
    with pytest.raises(Refused, match="déjà ouvert"):
        handle(ledger, acte(ILLISIBLE, personne=None, command_id=command(2)), NOW)
    assert len(ledger.history(None, Flux.INCIDENT, "I-1").entries) == 1


def racing(times: int, write: Callable[[int], object]) -> Callable[..., Situation]:
    """``situation``, behind whose back another writer is quicker ``times`` times."""
    calls = iter(range(times))

    def raced(entries: tuple[Entry, ...], asked: Acte, now: datetime) -> Situation:
        known = situation(entries, asked, now)
        call = next(calls, None)
        if call is not None:
            write(call)
        return known

    return raced


def test_act_is_decided_again_when_the_dossier_moved(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two decisions taken on the same reading, the second is judged on what the first wrote: refused."""
    handle(ledger, acte(DEPOSEE, command_id=command(1)), NOW)

    def other(_call: int) -> None:
        refusal = REFUS.model_copy(update={"decide_le": DEPOSEE.deposee_le})
        ledger.append([fait(id="autre", personne="fictif-1", objet="D-1", survenu="2025-12-01", evenement=refusal)])

    monkeypatch.setattr(module, "situation", racing(1, other))
    with pytest.raises(Refused, match="tient toujours"):
        handle(ledger, acte(REFUS, command_id=command(2)), NOW)


def test_act_gives_up_after_a_bounded_number_of_races(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When someone is always quicker, the act says so instead of trying for ever."""

    def other(call: int) -> None:
        ledger.append([fait(id=f"autre-{call}", personne="fictif-1", objet="D-1")])

    monkeypatch.setattr(module, "situation", racing(ESSAIS, other))
    with pytest.raises(ConflictError):
        handle(ledger, acte(DEPOSEE), NOW)
    assert len(ledger.life("fictif-1")) == ESSAIS


def test_same_command_twice_at_once_is_written_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command sent twice at the same moment gives both callers the one entry."""
    asked = acte(DEPOSEE)
    earlier = asked.fait(Quand.le(NOW - timedelta(seconds=1)), ())
    monkeypatch.setattr(module, "situation", racing(1, lambda _call: ledger.append([earlier])))
    (written,) = handle(ledger, asked, NOW)
    (only,) = ledger.life("fictif-1")
    assert written.event_id == only.event_id


def test_second_door_refuses_nothing_but_the_unreadable(ledger: Ledger) -> None:
    """A closure of a dossier that was never filed is a fact when another system reports it; a broken line is not."""
    (closed,) = record(ledger, write_line(fait(id="F-9", evenement=CLOTURE)))
    assert closed.fait.avertissements == ()
    with pytest.raises(UnreadableError):
        record(ledger, b'{"type": "dossier_clos_par_agent"}')
    assert record(ledger, write_line(fait(id="F-9", evenement=CLOTURE)))[0].event_id == closed.event_id
