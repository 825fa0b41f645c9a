"""What is done to an account: made, invited, limited, closed, its password and its second factor renewed.

The command line, the administrators' pages and the account's own call the same functions. Each change is recorded in
the ledger as the last thing before it takes effect, by who made it: where that cannot be written nothing is changed. A
secret is returned once, to be told, and kept nowhere but as a digest.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ledger.coffre import nobody
from ledger.entry import Acteur, Entry
from ledger.errors import ConstatError
from ledger.events.acces import CompteChange
from ledger.events.listes import ActeCompte
from ledger.events.types import Flux, NatureActeur
from web.acces import Role
from web.comptes import coffre, facteurs
from web.comptes.models import Application, CodeDeSecours, Compte, Secours
from web.lecture import objet_du_compte
from web.qui import acteur as acteur_de
from web.registre import registre

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs that nobody takes for one another."""
INVITATION: Final = timedelta(days=7)
EXPLOITANT: Final = Acteur(nature=NatureActeur.ADMINISTRATEUR, service="Exploitation du site")
"""Who types commands on the server: the system knows who logged in there, this program does not."""
SECOURS: Final = 10
"""Recovery codes of an account."""


class CompteError(ConstatError):
    """Ce compte ne peut pas être changé ainsi."""


class DernierAdministrateurError(CompteError):
    """C'est le dernier administrateur actif."""

    def __init__(self) -> None:
        super().__init__(
            "c'est le dernier administrateur actif : donnez d'abord ce rôle à un autre compte, ou personne ne pourrait"
            " plus gérer les comptes"
        )


class Ferme(NamedTuple):
    """What went with an account that was closed."""

    sessions: int
    jetons: int


def comptes() -> QuerySet[Compte]:
    """All of them, by name."""
    return Compte.objects.order_by("identifiant")


def trouver(identifiant: str) -> Compte:
    """The account of this name.

    :raises CompteError: there is none.
    """
    found = Compte.objects.filter(identifiant=Compte.objects.model.normalize_username(identifiant)).first()
    if found is None:
        msg = f"aucun compte « {identifiant} »"
        raise CompteError(msg)
    return found


def ajouter(
    identifiant: str,
    role: Role,
    service: str,
    mot_de_passe: str | None,
    *,
    prefecture: str = "",
    sujet: bytes | None = None,
    acteur: str | None = None,
    par: Acteur = EXPLOITANT,
    **champs: Any,
) -> Compte:
    """A new account. ``acteur``: as facts name who acts, and mandates a representative; drawn when it is not given.

    :raises CompteError: the name is taken, the perimeter is not that of the role, or the password is too weak.
    """
    _perimetre(role, prefecture, sujet)
    if mot_de_passe is not None:
        _valider(mot_de_passe, Compte(identifiant=identifiant))
    try:
        with transaction.atomic():
            made = Compte.objects.creer(
                identifiant,
                mot_de_passe,
                role,
                service=service,
                prefecture=prefecture,
                acteur=acteur or f"{role.value}-{secrets.token_hex(6)}",
                sujet=UUID(bytes=sujet) if sujet is not None else None,
                **champs,
            )
            _tracer(made, ActeCompte.OUVERTURE, par, made.cree_le)
    except IntegrityError as error:
        msg = f"un compte a déjà l'identifiant « {identifiant} », ou ce pseudonyme"
        raise CompteError(msg) from error
    return made


def changer_role(compte: Compte, champs: Mapping[str, Any], par: Acteur, now: datetime) -> None:
    """Another role, service or perimeter; its sessions and tokens end.

    :raises DernierAdministrateurError: nobody could manage accounts any more.
    """
    was = compte.sujet
    with _changement(compte, ActeCompte.ROLE, par, now, *filter(None, [was])):
        for name, value in champs.items():
            setattr(compte, name, value)
        _garder_un_administrateur(compte)
        compte.save()
        _tout_finir(compte, now)


def inviter(compte: Compte, now: datetime, par: Acteur = EXPLOITANT) -> str:
    """The code by which the holder of this account ties it to ProConnect, once, within a week; an earlier one is void.

    :raises CompteError: it is closed, or tied already.
    """
    if not compte.is_active or compte.oidc_sub is not None:
        msg = f"le compte « {compte.identifiant} » est {'fermé' if not compte.is_active else 'déjà lié à ProConnect'}"
        raise CompteError(msg)
    code = tirer(4, 4)
    with _changement(compte, ActeCompte.INVITATION, par, now):
        compte.invitation, compte.invitation_expire_le = empreinte(code), now + INVITATION
        compte.save(update_fields=["invitation", "invitation_expire_le"])
    return code


def reinitialiser(compte: Compte, now: datetime, par: Acteur) -> str:
    """The code by which the holder of this account chooses its password, once, within a week; the old one is void now.

    What stands for a password until then was drawn and told to nobody.

    :raises CompteError: it is closed, or logs in by ProConnect.
    """
    with transaction.atomic():
        compte.set_password(engendrer())
        compte.save(update_fields=["password"])
        compte.sessions.all().delete()
        return inviter(compte, now, par)


def prendre(code: str, mot_de_passe: str, now: datetime) -> bool:
    """Give the account that ``code`` invites the password that its holder chose; whether there is one.

    An account that has none is for ProConnect, and does not take one here.

    :raises CompteError: it is too weak.
    """
    with transaction.atomic():
        found = invite(code, now, verrou=True)
        if found is None or not found.has_usable_password():
            return False
        changer_mot_de_passe(found, mot_de_passe, acteur_de(found.profil), now)
        found.invitation = found.invitation_expire_le = None
        found.save(update_fields=["invitation", "invitation_expire_le"])
    return True


def invite(code: str, now: datetime, *, verrou: bool = False) -> Compte | None:
    """The account that this code invites, when it still does. ``verrou``: kept from others for this transaction."""
    rows = Compte.objects.select_for_update() if verrou else Compte.objects
    return rows.filter(
        invitation=empreinte(code), invitation_expire_le__gt=now, is_active=True, oidc_sub__isnull=True
    ).first()


def lier(compte: Compte, sub: str, now: datetime) -> bool:
    """Tie an invited account to whom a provider named; whether it was still to be tied. The invitation is used up."""
    try:
        with transaction.atomic():
            changed = Compte.objects.filter(
                pk=compte.pk, oidc_sub__isnull=True, is_active=True, invitation_expire_le__gt=now
            ).update(oidc_sub=sub, invitation=None, invitation_expire_le=None)
    except IntegrityError:
        return False
    return changed == 1


def fermer(compte: Compte, now: datetime, par: Acteur = EXPLOITANT) -> Ferme:
    """Nobody logs in with it any more; its sessions and tokens end now.

    :raises DernierAdministrateurError: nobody could manage accounts any more.
    """
    with _changement(compte, ActeCompte.FERMETURE, par, now):
        compte.is_active = False
        _garder_un_administrateur(compte)
        compte.invitation = compte.invitation_expire_le = None
        compte.save(update_fields=["is_active", "invitation", "invitation_expire_le"])
        return _tout_finir(compte, now)


def rouvrir(compte: Compte, now: datetime, par: Acteur) -> None:
    """It may log in again."""
    with _changement(compte, ActeCompte.REOUVERTURE, par, now):
        compte.is_active = True
        compte.save(update_fields=["is_active"])


def changer_mot_de_passe(
    compte: Compte, mot_de_passe: str, par: Acteur = EXPLOITANT, now: datetime | None = None, *, sauf: str | None = None
) -> None:
    """A new password; every session of the account ends, but ``sauf``.

    :raises CompteError: it is too weak.
    """
    _valider(mot_de_passe, compte)
    with _changement(compte, ActeCompte.MOT_DE_PASSE, par, now):
        compte.set_password(mot_de_passe)
        compte.save(update_fields=["password"])
        compte.sessions.exclude(session_key=sauf).delete()


def oublier_facteur(
    compte: Compte, par: Acteur = EXPLOITANT, now: datetime | None = None, *, sauf: str | None = None
) -> None:
    """Forget the second factor: its holder enrols another. Every session of the account ends, but ``sauf``."""
    with _changement(compte, ActeCompte.SECOND_FACTEUR, par, now):
        Application.objects.filter(user=compte).delete()
        Secours.objects.filter(user=compte).delete()
        compte.sessions.exclude(session_key=sauf).delete()


def changements(compte: Compte) -> tuple[Entry, ...]:
    """What was done to an account, in order of arrival, as the ledger has it."""
    return registre().exploitant.ledger.life(nobody(Flux.ACCES, objet_du_compte(compte.pk)))


def codes_de_secours(compte: Compte) -> list[str]:
    """Fresh recovery codes, each good once in place of the application's; earlier ones are void."""
    with transaction.atomic():
        Secours.objects.filter(user=compte).delete()
        device = Secours.objects.create(user=compte, name="codes de secours", confirmed=True)
        codes = [tirer(2, 5) for _ in range(SECOURS)]
        digests = [coffre.empreintes(propre(each), facteurs.domaine(compte.pk))[0] for each in codes]
        CodeDeSecours.objects.bulk_create(CodeDeSecours(appareil=device, empreinte=each) for each in digests)
    return codes


def engendrer() -> str:
    """A password that nobody chose."""
    return secrets.token_urlsafe(15)


def tirer(groupes: int, signes: int) -> str:
    """A random code, in groups that can be read aloud: 4.9 bits a sign."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(signes)) for _ in range(groupes))


def propre(code: str) -> str:
    """A code as it is compared: whatever the case, the spaces and the dashes it was typed with."""
    return "".join(each for each in code.lower() if each.isalnum())


def empreinte(code: str) -> str:
    """What is kept of a code."""
    return sha256(propre(code).encode()).hexdigest()


@contextmanager
def _changement(compte: Compte, acte: ActeCompte, par: Acteur, now: datetime | None, *avant: UUID) -> Iterator[None]:
    """A change that takes effect only once it is recorded. ``avant``: the person whose account it was."""
    with transaction.atomic():
        yield
        _tracer(compte, acte, par, now or datetime.now(UTC), *avant)


def _tracer(compte: Compte, acte: ActeCompte, par: Acteur, now: datetime, *avant: UUID) -> None:
    event = CompteChange(
        compte=compte.acteur,
        acte=acte,
        role=Role(compte.role).value,
        service=compte.service or None,
        prefecture=compte.prefecture or None,
    )
    persons = {each.bytes for each in (compte.sujet, *avant) if each is not None}
    registre().lecteur.tracer_compte(par, event, compte.pk, persons, now)


def _tout_finir(compte: Compte, now: datetime) -> Ferme:
    sessions, _ = compte.sessions.all().delete()
    return Ferme(sessions, compte.jetons.filter(revoque_le__isnull=True).update(revoque_le=now))


def _garder_un_administrateur(compte: Compte) -> None:
    """Let ``compte`` be saved only if an active administrator is left; two changes at once wait for each other."""
    active = Compte.objects.select_for_update().filter(role=Role.ADMINISTRATEUR.value, is_active=True).order_by("pk")
    known = {each.pk for each in active}
    left = known - {compte.pk}
    if compte.pk in known and not left and not (compte.is_active and compte.role == Role.ADMINISTRATEUR.value):
        raise DernierAdministrateurError


def _perimetre(role: Role, prefecture: str, sujet: bytes | None) -> None:
    if (role is Role.USAGER) is (sujet is None):
        msg = "un compte d'usager, et lui seul, dit de quelle personne il est"
        raise CompteError(msg)
    if (role in {Role.AGENT, Role.SUPERVISEUR}) is not bool(prefecture):
        msg = "un compte d'agent ou de responsable, et lui seul, dit de quelle préfecture il est"
        raise CompteError(msg)


def _valider(mot_de_passe: str, compte: Compte) -> None:
    try:
        validate_password(mot_de_passe, compte)
    except ValidationError as error:
        raise CompteError(" ".join(error.messages)) from error
