"""What is kept of who wants to be told: where, of whom, how far everything was read, and what is still to be sent."""

from datetime import timedelta
from typing import ClassVar, Final
from uuid import uuid4

from django.db import models
from django.utils import timezone

from web.comptes.models import Compte, Jeton

RECOUVREMENT: Final = timedelta(days=1)
"""How long the secret before the last one still signs."""


class Abonnement(models.Model):
    """Où un compte est averti de ce qui arrive aux dossiers qu'il suit."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    compte = models.ForeignKey(Compte, on_delete=models.CASCADE, related_name="abonnements")
    jeton = models.ForeignKey(Jeton, on_delete=models.CASCADE, null=True, blank=True, related_name="abonnements")
    """By which it was made, and with which it ends; none: on the pages."""
    nom = models.CharField("nom", max_length=80)
    adresse = models.CharField("adresse", max_length=500)
    secret = models.BinaryField()
    """What signs, encrypted (:mod:`web.comptes.coffre`)."""
    ancien = models.BinaryField(null=True)
    """The secret before, encrypted likewise; it signs too, until ``ancien_expire_le``."""
    ancien_expire_le = models.DateTimeField(null=True, blank=True)
    cree_le = models.DateTimeField(default=timezone.now)
    prochain_le = models.DateTimeField(default=timezone.now)
    """When the next message may be sent; while one is being sent, when another process may take over."""
    essais = models.PositiveIntegerField(default=0)
    """Failures since the last message that arrived."""
    echec_depuis = models.DateTimeField(null=True, blank=True)
    echec = models.CharField(max_length=80, blank=True)
    """What went wrong last, in French."""
    livre_le = models.DateTimeField(null=True, blank=True)
    arrete_le = models.DateTimeField(null=True, blank=True)
    arret = models.CharField(max_length=120, blank=True)
    """Why nothing is sent any more, in French."""

    class Meta:
        verbose_name = "abonnement"
        indexes: ClassVar = [
            models.Index(name="abonnement_a_servir", fields=["prochain_le"], condition=models.Q(arrete_le__isnull=True))
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def domaine(self) -> str:
        """What its secrets are closed for."""
        return f"abonnement:{self.id}"


class Suivi(models.Model):
    """Un dossier suivi : de qui, et à quel titre."""

    abonnement = models.ForeignKey(Abonnement, on_delete=models.CASCADE, related_name="suivis")
    sujet = models.UUIDField(db_index=True)
    """The subject in the ledger, which names nobody."""
    fondement = models.CharField(max_length=40, blank=True)
    """The reason that was given; none where it is in the ledger (one's own dossier, a mandate)."""
    reference = models.CharField(max_length=200, blank=True)
    depuis = models.BigIntegerField()
    """The last position of the sealed order when it began."""
    cree_le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "suivi"
        constraints: ClassVar = [models.UniqueConstraint(fields=["abonnement", "sujet"], name="suivi_une_fois")]

    def __str__(self) -> str:
        return self.sujet.hex


class Place(models.Model):
    """Jusqu'où l'ordre scellé a été lu : une seule ligne, qui avance avec les avis qu'elle a donnés."""

    position = models.BigIntegerField()

    class Meta:
        verbose_name = "place"

    def __str__(self) -> str:
        return str(self.position)


class Avis(models.Model):
    """Un message à envoyer ; il disparaît une fois reçu. Ceux d'un abonnement partent dans l'ordre."""

    id = models.BigAutoField(primary_key=True)
    message = models.UUIDField(default=uuid4, unique=True, editable=False)
    """Its name for who receives it, the same at each try."""
    abonnement = models.ForeignKey(Abonnement, on_delete=models.CASCADE, related_name="avis")
    suivi = models.ForeignKey(Suivi, on_delete=models.CASCADE, null=True, related_name="avis")
    """None: a message to try whether they arrive."""
    evenement = models.UUIDField(null=True)
    date = models.DateTimeField()
    """When the ledger learnt it."""
    trace_le = models.DateTimeField(null=True)
    """When the ledger was told that the account is shown this."""

    class Meta:
        verbose_name = "avis"
        constraints: ClassVar = [models.UniqueConstraint(fields=["suivi", "evenement"], name="avis_une_fois")]

    def __str__(self) -> str:
        return self.message.hex
