"""Accounts (administrators): who may come, in what capacity, for whom. No dossier is shown, nothing of any person.

Every change is in the ledger before it takes effect, closes what was open under the old rights, and can leave no
service without an administrator. Nobody changes their own account here.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

import structlog
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from pydantic import BaseModel, ConfigDict, Field

from ledger.events.acces import CompteChange
from projections.acces import ACTES_COMPTE
from web.acces import Objet, Role
from web.comptes import gestion
from web.comptes.formulaires import ChercherForm, CreerForm, PerimetreForm
from web.comptes.models import Application, Compte
from web.pages.commun import champs_de, lire_requete, pages_de, remplir
from web.qui import acteur
from web.requete import Requete, page

PAR_PAGE: Final = 50
CHANGEMENTS: Final = 50
"""Of an account, as many are shown."""
SOI: Final = (
    "c'est votre propre compte : gérez-le sur « Mon compte » ; votre rôle et vos droits, c'est un autre administrateur"
    " qui les change"
)
FAITS: Final = {
    "perimetre": "Le rôle et le périmètre sont changés ; ses sessions sont fermées et ses jetons révoqués.",
    "desactiver": "Le compte est fermé : il ne peut plus se connecter, ses sessions et ses jetons sont fermés.",
    "reactiver": "Le compte est rouvert.",
    "facteur": "Le second facteur est effacé : le compte en inscrira un autre à sa prochaine connexion.",
    "sessions": "Ses sessions sont fermées.",
}

log = structlog.get_logger("constat.comptes")


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
            facteur=Exists(Application.objects.filter(user=OuterRef("pk"), confirmed=True)),
        )
        .order_by("role", "identifiant")
    )


@page(Objet.COMPTES, formulaire=True)
def creer(request: Requete) -> HttpResponse:
    """A new account, with a code that is shown once, by which its holder chooses a password."""
    form = CreerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        par, given = acteur(request.profil), form.champs()
        by_proconnect = given["oidc_sub"] is not None
        made = gestion.ajouter(mot_de_passe=None, par=par, **given)
        secret = "" if by_proconnect else gestion.reinitialiser(made, request.now, par)
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
        except gestion.CompteError as error:
            found = _comptes(request, Filtre()).get(pk=compte)
            told = str(error)
            wrong = f"{told[0].upper()}{told[1:]}."
        else:
            if answer is not None:
                return answer
    sessions = found.sessions.filter(expire_date__gt=request.now).order_by("-vue_le")[:20]
    return remplir(
        request,
        "compte_un.html",
        compte=found,
        form=form,
        faux=wrong,
        soi=found.pk == request.user.pk,
        sessions_ouvertes=sessions,
        changements=changements_dits(found),
        role_de=Role,
    )


def changements_dits(compte: Compte) -> list[tuple[datetime, str, str]]:
    """What the ledger tells of an account, the latest first: when, what, by whom."""
    told = []
    for entry in reversed(gestion.changements(compte)[-CHANGEMENTS:]):
        par, event = entry.fait.acteur, entry.fait.evenement
        assert isinstance(event, CompteChange)  # noqa: S101 - nothing else is written there
        who = ", ".join(filter(None, (par.id, par.service)))
        told.append((entry.fait.survenu.debut, ACTES_COMPTE[event.acte], who))
    return told


def _faire(request: Requete, compte: Compte, act: str, form: PerimetreForm) -> HttpResponse | None:
    """Do ``act``; ``None``: it cannot be done as it was asked, and the page says why.

    :raises CompteError: it cannot be done to this account.
    :raises Http404: there is no such act.
    """
    if act != "mot_de_passe" and act not in FAITS:
        raise Http404
    if compte.pk == request.user.pk:
        raise gestion.CompteError(SOI)
    if act == "perimetre" and not form.is_valid():
        return None
    secret = _changer(request, compte, act, form)
    _dire(request, compte, act)
    if secret:
        return remplir(request, "compte_secret.html", compte=compte, secret=secret)
    messages.success(request, FAITS[act])
    return Vers(reverse("compte-un", args=[compte.pk]))


def _changer(request: Requete, compte: Compte, act: str, form: PerimetreForm) -> str:
    """The secret to be told, where one was made."""
    par, now = acteur(request.profil), request.now
    match act:
        case "perimetre":
            gestion.changer_role(compte, form.champs(), par, now)
        case "desactiver":
            gestion.fermer(compte, now, par)
        case "reactiver":
            gestion.rouvrir(compte, now, par)
        case "facteur":
            gestion.oublier_facteur(compte, par, now)
        case "sessions":
            compte.sessions.all().delete()
        case _:
            return gestion.reinitialiser(compte, now, par)
    return ""


def _dire(request: Requete, compte: Compte, act: str) -> None:
    log.info("account_changed", act=act, account=str(compte.pk), by=str(request.user.pk), request=request.id)


class Vers(HttpResponseRedirect):
    """Go there by GET: what was sent is not sent again."""

    status_code = HTTPStatus.SEE_OTHER
