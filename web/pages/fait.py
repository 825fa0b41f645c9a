"""One fact whole: what it says, both its times, who, what it is worth, what corrects it, what rests on it, its seal."""

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.http import Http404, HttpResponse

from evidence.mots import ACTEURS, GRADES, SOURCES
from evidence.phrases import champs
from evidence.rapport_mots import CANAUX
from ledger.entry import Entry, Piece
from ledger.events.types import Flux
from ledger.interchange import write_line
from projections.francais import quand
from projections.historique import Ligne, lignes
from projections.imputation.modeles import Attribution, Obligation
from replay.as_of import Moment
from replay.preuve import Preuve
from replay.scelle import feuille
from web.acces import Objet, permis
from web.lecture import Vie
from web.limites import AILLEURS
from web.lu import montrees, numerotes, preuve_de
from web.pages.commun import au_de, remplir
from web.pages.pieces import etat
from web.pages.preuves import intervalles
from web.registre import registre
from web.requete import Requete, page

PIECES: Final = 30
"""So many documents are looked for in the store for the page; of more, each says it when it is asked for."""


class Conclusion(NamedTuple):
    """What rests on the fact, and where it is told."""

    ancre: str
    perdu: Attribution
    contraire: bool
    """The fact speaks against it."""


@page(Objet.CHRONOLOGIE)
def montrer(request: Requete, sujet: str, numero: int) -> HttpResponse:
    """The fact that has this number."""
    del sujet
    vie, role = request.vie, request.profil.role
    entry, ligne = _fait(montrees(vie, role), numero)
    proofs = permis(role, Objet.PREUVES) is not None
    proof = preuve_de(vie, Moment(None, au_de(request))) if proofs and vie.concluante else None
    # Of the part that a mandate opens, a sealed line would tell its place among facts that are not.
    told = vie.limite is None or entry.fait.flux is Flux.DOSSIER
    leaf = feuille(registre().opened.ledger, entry) if told else None
    return remplir(
        request,
        "fait.html",
        fait=entry.fait,
        entry=entry,
        ligne=ligne,
        champs=list(champs(entry.fait.evenement)),
        cause=_numero(vie, entry.fait.cause),
        voisins=_voisins(vie, numero),
        pieces=_pieces(vie, entry.fait.pieces),
        telecharger=permis(role, Objet.PIECE) is not None,
        signaler=permis(role, Objet.SIGNALEMENT) is not None and not ligne.remplacee,
        proof=proof,
        ailleurs=AILLEURS if proofs and not vie.concluante else "",
        conclusions=list(_conclusions(proof, vie, entry.event_id)) if proof else [],
        ecarts=[d for d in proof.divergences if entry.event_id in (*d.entries, *d.constat.entries)] if proof else [],
        devoirs=list(_devoirs(proof, entry.event_id)) if proof else [],
        json=_json(entry),
        masque=all(each != entry for each in vie.entries if each.event_id == entry.event_id),
        connu_de_la_source=quand(entry.fait.connu_de_la_source) if entry.fait.connu_de_la_source else "",
        feuille=leaf,
        commande=f"constat seal prove {quote(vie.personne)} --entry {quote(entry.fait.id)}",
        mots={"acteurs": ACTEURS, "canaux": CANAUX, "sources": SOURCES, "forces": GRADES},
    )


def _fait(shown: Sequence[Entry], numero: int) -> tuple[Entry, Ligne]:
    """The fact and its line, as they may be shown.

    :raises Http404: no fact has this number; who looked has a page of its own.
    """
    for entry, ligne in lignes(shown):
        if ligne.numero == numero and entry.fait.flux is not Flux.ACCES:
            return entry, ligne
    raise Http404


def _numero(vie: Vie, fait: str | None) -> int | None:
    """The number of the fact that has this id at its source."""
    found = numerotes(vie).values()
    return next((each.numero for each in found if each.id == fait and each.numero), None) if fait else None


def _voisins(vie: Vie, numero: int) -> tuple[int | None, int | None]:
    """The facts that arrived just before and just after."""
    numbers = sorted(
        each.numero for each in numerotes(vie).values() if each.numero is not None and each.flux != Flux.ACCES.value
    )
    before = [each for each in numbers if each < numero]
    after = [each for each in numbers if each > numero]
    return (before[-1] if before else None), (after[0] if after else None)


def _pieces(vie: Vie, pieces: Sequence[Piece]) -> list[tuple[Piece, str]]:
    """Each document that the fact cites, and whether it was received."""
    if len(pieces) > PIECES:
        return [(each, "") for each in pieces]
    return [(each, etat(vie, each)) for each in pieces]


def _conclusions(proof: Preuve, vie: Vie, fait: UUID) -> Iterator[Conclusion]:
    for each in intervalles(proof, vie):
        lost = each.perdu
        links = (*lost.chaine, *(link for side in lost.versions for link in (*side.dits, *side.chaine)))
        cited = any(fait in link.entries for link in links)
        if cited or any(fait in link.entries for link in lost.contre):
            yield Conclusion(each.ancre, lost, not cited)


def _devoirs(proof: Preuve, fait: UUID) -> Iterator[tuple[int, Obligation]]:
    for number, owed in enumerate(proof.obligations, start=1):
        if fait in owed.satisfaite_par or any(fait in link.entries for link in owed.tous_constats):
            yield number, owed


def _json(entry: Entry) -> list[str]:
    """The fact as the interchange format writes it, set out to be read, line by line."""
    made: Any = msgspec.json.decode(write_line(entry))
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode().split("\n")
