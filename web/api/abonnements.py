"""Webhooks: where to be told, and of whom. What is told, and whether it may be, is decided when it is sent."""

from datetime import datetime
from typing import Annotated

import msgspec
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from web.acces import Objet
from web.api.identite import Demande
from web.api.operations import operation
from web.api.problemes import Code, Probleme
from web.api.reponses import encoder, repondre
from web.avis import abonnements
from web.avis.abonnements import Abonne, TropError
from web.avis.models import Abonnement
from web.avis.sortie import LONGUEUR, AdresseRefuseeError
from web.registre import registre

router = Router(tags=["Être averti"])
UN = "/abonnements/{abonnement}"
SUIVI = "/dossiers/{sujet}/abonnements/{abonnement}"


class AbonnementDemande(BaseModel):
    """Où envoyer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    nom: Annotated[str, Field(min_length=1, max_length=80)]
    """Pour le reconnaître sur la page du compte."""
    adresse: Annotated[str, Field(max_length=LONGUEUR)]
    """En https, joignable par tous, sans mot de passe."""


class AbonnementLu(msgspec.Struct, frozen=True, kw_only=True):
    """Un abonnement, et comment il se porte."""

    id: str
    nom: str
    adresse: str
    cree_le: datetime
    suivis: int
    """How many persons' dossiers it follows."""
    en_attente: int
    """Messages that are still to be sent."""
    livre_le: datetime | None
    """When a message last arrived."""
    echec: str | None
    """What went wrong at the last try; ``None`` when it arrived."""
    prochain_le: datetime | None
    """When the next try is, after a failure."""
    arrete_le: datetime | None
    """Since when nothing is sent any more."""
    arret: str | None
    """And why."""


class AbonnementCree(msgspec.Struct, frozen=True, kw_only=True):
    """Un abonnement et son secret, qui n'est montré qu'ici."""

    abonnement: AbonnementLu
    secret: str
    """``whsec_…``, of Standard Webhooks."""


class Abonnements(msgspec.Struct, frozen=True, kw_only=True):
    """Les abonnements du compte, ou du jeton qui demande."""

    abonnements: list[AbonnementLu]


class SuiviLu(msgspec.Struct, frozen=True, kw_only=True):
    """Un dossier suivi."""

    dossier: str
    abonnement: str


@router.get("/abonnements", summary="Les abonnements")
@operation(Objet.ABONNEMENT)
def lire_abonnements(request: Demande) -> HttpResponse:
    """Un jeton ne voit que ceux qu'il a créés ; une session, tous ceux du compte."""
    return repondre(encoder(Abonnements(abonnements=[lu(each, request.now) for each in _abonne(request).tous()])))


@router.post("/abonnements", summary="S'abonner")
@operation(Objet.ABONNEMENT)
def creer_abonnement(request: Demande, demande: AbonnementDemande) -> HttpResponse:
    """Le secret est donné une seule fois. Rien n'est envoyé avant qu'un dossier soit suivi."""
    try:
        made, secret = abonnements.creer(
            _abonne(request), demande.nom, demande.adresse, request.now, locales=registre().settings.web.avis_locaux
        )
    except AdresseRefuseeError as error:
        raise Probleme(Code.CHAMPS_INVALIDES, erreurs=[{"champ": "adresse", "probleme": str(error)}]) from error
    except TropError as error:
        raise Probleme(Code.TROP_D_ABONNEMENTS, str(error)) from error
    return repondre(encoder(AbonnementCree(abonnement=lu(made, request.now), secret=secret)), 201)


@router.post(f"{UN}/secret", summary="Changer le secret")
@operation(Objet.ABONNEMENT)
def renouveler_secret(request: Demande, abonnement: str) -> HttpResponse:
    """Pendant un jour, chaque avis est signé des deux, l'ancien et le nouveau."""
    found = _un(request, abonnement)
    secret = abonnements.renouveler(found, request.now)
    return repondre(encoder(AbonnementCree(abonnement=lu(found, request.now), secret=secret)))


@router.post(f"{UN}/essai", summary="Envoyer un essai")
@operation(Objet.ABONNEMENT)
def essayer_abonnement(request: Demande, abonnement: str) -> HttpResponse:
    """Un avis « constat.essai », qui ne dit rien, part après ceux qui attendent."""
    found = _un(request, abonnement)
    abonnements.essayer(found, request.now)
    return repondre(encoder(lu(found, request.now)), 202)


@router.post(f"{UN}/reprise", summary="Reprendre les envois")
@operation(Objet.ABONNEMENT)
def reprendre_abonnement(request: Demande, abonnement: str) -> HttpResponse:
    """Après un arrêt. Ce qui est arrivé entre-temps se lit dans les faits, et n'est pas renvoyé."""
    found = _un(request, abonnement)
    abonnements.reprendre(found, request.now)
    return repondre(encoder(lu(found, request.now)))


@router.delete(UN, summary="Se désabonner")
@operation(Objet.ABONNEMENT)
def supprimer_abonnement(request: Demande, abonnement: str) -> HttpResponse:
    """Plus rien n'est envoyé ; ce qui attendait est perdu."""
    abonnements.supprimer(_un(request, abonnement))
    return HttpResponse(status=204)


@router.put(SUIVI, summary="Suivre les dossiers d'une personne")
@operation(Objet.ABONNEMENT)
def suivre_dossier(request: Demande, sujet: str, abonnement: str) -> HttpResponse:
    """Au titre donné, redemandé au registre à chaque avis. Chaque avis laisse la trace d'une consultation."""
    found = _un(request, abonnement)
    try:
        made = abonnements.suivre(found, request.profil, request.vie, request.motif, request.now)
    except TropError as error:
        raise Probleme(Code.TROP_D_ABONNEMENTS, str(error)) from error
    return repondre(encoder(SuiviLu(dossier=sujet, abonnement=str(found.id))), 201 if made else 200)


@router.delete(SUIVI, summary="Ne plus suivre les dossiers d'une personne")
@operation(Objet.ABONNEMENT)
def cesser_de_suivre(request: Demande, sujet: str, abonnement: str) -> HttpResponse:
    """Ce qui attendait d'être envoyé ne l'est pas."""
    del sujet
    abonnements.cesser(_un(request, abonnement), request.vie)
    return HttpResponse(status=204)


def lu(abonnement: Abonnement, now: datetime) -> AbonnementLu:
    """A subscription, without its secret."""
    return AbonnementLu(
        id=str(abonnement.id),
        nom=abonnement.nom,
        adresse=abonnement.adresse,
        cree_le=abonnement.cree_le,
        suivis=abonnement.suivis.count(),
        en_attente=abonnements.en_attente(abonnement, now),
        livre_le=abonnement.livre_le,
        echec=abonnement.echec or None,
        prochain_le=abonnement.prochain_le if abonnement.echec else None,
        arrete_le=abonnement.arrete_le,
        arret=abonnement.arret or None,
    )


def _abonne(request: Demande) -> Abonne:
    return Abonne(request.user, request.jeton)


def _un(request: Demande, nom: str) -> Abonnement:
    found = _abonne(request).un(nom)
    if found is None:
        raise Probleme(Code.INTROUVABLE)
    return found
