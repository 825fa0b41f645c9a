"""Accounts (administrators): who may come, in what capacity, for whom. No dossier is shown, nothing of any person.

Every change is told in the log by ids, closes what was open under the old rights, and can leave no service without an
administrator.
"""

from http import HTTPStatus
from typing import Annotated, Final

import structlog
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_otp import devices_for_user
from django_otp.plugins.otp_totp.models import TOTPDevice
from pydantic import BaseModel, ConfigDict, Field

from web.acces import Objet, Role
from web.comptes.formulaires import ChercherForm, CreerForm, PerimetreForm, mot_de_passe
from web.comptes.models import Compte
from web.pages.commun import champs_de, lire_requete, pages_de, remplir
from web.requete import Requete, page

PAR_PAGE: Final = 50
DERNIER: Final = (
    "C'est le dernier administrateur actif : donnez d'abord ce rôle à un autre compte, ou personne ne pourrait plus"
    " gérer les comptes."
)
FAITS: Final = {
    "perimetre": "Le rôle et le périmètre sont changés ; ses sessions sont fermées et ses jetons révoqués.",
    "desactiver": "Le compte est fermé : il ne peut plus se connecter, ses sessions et ses jetons sont fermés.",
    "reactiver": "Le compte est rouvert.",
    "facteur": "Le second facteur est effacé : le compte en inscrira un autre à sa prochaine connexion.",
    "sessions": "Ses sessions sont fermées.",
}

log = structlog.get_logger("constat.comptes")


class DernierAdministrateurError(Exception):
    """Personne ne pourrait plus gérer les comptes."""


class Filtre(BaseModel):
    """Les comptes que l'on voit."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role | None = None
    actif: bool | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


@page(Objet.COMPTES, formulaire=True)
def lister(request: Requete) -> HttpResponse:
    """Every account, or the one that has this login."""
    form = ChercherForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = Compte.objects.filter(identifiant=form.cleaned_data["identifiant"]).first()
        if found is not None:
            return Vers(reverse("compte-un", args=[found.pk]))
        form.add_error("identifiant", "Aucun compte n'a cet identifiant.")
    filtre = lire_requete(Filtre, champs_de(request))
    asked = _comptes(request, filtre)
    total = asked.count()
    start = (filtre.page - 1) * PAR_PAGE
    return remplir(
        request,
        "comptes.html",
        form=form,
        filtre=filtre,
        champs=filtre.model_dump(mode="json", exclude_defaults=True, exclude={"page"}),
        comptes=asked[start : start + PAR_PAGE],
        total=total,
        pages=pages_de(filtre.page, total, PAR_PAGE),
        roles=tuple(Role),
        role_de=Role,
    )


def _comptes(request: Requete, filtre: Filtre) -> QuerySet[Compte]:
    named: dict[str, object] = {} if filtre.role is None else {"role": filtre.role.value}
    named |= {} if filtre.actif is None else {"is_active": filtre.actif}
    return (
        Compte.objects.filter(**named)
        .annotate(
            ouvertes=Count("sessions", filter=Q(sessions__expire_date__gt=request.now)),
            facteur=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        )
        .order_by("role", "identifiant")
    )


@page(Objet.COMPTES, formulaire=True)
def creer(request: Requete) -> HttpResponse:
    """A new account, with a password that is shown once."""
    form = CreerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        secret = mot_de_passe()
        made = Compte.objects.creer(mot_de_passe=secret, **form.champs())
        _dire(request, made, "creer")
        return remplir(request, "compte_secret.html", compte=made, secret=secret)
    return remplir(request, "compte_creer.html", form=form)


@page(Objet.COMPTES, formulaire=True)
def un(request: Requete, compte: str) -> HttpResponse:
    """One account, and what may be done to it."""
    found = _comptes(request, Filtre()).filter(pk=compte).first()
    if found is None:
        raise Http404
    act = request.POST.get("acte", "")
    form = PerimetreForm(request.POST if act == "perimetre" else None, compte=found)
    wrong = ""
    if request.method == "POST":
        try:
            answer = _faire(request, found, act, form)
        except DernierAdministrateurError:
            found.refresh_from_db()
            wrong = DERNIER
        else:
            if answer is not None:
                return answer
    sessions = found.sessions.filter(expire_date__gt=request.now).order_by("-vue_le")[:20]
    return remplir(
        request, "compte_un.html", compte=found, form=form, faux=wrong, sessions_ouvertes=sessions, role_de=Role
    )


def _faire(request: Requete, compte: Compte, act: str, form: PerimetreForm) -> HttpResponse | None:
    """Do ``act``; ``None``: it cannot be done as it was asked, and the page says why.

    :raises DernierAdministrateurError: nobody could manage accounts any more.
    :raises Http404: there is no such act.
    """
    if act == "mot_de_passe":
        secret = mot_de_passe()
        compte.set_password(secret)
        compte.save()
        if compte.pk == request.user.pk:
            update_session_auth_hash(request, compte)
        _fermer(request, compte, jetons=False)
        _dire(request, compte, act)
        return remplir(request, "compte_secret.html", compte=compte, secret=secret)
    if act not in FAITS:
        raise Http404
    if act == "perimetre" and not form.is_valid():
        return None
    with transaction.atomic():
        _changer(request, compte, act, form)
    _dire(request, compte, act)
    messages.success(request, FAITS[act])
    return Vers(reverse("compte-un", args=[compte.pk]))


def _changer(request: Requete, compte: Compte, act: str, form: PerimetreForm) -> None:
    match act:
        case "perimetre":
            for name, value in form.champs().items():
                setattr(compte, name, value)
            _garder_un_administrateur(compte)
        case "desactiver" | "reactiver":
            compte.is_active = act == "reactiver"
            _garder_un_administrateur(compte)
        case "facteur":
            for device in devices_for_user(compte, confirmed=None):
                device.delete()
    compte.save()
    if act != "reactiver":
        _fermer(request, compte, jetons=act in {"perimetre", "desactiver"})


def _garder_un_administrateur(compte: Compte) -> None:
    """Let ``compte`` be saved only if an active administrator is left; two changes at once wait for each other.

    :raises DernierAdministrateurError: none would be left.
    """
    active = Compte.objects.select_for_update().filter(role=Role.ADMINISTRATEUR.value, is_active=True).order_by("pk")
    left = {each.pk for each in active} - {compte.pk}
    if not left and not (compte.is_active and compte.role == Role.ADMINISTRATEUR.value):
        raise DernierAdministrateurError


def _fermer(request: Requete, compte: Compte, *, jetons: bool) -> None:
    """Close what is open under the rights that were; the session that asks stays, when it is one's own account."""
    compte.sessions.exclude(session_key=request.session.session_key).delete()
    if jetons:
        compte.jetons.filter(revoque_le__isnull=True).update(revoque_le=request.now)


def _dire(request: Requete, compte: Compte, act: str) -> None:
    log.info("account_changed", act=act, account=str(compte.pk), by=str(request.user.pk), request=request.id)


class Vers(HttpResponseRedirect):
    """Go there by GET: what was sent is not sent again."""

    status_code = HTTPStatus.SEE_OTHER
