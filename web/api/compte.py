"""One's own account, as a program needs to know it: in which quality it asks, and what it was given."""

from datetime import datetime

import msgspec
from django.http import HttpResponse
from ninja import Router

from web.acces import DROITS, FONDEMENTS, Objet
from web.api.identite import Demande
from web.api.objets import PORTEES
from web.api.operations import operation
from web.api.reponses import encoder, repondre

router = Router(tags=["Son compte"])


class CompteLu(msgspec.Struct, frozen=True, kw_only=True):
    """Le compte qui demande."""

    identifiant: str
    role: str
    libelle: str
    service: str
    prefecture: str | None
    dossier: str | None
    """Of an applicant: how addresses name her own dossier."""
    fondements: list[str]
    """The reasons that it may give, in the header ``Constat-Fondement``."""
    portees: list[str]
    """What it may ask for here."""
    expire_le: datetime | None
    """Of a token: its end."""


@router.get("/compte", summary="Le compte qui demande, et ce qu'il peut demander")
@operation(Objet.COMPTE)
def lire_compte(request: Demande) -> HttpResponse:
    """Sans secret, et sans rien d'aucun dossier."""
    profil, token = request.profil, request.jeton
    able = [each.value for each in PORTEES if each in DROITS[profil.role]]
    told = CompteLu(
        identifiant=request.user.identifiant,
        role=profil.role.value,
        libelle=profil.role.libelle,
        service=profil.service,
        prefecture=profil.prefecture,
        dossier=profil.sujet.hex() if profil.sujet is not None else None,
        fondements=[each.value for each in FONDEMENTS[profil.role]],
        portees=able if token is None else [each for each in able if each in token.portees],
        expire_le=token.expire_le if token is not None else None,
    )
    return repondre(encoder(told))
