"""No document is owed on days on which its text did not exist yet: nobody can breach a duty before it is born."""

from datetime import date

from ledger.interchange import read_line
from projections.imputation.modeles import Imputation
from replay.as_of import Moment
from replay.preuve import preuve
from tests.evidence.vies_releves import entrees

CARTE = b'{"id":"1","personne":"P-1","objet":"T-1","type":"titre_remis","survenu":"2015-01-10","acteur":{"nature":"prefecture"},"canal":"guichet","source":"agdref","grade":"A","donnees":{"type_titre":"cst","valide_du":"2015-01-10","valide_au":"2016-01-09","remis_le":"2015-01-10"}}'
DEPOT = b'{"id":"2","personne":"P-1","objet":"D-1","type":"demande_deposee","survenu":"2015-10-01","acteur":{"nature":"usager"},"canal":"teleservice","source":"anef","grade":"A","donnees":{"titre_demande":"cst","nature":"renouvellement","deposee_le":"2015-10-01","prefecture":"X","titre_precedent":"T-1","en_teleservice_obligatoire":true}}'


def test_nobody_owes_an_attestation_before_there_was_one() -> None:
    """R.431-15-1 is of 1 May 2021: a card of 2016 leaves the days before it to be established, not to the administration."""
    found = preuve(entrees([read_line(CARTE), read_line(DEPOT)]), Moment(None, date(2026, 11, 27)))
    told = [(each.du, each.au, each.imputation) for each in found.attributions if each.couche == "preuve"]
    assert told == [
        (date(2016, 1, 10), date(2021, 4, 30), Imputation.UNDETERMINED),
        (date(2021, 5, 1), date(2026, 11, 27), Imputation.ADMINISTRATION),
    ]
    assert all(each.du >= date(2021, 5, 1) for each in found.obligations if each.code == "attestation_prolongation")
