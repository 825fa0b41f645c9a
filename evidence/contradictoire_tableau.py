"""The table of both sides, for the report: texts in French, two columns, one row for each thing that has two sides."""

from collections.abc import Iterable, Iterator
from typing import Final

from evidence.contradictoire import (
    Contradictoire,
    Dit,
    Echange,
    Etat,
    FaitConteste,
    Intervalle,
    LigneCote,
    Regard,
    Touche,
)
from evidence.mots import COUCHES
from ledger.days import Jours
from ledger.francais import jour
from projections import francais
from projections.imputation.modeles import Constat, Imputation, Statut

DEMANDES: Final = "Demandes du Défenseur des droits"
CONTESTES: Final = "Faits contestés"
REGARDS: Final = "Ce que chaque côté pouvait voir"
JOURS: Final = "Jours perdus"
_NATURES: Final = {"explications": "Demande d'explications", "recommandation": "Recommandation"}
ETATS: Final = {
    Etat.REPONDU: "répondu",
    Etat.REPONDU_APRES: "répondu après l'échéance",
    Etat.ATTENDU: "attendu, l'échéance n'est pas passée",
    Etat.SANS_REPONSE: "aucune réponse au registre, l'échéance est passée",
    Etat.SANS_ECHEANCE: "aucune réponse au registre, aucune échéance n'a été fixée",
    Etat.NON_APPRECIE: "non apprécié : aucun texte suivi ne s'appliquait ce jour-là",
}


STATUTS: Final = {
    Statut.ETABLI: "établi",
    Statut.PROBABLE: "probable",
    Statut.A_ETABLIR: "à établir",
    Statut.CONTESTE: "contesté",
}
IMPUTATIONS: Final = {
    Imputation.ADMINISTRATION: "imputables à l'administration",
    Imputation.APPLICANT: "imputables à la personne",
    Imputation.SHARED: "imputables à l'une et à l'autre",
    Imputation.THIRD_PARTY: "imputables à un tiers",
    Imputation.END_OF_RIGHT_BY_DECISION: "fin du droit par décision",
    Imputation.UNDETERMINED: "indéterminés",
}


def tableau(found: Contradictoire) -> tuple[LigneCote, ...]:
    """The rows, part by part. Texts that people wrote are as they were written: who shows them makes them safe."""
    return (
        *(row for each in found.echanges for row in _echange(each)),
        *map(_conteste, found.faits_contestes),
        *map(_regard, found.regards),
        *map(_intervalle, found.jours_perdus),
    )


def _echange(each: Echange) -> Iterator[LigneCote]:
    """One row for each proposed finding beside the answers, or one for the request when it proposes none."""
    name = f"{_NATURES[each.nature]} du {_jours(each.demande)}"
    answers = tuple(text for said in each.reponses for text in _dire(said))
    head = (_force(each.demande), *each.demande.textes)
    for number, finding in enumerate(each.constats_proposes or ("",), start=1):
        proposed = (f"Constat proposé : {finding}",) if finding else ()
        yield LigneCote(
            partie=DEMANDES,
            objet=f"{name}, constat {number}" if finding else name,
            gauche=(*head, *proposed),
            droite=answers,
            suite=_suite(each),
            articles=(each.article,),
        )


def _suite(each: Echange) -> str:
    due = f"échéance : {francais.jours(Jours.lire(each.echeance))} ; " if each.echeance is not None else ""
    late = f" ({francais.compte(each.jours_de_retard, 'jour')} après)" if each.jours_de_retard else ""
    followed = {None: "", True: " ; dite suivie", False: " ; dite non suivie"}[each.suivie]
    return f"{due}{ETATS[each.etat]}{late}{followed}"


def _conteste(each: FaitConteste) -> LigneCote:
    told = _dire(each.dit) if each.dit is not None else ("Aucun fait de cet identifiant ne tient au registre.",)
    days = [_touche(touched) for touched in each.touche]
    return LigneCote(
        partie=CONTESTES,
        objet=each.fait,
        gauche=told,
        droite=_dire(each.contestation),
        suite=f"en dépendent : {' ; '.join(days)}" if days else "aucun jour perdu n'en dépend",
        articles=(),
    )


def _touche(t: Touche) -> str:
    return f"jours du {jour(t.du)} au {jour(t.au)}, {IMPUTATIONS[t.imputation]} ({STATUTS[t.statut]})"


def _regard(each: Regard) -> LigneCote:
    still = "encore" if each.ouverte else f"jusqu'au {jour(each.au)}"
    sure = "" if each.certaine else " ; selon l'une des lectures de dates"
    return LigneCote(
        partie=REGARDS,
        objet=each.dossier or each.code,
        gauche=(each.usager,),
        droite=(each.administration,),
        suite=f"{each.constat.texte} ({still}{sure} ; {STATUTS[each.constat.statut]})",
        articles=each.constat.articles,
    )


def _intervalle(each: Intervalle) -> LigneCote:
    missing = f" ; manque : {' ; '.join(each.preuves_manquantes)}" if each.preuves_manquantes else ""
    return LigneCote(
        partie=JOURS,
        objet=f"{COUCHES[each.couche].capitalize()}, du {jour(each.du)} au {jour(each.au)}",
        gauche=tuple(map(_constat, each.chaine)),
        droite=tuple(map(_constat, each.contre)),
        suite=f"{IMPUTATIONS[each.imputation]} ({STATUTS[each.statut]}){missing}",
        articles=_articles((*each.chaine, *each.contre)),
    )


def _articles(found: Iterable[Constat]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(article for each in found for article in each.articles))


def _constat(each: Constat) -> str:
    force = f", force {each.grade.value}" if each.grade is not None else ""
    return f"{each.texte} ({STATUTS[each.statut]}{force})"


def _dire(said: Dit) -> tuple[str, ...]:
    return (_force(said), *said.textes)


def _force(said: Dit) -> str:
    by = f"{said.par}, " if said.par else ""
    return f"{by}{_jours(said)} (source {said.source}, force {said.grade})"


def _jours(said: Dit) -> str:
    return francais.jours(Jours(said.pas_avant, said.pas_apres))
