"""Who looked is hers to ask for: it is in no report and in no bundle for others, and it shifts no number."""

from hypothesis import given
from hypothesis import strategies as st

from evidence.contenus import REGARD, TIERS, retenues
from ledger.days import Quand
from ledger.entry import Entry, Piece
from ledger.events.acces import REGARDS, DossierConsulte, ExportProduit
from ledger.events.incident import IncidentOuvert
from ledger.events.listes import FondementAcces, NatureExport
from ledger.events.types import CodeIncident, Flux
from projections.historique import historique
from tests.evidence.vies_releves import entrees
from tests.faits import fait

CONSULTE = DossierConsulte(fondement=FondementAcces.CONTROLE, reference="enquête fictive")
EXPORTE = ExportProduit(nature=NatureExport.HISTORIQUE, fondement=FondementAcces.CONTROLE)


def vie(*looks: int) -> list[Entry]:
    """Five facts of hers, with a look after each of those named."""
    facts = []
    for n in range(5):
        facts.append(fait(id=f"F-{n}"))
        facts += [fait(id=f"C-{n}-{i}", objet="consultations", evenement=CONSULTE) for i in range(looks.count(n))]
    return entrees(facts)


@given(st.lists(st.integers(0, 4), max_size=20))
def test_no_look_shifts_a_number(looks: list[int]) -> None:
    """However often somebody looks, each fact keeps the number that was cited."""
    told = {line.id: line.numero for line in historique(vie(*looks))}
    assert {name: n for name, n in told.items() if name.startswith("F-")} == {f"F-{n}": n + 1 for n in range(5)}
    assert all(n is None for name, n in told.items() if name.startswith("C-"))


def test_who_looked_is_closed_to_others_than_the_defenseur() -> None:
    """What was looked at, why and by whom; not that there was an entry."""
    entries = vie(1, 3)
    looked = {entry.event_id for entry in entries if isinstance(entry.fait.evenement, DossierConsulte)}
    closed = retenues("P-1", entries)
    assert {key for key, why in closed.items() if why == REGARD} == {
        (each, part) for each in looked for part in ("fait", "acteur")
    }
    assert not {each for each, _ in retenues("P-1", entries, tiers=True)} & looked


def test_documents_of_an_incident_of_everybody_are_closed_with_it() -> None:
    """They may name anybody."""
    piece = Piece(nom="liste.pdf", octets=3, sha256="a" * 64)
    event = IncidentOuvert(code=CodeIncident("B13"), depuis=Quand.lire("2025-06-01"))
    hers, shared = entrees([
        fait(id="F-1", pieces=(piece,)), fait(id="I-1", personne=None, objet="I-1", pieces=(piece,), evenement=event)
    ])  # fmt: skip
    closed = retenues("P-1", [hers, shared])
    assert closed[shared.event_id, "pieces"] == TIERS
    assert (hers.event_id, "pieces") not in closed
    assert (shared.event_id, "pieces") not in retenues("P-1", [hers, shared], tiers=True)


def test_all_that_is_a_look_is_an_access() -> None:
    """No fact of a dossier is taken for one."""
    assert all(each.flux is Flux.ACCES for each in REGARDS)
    assert EXPORTE.flux is Flux.ACCES
