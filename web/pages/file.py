"""The agents' queue (W4): who is without proof, who will be, what waits; why each is where she is, and what to do."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from django.http import HttpResponse

from app.ordre_file import DEFAUT, decisions
from app.transversal import Place, bureaux, file_du_service
from evidence.mots import dire
from ledger.days import paris_day
from ledger.events.listes import FondementAcces
from ledger.events.types import TypeTitre
from ledger.francais import jour
from projections.francais import compte
from projections.imputation.modeles import Partie
from projections.imputation.prevision import Acte
from projections.imputation.signaux import LIBELLES
from projections.priorites import FAITES, TRI, FiltreFile, Onglet, Priorite, Situation
from web.acces import Objet, permis
from web.pages.commun import a_jour, champs_de, lire_requete, pages_de, remplir
from web.registre import registre
from web.requete import Requete, page

PAR_PAGE: Final = 50
HORIZONS: Final = (7, 15, 30, 60, 90)
MONTREES: Final = 4
"""How many acts, and how many waits, are told of one person; the dossier tells the others."""


class Attendu(NamedTuple):
    """What is expected: of whom, what, until when, and by which texts."""

    qui: str
    quoi: str
    quand: str
    textes: tuple[str, ...]


class Ligne(NamedTuple):
    """One person of the queue, as the page shows her."""

    sujet: str
    priorite: Priorite
    situation: Situation
    echeance: str
    dossiers: tuple[str, ...]
    attendus: tuple[Attendu, ...]
    autres: int
    """How many more acts and waits the dossier tells."""


@page(Objet.FILE)
@a_jour
def montrer(request: Requete) -> HttpResponse:
    """The queue of the service that the account belongs to, and no other: nothing in the address says which."""
    filtre, au = lire_requete(FiltreFile, champs_de(request)), paris_day(request.now)
    service = request.profil.prefecture or ""
    served = registre()
    offices = bureaux(served.suivi, service)
    if filtre.bureau not in offices:
        filtre = filtre.model_copy(update={"bureau": ""})
    decided = next(iter(decisions(served.exploitant.ledger, service)), None)
    ordre = decided.ordre if decided else DEFAUT
    found = file_du_service(served.suivi, service, au, filtre, PAR_PAGE, request.profil.acteur, ordre)
    shown = [*(each.sujet for each in found.places), *(each.sujet for each in found.traitees)]
    served.lecteur.tracer_recherche(
        request.profil,
        FondementAcces.INSTRUCTION,
        f"file {service} {filtre.model_dump_json()}",
        len(shown),
        request.now,
        sujets=shown,
        reference="file des priorités",
    )
    whole = sum(found.effectifs.values())
    asked = found.effectifs[filtre.situation] if filtre.situation else whole
    asked = found.onglets[Onglet.TRAITES] if filtre.onglet is Onglet.TRAITES else asked
    return remplir(
        request,
        "file.html",
        service=service,
        au=au,
        lignes=[ligne(each, au) for each in found.places],
        filtre=filtre,
        champs=filtre.model_dump(exclude_defaults=True, exclude={"page"}, mode="json"),
        effectifs=found.effectifs,
        onglets_file=found.onglets,
        traitees=found.traitees,
        delai=FAITES.days,
        bureaux=offices,
        total=whole,
        demandees=asked,
        pages=pages_de(filtre.page, asked, PAR_PAGE),
        tri=[TRI[each] for each in ordre],
        decision=decided,
        decide=permis(request.profil.role, Objet.ORDRE_FILE) is not None,
        horizons=sorted({*HORIZONS, filtre.jours}),
        motifs=LIBELLES,
        titres={each: dire(each) for each in TypeTitre},
    )


def ligne(place: Place, au: date) -> Ligne:
    """One person, in the words of the page."""
    found = place.priorite
    told = tuple(_attendus(found, au))
    files = [each.dossier for each in found.pertes] + [each.dossier for each in found.attentes]
    named = dict.fromkeys(each for each in files if each)
    return Ligne(
        sujet=place.sujet.hex(),
        priorite=found,
        situation=_situation(found),
        echeance=_echeance(found, au),
        dossiers=tuple(named),
        attendus=told[:MONTREES],
        autres=max(0, len(told) - MONTREES),
    )


def _situation(found: Priorite) -> Situation:
    if found.sans_preuve_depuis is not None:
        return Situation.SANS_PREUVE
    return Situation.ATTENTE if found.prochaine_perte is None else Situation.BIENTOT


def _echeance(found: Priorite, au: date) -> str:
    if found.sans_preuve_depuis is not None:
        return f"dépassée depuis {compte((au - found.sans_preuve_depuis).days + 1, 'jour')}"
    ends = (found.prochaine_perte, *(each.echeance for each in found.attentes))
    days = [day for day in ends if day is not None and day >= au]
    if not days:
        return "aucune"
    left = (min(days) - au).days
    return f"dans {compte(left, 'jour')}" if left else "aujourd'hui"


def _attendus(found: Priorite, au: date) -> Iterator[Attendu]:
    """The acts that prevent or end a loss, the administration's first; then what waits for an answer."""
    acts = {(act.debiteur, act.texte): act for lost in found.pertes for act in lost.actes}
    for act in sorted(acts.values(), key=lambda act: (act.debiteur is not Partie.ADMINISTRATION, act.au_plus_tard)):
        yield Attendu(_qui(act), act.texte, _avant(act, au), act.articles)
    for wait in found.attentes:
        if wait.code not in {"effet", "vulnerable"}:
            about = f" ({wait.dossier})" if wait.dossier else ""
            due = f"échéance le {jour(wait.echeance)}" if wait.echeance else f"depuis le {jour(wait.du)}"
            yield Attendu("À traiter", f"{wait.libelle}{about}", due, ())


def _qui(act: Acte) -> str:
    return f"Devoir de {act.debiteur.nom_fr}"


def _avant(act: Acte, au: date) -> str:
    """The last day on which the act prevents the loss, and whether it is gone."""
    gone = ", passé" if act.au_plus_tard < au else ""
    return f"dernier jour utile : le {jour(act.au_plus_tard)}{gone}"
