"""What Django keeps: who may log in, what is open, which programs act for whom. Nothing of any dossier."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import ClassVar, Final
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from web.acces import Profil, Role
from web.comptes.facteurs import Application, CodeDeSecours, Secours

__all__ = ["Application", "CodeDeSecours", "Compte", "ComptesManager", "Jeton", "Secours", "Session"]

JETON: Final = "ctj_"
"""How a token begins, so that one that leaked is found by who looks for them."""


class ComptesManager(BaseUserManager["Compte"]):
    """Makes accounts."""

    def creer(self, identifiant: str, mot_de_passe: str | None, role: Role, **champs: object) -> "Compte":
        """A new account; without a password it logs in by ProConnect only."""
        compte = self.model(identifiant=self.model.normalize_username(identifiant), role=role.value, **champs)
        compte.set_password(mot_de_passe)
        compte.save()
        return compte


class Compte(AbstractBaseUser):  # type: ignore[django-manager-missing] # those of django-otp's devices have no types
    """Un compte : en quelle qualité on regarde, pour quel service, dans quel périmètre."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    identifiant = models.CharField("identifiant", max_length=150, unique=True)
    role = models.CharField("rôle", max_length=20, choices=[(each.value, each.libelle) for each in Role])
    acteur = models.CharField("pseudonyme au registre", max_length=200, unique=True)
    """As facts name who acts, and as mandates name a representative."""
    service = models.CharField("service", max_length=200)
    """What the person concerned is told of who looked."""
    prefecture = models.CharField("préfecture", max_length=200, blank=True)
    """Whose dossiers an agent sees."""
    sujet = models.UUIDField("dossier de la personne", null=True, blank=True)
    """Of an applicant: her subject in the ledger, which names nobody."""
    oidc_sub = models.CharField("identifiant ProConnect", max_length=255, null=True, blank=True, unique=True)
    invitation = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    """SHA-256, hex, of the code by which its holder ties it to ProConnect, once: the code itself is told once."""
    invitation_expire_le = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField("actif", default=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now)

    facteurs: frozenset[str] = frozenset()
    """The second factors it has confirmed, as django-otp names them; known of who asks only."""

    USERNAME_FIELD = "identifiant"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = ComptesManager()

    class Meta:
        verbose_name = "compte"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="perimetre_du_role",
                condition=models.Q(role="usager", sujet__isnull=False)
                | (models.Q(role__in=["agent", "superviseur"]) & ~models.Q(prefecture=""))
                | models.Q(role__in=["representant", "ccc", "pan", "ddd", "administrateur"]),
            )
        ]

    def __str__(self) -> str:
        return self.identifiant

    @property
    def profil(self) -> Profil:
        """Who looks, as the rules of access take it."""
        return Profil(
            role=Role(self.role),
            acteur=self.acteur,
            service=self.service,
            prefecture=self.prefecture or None,
            sujet=self.sujet.bytes if self.sujet else None,
        )


class Session(AbstractBaseSession):
    """Une session ouverte : elle se voit et se ferme depuis n'importe quelle autre du même compte."""

    compte = models.ForeignKey(Compte, null=True, on_delete=models.CASCADE, related_name="sessions")
    ouverte_le = models.DateTimeField(default=timezone.now)
    vue_le = models.DateTimeField(default=timezone.now)
    appareil = models.CharField(max_length=80, blank=True)
    """« Firefox, Linux »: what the browser says of itself, shortened."""

    class Meta:
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls) -> type:
        """The store that writes these rows."""
        from web.comptes.sessions import SessionStore  # noqa: PLC0415 - Django's own pattern: the store imports the model

        return SessionStore


class Jeton(models.Model):
    """Un jeton pour un programme : limité à ce qu'on lui permet, jusqu'à un jour dit, révocable."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    compte = models.ForeignKey(Compte, on_delete=models.CASCADE, related_name="jetons")
    nom = models.CharField("nom", max_length=80)
    empreinte = models.CharField(max_length=64, unique=True, editable=False)
    """SHA-256 of the token, hex: the token itself is told once and kept nowhere."""
    portees = models.JSONField(default=list)
    """The objects that it may look at; none more than its account may."""
    cree_le = models.DateTimeField(default=timezone.now)
    expire_le = models.DateTimeField()
    revoque_le = models.DateTimeField(null=True, blank=True)
    servi_le = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "jeton"

    def __str__(self) -> str:
        return self.nom

    @classmethod
    def creer(cls, compte: Compte, nom: str, portees: list[str], expire_le: datetime) -> tuple["Jeton", str]:
        """A new token and its text, which nobody can read again."""
        texte = JETON + secrets.token_urlsafe(32)
        made = cls.objects.create(
            compte=compte, nom=nom, portees=portees, expire_le=expire_le, empreinte=sha256(texte.encode()).hexdigest()
        )
        return made, texte

    @classmethod
    def trouver(cls, texte: str, now: datetime) -> "Jeton | None":
        """The token that ``texte`` is, when it is valid at ``now`` and its account active."""
        return (
            cls.objects.select_related("compte")
            .filter(
                empreinte=sha256(texte.encode()).hexdigest(),
                revoque_le__isnull=True,
                expire_le__gt=now,
                compte__is_active=True,
            )
            .first()
        )
