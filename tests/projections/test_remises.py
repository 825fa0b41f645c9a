"""What left the ledger, by its digest: found as long as the person's key is there, and naming nobody."""

from datetime import date

from ledger.events.acces import ExportProduit
from ledger.events.listes import FondementAcces, NatureExport
from ledger.follower import Follower, live_schema
from ledger.store import Ledger
from projections.remises import Remises, remises
from tests.faits import fait

EMPREINTE = "ab" * 32


def test_an_export_is_found_by_its_digest_and_no_other_is(ledger: Ledger) -> None:
    """The day, the kind and the line; nothing of whose it is."""
    event = ExportProduit(
        nature=NatureExport.HISTORIQUE,
        fondement=FondementAcces.PERSONNE_CONCERNEE,
        sha256=EMPREINTE,
        profil="historique",
    )
    without = ExportProduit(nature=NatureExport.AUTRE, fondement=FondementAcces.MANDAT)
    told = [
        fait(id="1", objet=None, survenu="2026-03-04", evenement=event),
        fait(id="2", objet=None, evenement=without),
    ]
    ledger.append([*told, fait(id="3")])
    with Follower(ledger, Remises()) as follower:
        follower.catch_up()
    with ledger.connection() as conn:
        [found] = remises(conn, live_schema(Remises()), EMPREINTE)
        assert remises(conn, live_schema(Remises()), "cd" * 32) == ()
    assert found == (date(2026, 3, 4), "historique", "historique", 1)
    assert "P-1" not in repr(found)
