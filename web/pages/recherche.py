"""Finding a person: by what names her exactly, among those this account may see; for a representative, their mandates.

What is looked for comes by a form and is never in an address. The answer is the same for who is not there and for who
is not theirs.
"""

from typing import Any, Final

from django import forms
from django.http import HttpResponse

from app.transversal import Trouvee, chercher, mandantes
from evidence.mots import dire
from ledger.days import paris_day
from ledger.events.listes import FondementAcces, PorteeMandat
from projections.attaches import Attache, exact
from web.acces import FONDEMENTS, Motif, Objet, Profil, Role, motif_admis, service
from web.gardes import MOTIFS
from web.pages.commun import a_jour, champs_de, lire_requete, pages_de, remplir
from web.pages.liste import Page
from web.registre import registre
from web.requete import Requete, page

PAR_PAGE: Final = 50
LONGUEUR: Final = 200
LIBELLES: Final = {
    Role.AGENT: "Référence de la personne, ou numéro d'un de ses dossiers",
    Role.SUPERVISEUR: "Référence de la personne, ou numéro d'un de ses dossiers",
    Role.DDD: "Numéro de la réclamation, référence de la personne, ou numéro d'un de ses dossiers",
    Role.CCC: "Référence de la personne, ou numéro d'un de ses dossiers",
    Role.PAN: "Référence de la personne, ou numéro d'un de ses dossiers",
}
TICKETS: Final = {
    Role.CCC: "Numéro de sa demande d'assistance",
    Role.PAN: "Référence de son passage au point d'accueil",
}
ATTACHES: Final = {
    Role.AGENT: "Parmi les personnes dont votre préfecture a un dossier",
    Role.SUPERVISEUR: "Parmi les personnes dont votre préfecture a un dossier",
    Role.DDD: "Parmi les personnes dont une réclamation est au registre",
    Role.CCC: "Parmi les personnes qui ont demandé votre aide : il faut les deux références",
    Role.PAN: "Parmi les personnes qui ont demandé votre aide : il faut les deux références",
}


class RechercheForm(forms.Form):
    """What is looked for, as it is written; nothing near it is found."""

    def __init__(self, *args: Any, role: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"] = _champ(LIBELLES[role])
        if role in TICKETS:
            self.fields["ticket"] = _champ(TICKETS[role])


def _champ(label: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=LONGUEUR, widget=widget)


@page(Objet.RECHERCHE, formulaire=True)
@a_jour
def montrer(request: Requete) -> HttpResponse:
    """A form and what it found; for a representative, who gave a mandate that runs today."""
    if request.profil.role is Role.REPRESENTANT:
        return _mandats(request)
    form = RechercheForm(request.POST if request.method == "POST" else None, role=request.profil.role)
    found = _chercher(request, form) if request.method == "POST" and form.is_valid() else None
    return remplir(request, "recherche.html", form=form, trouvees=found, parmi=ATTACHES[request.profil.role])


def _chercher(request: Requete, form: RechercheForm) -> tuple[Trouvee, ...]:
    served, profil = registre(), request.profil
    text, ticket = form.cleaned_data["reference"], form.cleaned_data.get("ticket", "")
    found = chercher(served.suivi, served.opened, text, attache(profil, ticket))
    served.lecteur.tracer_recherche(
        profil,
        FONDEMENTS[profil.role][0],
        f"recherche {exact(text)}\0{exact(ticket)}",
        len(found),
        request.now,
        sujets=[each.sujet for each in found],
    )
    if len(found) == 1:
        _retenir_motif(request, found[0], ticket or text)
    return found


def attache(profil: Profil, ticket: str) -> Attache:
    """By what a person must be tied to ``profil`` to be found.

    :raises ValueError: this role does not search.
    """
    match profil.role:
        case Role.AGENT | Role.SUPERVISEUR:
            return Attache("en_charge", "service", service(profil.prefecture or ""))
        case Role.DDD:
            return Attache("reclamation")
        case Role.CCC | Role.PAN:
            return Attache("assistance", "reference", ticket)
        case Role.USAGER | Role.REPRESENTANT | Role.ADMINISTRATEUR:
            msg = f"a {profil.role} does not search"
            raise ValueError(msg)


def _retenir_motif(request: Requete, found: Trouvee, reference: str) -> None:
    """Who searched by a complaint or a request for help has said why: it is not asked twice."""
    if request.profil.role not in {Role.DDD, *TICKETS}:
        return
    vie = registre().lecteur.vie(found.sujet)
    given = Motif(FONDEMENTS[request.profil.role][0], exact(reference))
    if vie is not None and motif_admis(request.profil, given, vie.attaches) is None:
        held = request.session.get(MOTIFS, {})
        request.session[MOTIFS] = {**held, vie.reference: [given.fondement.value, given.reference]}


def _mandats(request: Requete) -> HttpResponse:
    asked = lire_requete(Page, champs_de(request)).page
    served, today = registre(), paris_day(request.now)
    depuis = (asked - 1) * PAR_PAGE
    rows, total = mandantes(served.suivi, request.profil.acteur, today, depuis=depuis, limite=PAR_PAGE)
    served.lecteur.tracer_recherche(
        request.profil,
        FondementAcces.MANDAT,
        f"mandats {request.profil.acteur} page {asked}",
        len(rows),
        request.now,
        sujets=[each.sujet for each, _ in rows],
    )
    return remplir(
        request,
        "mandats.html",
        lignes=[(each, said, _permis(said.portee)) for each, said in rows],
        total=total,
        pages=pages_de(asked, total, PAR_PAGE),
        consulter=dire(PorteeMandat.CONSULTER),
    )


def _permis(portee: tuple[str, ...]) -> tuple[str, ...]:
    """What a mandate permits: one that names no act permits to look."""
    return tuple(dire(PorteeMandat(each)) for each in portee) or (dire(PorteeMandat.CONSULTER),)
