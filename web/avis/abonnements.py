"""What an account does to its subscriptions: made, given a new secret, tried, ended; dossiers followed and left."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from ledger.days import paris_day
from ledger.errors import ConstatError
from web.acces import Motif, Objet, Portee, Profil, motif_d_office, permis
from web.avis import signature
from web.avis.models import RECOUVREMENT, Abonnement, Avis, Place, Suivi
from web.avis.sortie import lire
from web.comptes.coffre import chiffrer, dechiffrer
from web.comptes.models import Compte, Jeton
from web.lecture import Vie
from web.limites import ouverte
from web.registre import registre

ABONNEMENTS: Final = 10
"""Subscriptions that an account may have."""
SUIVIS: Final = 2_000
"""Dossiers that one may follow."""


class TropError(ConstatError):
    """Ce compte a déjà tous les abonnements qu'il peut avoir."""


class Abonne(NamedTuple):
    """Who manages subscriptions: an account, by one of its tokens or on the pages. A token knows only its own."""

    compte: Compte
    jeton: Jeton | None

    def tous(self) -> list[Abonnement]:
        """Its subscriptions, the earliest first."""
        mine = {} if self.jeton is None else {"jeton": self.jeton}
        return list(Abonnement.objects.filter(compte=self.compte, **mine).order_by("cree_le", "id"))

    def un(self, nom: str) -> Abonnement | None:
        """The one of this id."""
        return next((each for each in self.tous() if str(each.id) == nom), None)


def creer(qui: Abonne, nom: str, adresse: str, now: datetime, *, locales: bool) -> tuple[Abonnement, str]:
    """A new one, and its secret, which is told once.

    :raises AdresseRefuseeError: no message may go there.
    :raises TropError: there are enough.
    """
    lire(adresse, locales=locales)
    if Abonnement.objects.filter(compte=qui.compte).count() >= ABONNEMENTS:
        msg = f"un compte a {ABONNEMENTS} abonnements au plus : supprimez-en un"
        raise TropError(msg)
    made = Abonnement(compte=qui.compte, jeton=qui.jeton, nom=nom, adresse=adresse, cree_le=now, prochain_le=now)
    secret = signature.tirer()
    made.secret = chiffrer(secret, made.domaine)
    made.save()
    return made, signature.montrer(secret)


def renouveler(abonnement: Abonnement, now: datetime) -> str:
    """Its new secret, told once; the one before signs too for a day, so that the receiver may change meanwhile."""
    secret = signature.tirer()
    abonnement.ancien, abonnement.ancien_expire_le = abonnement.secret, now + RECOUVREMENT
    abonnement.secret = chiffrer(secret, abonnement.domaine)
    abonnement.save(update_fields=["secret", "ancien", "ancien_expire_le"])
    return signature.montrer(secret)


def cles(abonnement: Abonnement, now: datetime) -> list[bytes]:
    """The secrets that sign now, the newest first.

    :raises CoffreFermeError: the site's key is another one.
    """
    held = [abonnement.secret]
    if abonnement.ancien is not None and abonnement.ancien_expire_le is not None and now < abonnement.ancien_expire_le:
        held.append(abonnement.ancien)
    return [dechiffrer(bytes(each), abonnement.domaine) for each in held]


def en_attente(abonnement: Abonnement, now: datetime) -> int:
    """How many messages are still to be sent; what a mandate does not open is not counted, as it is not sent."""
    waiting = abonnement.avis
    profil = abonnement.compte.profil
    if permis(profil.role, Objet.ABONNEMENT) is not Portee.MANDAT:
        return waiting.count()
    shown: dict[UUID, frozenset[UUID]] = {}
    count = 0
    for sujet, evenement in waiting.values_list("suivi__sujet", "evenement"):
        if sujet is not None and sujet not in shown:
            vie = registre().lecteur.vie(sujet.bytes)
            part = ouverte(profil, Objet.ABONNEMENT, vie, paris_day(now)) if vie is not None else None
            shown[sujet] = frozenset(entry.event_id for entry in part.entries) if part is not None else frozenset()
        count += sujet is None or evenement in shown[sujet]
    return count


def essayer(abonnement: Abonnement, now: datetime) -> None:
    """Have a message sent that says nothing; one at a time, whatever is asked."""
    with transaction.atomic():
        held = Abonnement.objects.select_for_update().filter(pk=abonnement.pk).exists()
        if held and not abonnement.avis.filter(suivi__isnull=True).exists():
            Avis.objects.create(abonnement=abonnement, date=now)


def supprimer(quoi: Abonnement | Suivi) -> None:
    """End it, and what waited for it; who sorts what arrived waits meanwhile."""
    with transaction.atomic():
        Place.objects.select_for_update().first()
        held = quoi if isinstance(quoi, Abonnement) else quoi.abonnement
        Abonnement.objects.select_for_update().filter(pk=held.pk).first()
        quoi.delete()


def reprendre(abonnement: Abonnement, now: datetime) -> None:
    """Send again, after it was stopped; what happened meanwhile is in the facts, and is not sent."""
    abonnement.arrete_le = abonnement.echec_depuis = None
    abonnement.arret = abonnement.echec = ""
    abonnement.essais, abonnement.prochain_le = 0, now
    abonnement.save()


def suivis(qui: Abonne, vie: Vie) -> list[Suivi]:
    """Which of its subscriptions follow this person."""
    return list(Suivi.objects.filter(abonnement__in=qui.tous(), sujet=UUID(bytes=vie.sujet)))


def cesser(abonnement: Abonnement, vie: Vie) -> None:
    """Follow this person no more; what waited to be sent of her is not."""
    for each in abonnement.suivis.filter(sujet=UUID(bytes=vie.sujet)):
        supprimer(each)


def suivre(abonnement: Abonnement, profil: Profil, vie: Vie, motif: Motif, now: datetime) -> bool:
    """Follow this person's dossiers, for this reason, from now on; whether it did not yet.

    :raises TropError: it follows enough.
    """
    # A reason that the ledger itself holds is read again at each message: a mandate ends.
    own = motif_d_office(profil, Objet.ABONNEMENT, vie.attaches, paris_day(now)) is not None
    at = _fin()
    with transaction.atomic():
        Abonnement.objects.select_for_update().get(pk=abonnement.pk)
        if abonnement.suivis.count() >= SUIVIS:
            msg = f"un abonnement suit {SUIVIS} dossiers au plus"
            raise TropError(msg)
        Place.objects.get_or_create(pk=1, defaults={"position": at})
        said = {} if own else {"fondement": motif.fondement.value, "reference": motif.reference or ""}
        _, made = abonnement.suivis.update_or_create(
            sujet=UUID(bytes=vie.sujet), defaults=said, create_defaults={**said, "depuis": at, "cree_le": now}
        )
    return made


def _fin() -> int:
    """The last position of the sealed order."""
    with registre().exploitant.ledger.connection() as conn:
        row = conn.execute("SELECT coalesce(max(position), 0) FROM ledger.leaf").fetchone()
    return int(row[0]) if row else 0
