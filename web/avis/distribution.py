"""Messages sent: in order for each subscription, each at least once, to who may still be shown what they tell of.

Whoever sends takes a subscription for a while that outlasts any try; a process that dies leaves it to the next one. The
right to see is decided at that moment, by the function that decides of the pages, and the look is in the ledger before
anything leaves.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from ledger.days import paris_day
from ledger.errors import ConstatError
from ledger.events.listes import FondementAcces
from web.acces import Motif, Objet, motif_admis, motif_d_office
from web.avis import signature, sortie
from web.avis.abonnements import cles, supprimer
from web.avis.models import Abonnement, Avis, Suivi
from web.comptes.coffre import CoffreFermeError
from web.gardes import perimetre
from web.lecture import Vie
from web.limites import ouverte
from web.lu import numerotes
from web.registre import registre

BAIL: Final = timedelta(minutes=3)
"""How long a subscription is taken for: a name, a connection and an answer take less."""
PREMIER: Final = timedelta(seconds=5)
"""How long the first failure is waited out; then three times as long at each, at most ``DERNIER``."""
DERNIER: Final = timedelta(hours=6)
PATIENCE: Final = timedelta(days=3)
"""After how long without any message that arrives nothing is sent any more."""
PARTI: Final = 410
"""The receiver wants no more (RFC 9110, section 15.5.11)."""
AJOUTE: Final = "dossier.fait.ajoute"
CORRIGE: Final = "dossier.fait.corrige"
ESSAI: Final = "constat.essai"
PAR: Final = "par un avis"
"""Said in the trace: it was sent, not asked for."""


log = structlog.get_logger("constat.avis")


class FaitAnnonce(msgspec.Struct, frozen=True, kw_only=True):
    """De quel dossier, et lequel de ses faits : rien de plus, le reste se lit par l'API, avec sa propre trace."""

    dossier: str
    """How addresses name the person, 32 hexadecimal digits."""
    numero: int
    """Of the fact, which never changes."""
    corrige: int | None
    """The number of the fact that it replaces."""
    fait: str
    """Where it is read."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Un avis, tel qu'il est envoyé et signé."""

    type: str
    timestamp: datetime
    """When the ledger learnt it, UTC."""
    data: FaitAnnonce | None
    """``None``: a test, which tells of nobody."""


class _NonPermisError(Exception):
    """This account may not, or no longer, be shown this."""


def distribuer(now: datetime) -> bool:
    """Send the next message of one subscription that has one due; whether there was one."""
    abonnement = _prendre(now)
    if abonnement is None:
        return False
    avis = abonnement.avis.select_related("suivi").order_by("id").first()
    if avis is None:  # what waited was ended since it was taken
        _rendre(abonnement, prochain_le=now)
    elif (ended := _fini(abonnement, now)) is not None:
        _arreter(abonnement, ended, now)
    else:
        _servir(abonnement, avis, now)
    return True


def _servir(abonnement: Abonnement, avis: Avis, now: datetime) -> None:
    try:
        message = _essai(avis) if avis.suivi is None else _annonce(abonnement, avis, avis.suivi, now)
    except _NonPermisError:
        assert avis.suivi is not None  # noqa: S101 - a message that tries tells of nobody
        supprimer(avis.suivi)
        _rendre(abonnement, prochain_le=now)
    except ConstatError:
        log.exception("not_read", subscription=str(abonnement.id))
        _conclure(abonnement, avis, sortie.Issue("le registre ne peut pas être lu"), now)
    else:
        if message is None:
            avis.delete()
            _rendre(abonnement, prochain_le=now)
        else:
            _conclure(abonnement, avis, _poster(abonnement, avis, msgspec.json.encode(message), now), now)


def _prendre(now: datetime) -> Abonnement | None:
    with transaction.atomic():
        due = Abonnement.objects.filter(
            Exists(Avis.objects.filter(abonnement=OuterRef("pk"))), arrete_le__isnull=True, prochain_le__lte=now
        )
        found = due.select_for_update(skip_locked=True, of=("self",)).order_by("prochain_le").first()
        if found is not None:
            found.prochain_le = now + BAIL
            found.save(update_fields=["prochain_le"])
    return found


def _rendre(abonnement: Abonnement, **champs: Any) -> None:
    """Give it back, unless another process has taken it over meanwhile."""
    Abonnement.objects.filter(pk=abonnement.pk, prochain_le=abonnement.prochain_le).update(**champs)


def _fini(abonnement: Abonnement, now: datetime) -> str | None:
    """Why nothing may be sent to it any more, whatever it follows."""
    if not abonnement.compte.is_active:
        return "le compte est fermé"
    token = abonnement.jeton
    if token is not None and (token.revoque_le is not None or token.expire_le <= now):
        return "le jeton qui l'a créé est révoqué ou expiré"
    if token is not None and Objet.ABONNEMENT.value not in token.portees:
        return "le jeton qui l'a créé ne le permet pas"
    return None


def _essai(avis: Avis) -> Message:
    return Message(type=ESSAI, timestamp=avis.date.astimezone(UTC), data=None)


def _annonce(abonnement: Abonnement, avis: Avis, suivi: Suivi, now: datetime) -> Message | None:
    """What is told of a fact, once its trace is written; ``None``: of this one nothing is.

    :raises _NonPermisError: nothing of this person may be.
    """
    lecteur, profil = registre().lecteur, abonnement.compte.profil
    whole = lecteur.vie(suivi.sujet.bytes)
    vie = ouverte(profil, Objet.ABONNEMENT, whole, paris_day(now)) if whole is not None else None
    if vie is None:
        raise _NonPermisError
    motif = _motif(abonnement, suivi, vie, now)
    ligne = numerotes(vie).get(avis.evenement) if avis.evenement is not None else None
    if ligne is None or ligne.numero is None:
        return None
    if avis.trace_le is None:
        lecteur.tracer(profil, vie, motif, perimetre(Objet.ABONNEMENT, (), PAR), now)
        if not Avis.objects.filter(pk=avis.pk).update(trace_le=now):
            return None  # ended meanwhile: it was looked at, and is not sent
    told = FaitAnnonce(
        dossier=vie.reference,
        numero=ligne.numero,
        corrige=ligne.corrige,
        fait=reverse("api-v1:lire_fait", args=[vie.reference, ligne.numero]),
    )
    return Message(type=AJOUTE if ligne.corrige is None else CORRIGE, timestamp=avis.date.astimezone(UTC), data=told)


def _motif(abonnement: Abonnement, suivi: Suivi, vie: Vie, now: datetime) -> Motif:
    profil = abonnement.compte.profil
    if not suivi.fondement:
        found = motif_d_office(profil, Objet.ABONNEMENT, vie.attaches, paris_day(now))
        if found is None:
            raise _NonPermisError
        return found
    given = Motif(FondementAcces(suivi.fondement), suivi.reference or None)
    if motif_admis(profil, given, vie.attaches) is not None:
        raise _NonPermisError
    return given


def _poster(abonnement: Abonnement, avis: Avis, corps: bytes, now: datetime) -> sortie.Issue:
    locales = registre().settings.web.avis_locaux
    try:
        headers = signature.entetes(avis.message, corps, cles(abonnement, now), now)
        where = sortie.lire(abonnement.adresse, locales=locales)
    except CoffreFermeError:
        return sortie.Issue("le secret ne s'ouvre plus : demandez-en un nouveau")
    except sortie.AdresseRefuseeError as error:
        return sortie.Issue(str(error))
    return sortie.poster(where, {**headers, "Content-Type": "application/json"}, corps, locales=locales)


def _conclure(abonnement: Abonnement, avis: Avis, issue: sortie.Issue, now: datetime) -> None:
    if not issue.echec:
        with transaction.atomic():
            avis.delete()
            _rendre(abonnement, prochain_le=now, essais=0, echec_depuis=None, echec="", livre_le=now)
        return
    since = abonnement.echec_depuis or now
    if issue.statut == PARTI:
        _arreter(abonnement, "le serveur a répondu qu'il n'en veut plus (410)", now)
    elif now - since >= PATIENCE:
        _arreter(abonnement, f"aucun avis n'est arrivé depuis {PATIENCE.days} jours : {issue.echec}", now)
    else:
        wait = attente(abonnement.essais)
        if issue.attendre is not None:
            wait = max(wait, min(timedelta(seconds=issue.attendre), DERNIER))
        _rendre(abonnement, prochain_le=now + wait, essais=abonnement.essais + 1, echec_depuis=since, echec=issue.echec)


def attente(essais: int) -> timedelta:
    """How long to wait after this many failures before: longer each time, a random half of it, never too long."""
    times: int = 3 ** min(essais, 10)
    whole = min(PREMIER * times, DERNIER)
    return whole / 2 + whole / 2 * (secrets.randbelow(1_001) / 1_000)


def _arreter(abonnement: Abonnement, pourquoi: str, now: datetime) -> None:
    """Send nothing any more, and say why; what waited is not kept."""
    with transaction.atomic():
        abonnement.avis.all().delete()
        Abonnement.objects.filter(pk=abonnement.pk).update(arrete_le=now, arret=pourquoi, echec_depuis=None, essais=0)
