"""The acts of a role, as on the pages: refused with all their reasons, or recorded with their warnings.

Who acts, of whom and by which channel is the account's and the address's to say, never the body's.
"""

import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.urls import reverse
from ninja import Header, Router
from pydantic import BaseModel, ConfigDict, Field

from commands.actes import NOMS
from commands.ask import ask
from commands.base import Refused
from ledger.days import paris_day
from ledger.entry import Entry
from ledger.errors import ConflictError, IdentityReusedError, UnreadableError
from ledger.events.types import Canal
from projections.historique import historique
from web.acces import Objet
from web.actes import permis
from web.api.identite import Demande
from web.api.operations import operation
from web.api.problemes import Code, Probleme
from web.api.reponses import encoder, repondre
from web.contestation import LONG, contestables, contester
from web.limites import relue
from web.registre import registre

router = Router(tags=["Agir"])
PIECES: Final = 50
COURT: Final = 200
NUMERO: Final = 10**9


class ActeDemande(BaseModel):
    """Un acte, tel que la ligne d'échange l'écrit, sans ce que le compte et l'adresse disent déjà."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    acte: Annotated[str, Field(max_length=COURT)]
    """Le nom de l'acte, à l'infinitif : « demander_complement »."""
    objet: Annotated[str, Field(max_length=COURT)] | None = None
    """Le dossier, le titre ou la réclamation."""
    survenu: Annotated[str, Field(max_length=COURT)] | None = None
    """Quand l'acte a lieu ; absent : maintenant."""
    donnees: dict[str, Any] = {}
    """Les champs du fait."""
    pieces: Annotated[list[dict[str, Any]], Field(max_length=PIECES)] = []
    corrige: Annotated[str, Field(max_length=COURT)] | None = None
    """L'identifiant du fait que celui-ci remplace."""
    qualite: Annotated[str, Field(max_length=COURT)] | None = None
    """La qualité de l'auteur de l'acte (CRPA L.111-2)."""
    cause: Annotated[str, Field(max_length=COURT)] | None = None
    correlation: Annotated[str, Field(max_length=COURT)] | None = None


class ContestationDite(BaseModel):
    """Ce que la personne, ou qui la représente, tient pour faux."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    fait: Annotated[int, Field(ge=1, le=NUMERO)]
    """Le numéro du fait contesté."""
    texte: Annotated[str, Field(min_length=1, max_length=LONG)]
    """Ce qui est faux, et ce qui est tenu pour vrai ; gardé tel quel."""


class ActeEnregistre(msgspec.Struct, frozen=True, kw_only=True):
    """L'acte, tel qu'il est au registre."""

    event_id: str
    id: str
    numero: int | None
    enregistre_le: str
    avertissements: list[str]
    """Ce que Constat dit à l'auteur de l'acte ; gardé avec lui."""


@router.post("/dossiers/{sujet}/actes", summary="Demander un acte")
@operation(Objet.ACTES)
def demander_acte(
    request: Demande, sujet: str, acte: ActeDemande, cle: Annotated[str, Header(alias="Idempotency-Key")] = ""
) -> HttpResponse:
    """Refusé avec toutes ses raisons, ou enregistré avec ses avertissements. La même clé ne fait jamais deux actes."""
    line = _ligne(request, acte, _cle(cle))
    return _inscrire(request, sujet, lambda: ask(registre().opened.ledger, msgspec.json.encode(line), request.now)[0])


@router.post("/dossiers/{sujet}/contestations", summary="Contester un fait, par son numéro")
@operation(Objet.SIGNALEMENT)
def contester_fait(
    request: Demande, sujet: str, dit: ContestationDite, cle: Annotated[str, Header(alias="Idempotency-Key")] = ""
) -> HttpResponse:
    """Un fait de plus, qui nomme le fait contesté : il reste lu, et ce qui repose sur lui est montré comme contesté."""
    found = [each for each in contestables(request) if each.numero == dit.fait and not each.remplacee]
    if not found:
        wrong = [{"champ": "fait", "probleme": "n'est pas le numéro d'un fait qui tienne encore"}]
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=wrong)
    texte = unicodedata.normalize("NFC", dit.texte)
    return _inscrire(request, sujet, lambda: contester(request, found[0], texte, _cle(cle), Canal.SYSTEME))


def _inscrire(request: Demande, sujet: str, faire: Callable[[], Entry]) -> HttpResponse:
    """The act as it is in the ledger, or why it is not."""
    try:
        entry = faire()
    except Refused as refused:
        raise _refus(refused) from refused
    except UnreadableError as error:
        wrong = [{"champ": each.champ, "probleme": str(each)} for each in error.problemes]
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=wrong) from error
    except ConflictError as error:
        raise Probleme(Code.DOSSIER_CHANGE) from error
    except IdentityReusedError as error:
        raise Probleme(Code.CLE_REUTILISEE) from error
    vie = relue(request.profil, Objet.CHRONOLOGIE, request.vie.sujet, paris_day(request.now)) or request.vie
    number = next((each.numero for each in historique(vie.entries) if each.id == entry.fait.id), None)
    told = ActeEnregistre(
        event_id=str(entry.event_id),
        id=entry.fait.id,
        numero=number,
        enregistre_le=entry.recorded_at.isoformat(),
        avertissements=[each.texte for each in entry.fait.avertissements],
    )
    where = reverse("api-v1:lire_fait", args=[sujet, number]) if number is not None else ""
    return repondre(encoder(told), 201, {"Location": where} if where else {})


def _cle(given: str) -> UUID:
    text = given.strip().strip('"')
    try:
        return UUID(text)
    except ValueError as error:
        raise Probleme(Code.CLE_REQUISE, "Envoyez l'en-tête Idempotency-Key, un UUID tiré au sort.") from error


def _ligne(request: Demande, acte: ActeDemande, cle: UUID) -> dict[str, Any]:
    if acte.acte not in NOMS:
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=[{"champ": "acte", "probleme": "n'est pas un acte connu"}])
    if permis(request.profil.role, acte.acte) is None:
        raise Probleme(Code.ACTE_NON_PERMIS)
    profil = request.profil
    given = acte.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"qualite"})
    author = {"nature": profil.role.nature.value, "id": profil.acteur, "service": profil.service}
    return {
        **given,
        "acte": acte.acte,
        "donnees": acte.donnees,
        "command_id": str(cle),
        "personne": request.vie.personne,
        "acteur": author | ({"qualite": acte.qualite} if acte.qualite else {}),
        "canal": Canal.SYSTEME.value,
    }


def _refus(refused: Refused) -> Probleme:
    motifs = [
        {"code": each.code, "texte": each.texte, "reference": each.reference, "verifiee": not each.a_verifier}
        for each in refused.motifs
    ]
    return Probleme(Code.ACTE_REFUSE, "Toutes les raisons sont données.", motifs=motifs)
