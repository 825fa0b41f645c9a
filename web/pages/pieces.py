"""A document that a fact cites, as it was received: downloaded, never shown in a page, and only unaltered."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from evidence.noms import terminaison
from evidence.produit import gardes
from ledger.coffre import PersonKey
from ledger.documents import StoreAwayError
from ledger.entry import Piece
from ledger.errors import TamperedError
from web.acces import Objet
from web.lecture import Vie
from web.pages.commun import remplir
from web.registre import registre
from web.requete import Requete, page

BAC: Final = "sandbox; default-src 'none'"
RECUE, ABSENTE, INJOIGNABLE = "reçue", "annoncée, jamais reçue", "le dépôt de documents ne répond pas"
DEBUT: Final = 16
NOM: Final = 120


@page(Objet.PIECE)
def telecharger(request: Requete, sujet: str, sha256: str) -> HttpResponseBase:
    """The document that has this digest; it is read whole and checked before a byte of it is sent."""
    del sujet
    piece = _citee(request.vie, sha256)
    key = _cle(request.vie)
    try:
        size, begins = _verifiee(key, piece)
    except FileNotFoundError:
        return _dire(
            request, HTTPStatus.NOT_FOUND, "Cette pièce a été annoncée, elle n'a jamais été reçue",
            "Le fait qui la cite donne son empreinte : si vous avez le fichier, elle permet de le reconnaître.",
        )  # fmt: skip
    except TamperedError:
        return _dire(
            request, HTTPStatus.CONFLICT, "Cette pièce a été modifiée ou coupée depuis sa réception",
            "Elle n'est pas remise : ce qui reste n'est pas ce qui a été reçu. Prévenez l'administrateur du registre.",
        )  # fmt: skip
    except StoreAwayError:
        return _dire(
            request, HTTPStatus.SERVICE_UNAVAILABLE, "Le dépôt de documents ne répond pas",
            "Rien n'est perdu : recommencez dans quelques minutes.",
        )  # fmt: skip
    answer = StreamingHttpResponse(_contenu(key, piece), content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = content_disposition_header(True, _nom(piece, begins)) or "attachment"  # noqa: FBT003 - Django's
    answer.headers["Content-Security-Policy"] = BAC
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def etat(vie: Vie, piece: Piece) -> str:
    """Whether a document was received; what it holds is looked at when it is asked for."""
    try:
        return RECUE if registre().opened.documents.holds(_cle(vie), piece) else ABSENTE
    except StoreAwayError:
        return INJOIGNABLE


def _citee(vie: Vie, sha256: str) -> Piece:
    """The document of that digest that one of her facts cites.

    :raises Http404: none does.
    """
    for entry in vie.entries:
        if entry.fait.personne is not None:
            kept = gardes(entry.fait)  # what others were given has its own page, and its own rule
            for piece in entry.fait.pieces:
                if piece.sha256 == sha256 and piece not in kept:
                    return piece
    raise Http404


def _cle(vie: Vie) -> PersonKey:
    ledger = registre().opened.ledger
    with ledger.connection() as conn:
        found = ledger.coffre.of_subjects(conn, [vie.sujet]).get(vie.sujet)
    if found is None:
        raise Http404
    return found


def _verifiee(key: PersonKey, piece: Piece) -> tuple[int, bytes]:
    """Size and first bytes of a document, read to its end.

    :raises TamperedError: it is not what was announced.
    """
    size, begins = 0, b""
    for chunk in registre().opened.documents.read(key, piece):
        begins = begins or chunk[:DEBUT]
        size += len(chunk)
    return size, begins


def _contenu(key: PersonKey, piece: Piece) -> Iterator[bytes]:
    yield from registre().opened.documents.read(key, piece)


def _nom(piece: Piece, begins: bytes) -> str:
    """The name of the file: the one it had, with the ending that its first bytes give."""
    name = piece.nom.replace("\\", "/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    clean = "".join(each for each in stem if each.isalnum() or each in " -_'()").strip()[:NOM]
    return f"{clean or 'piece'}.{terminaison(begins)}"


def _dire(request: Requete, status: HTTPStatus, titre: str, texte: str) -> HttpResponse:
    return remplir(request, "erreur.html", status, titre=titre, texte=texte, numero=request.id)
