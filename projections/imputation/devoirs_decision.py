"""What an adverse decision says: reasons, author, ways to contest it (CRPA L.211-5, L.212-1, CJA R.421-5).

A closing is read here too. No text forbids it, nor gives the power to close when a time limit has passed: what is odd
in it is told as a finding beside the duty, never as a breach of its own. [I]
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from ledger.entry import Entry
from ledger.events import cloture, decision, instruction, support, titre
from ledger.events.types import Canal, NatureDecision
from projections.couverture.faits import bornes
from projections.couverture.motifs import jour_fr
from projections.imputation.completude import complements
from projections.imputation.devoir import actes, dernier_jour, devoir, dire, dossier_de, fin_de_decision, forme, premier
from projections.imputation.matiere import Matiere, lus
from projections.imputation.modeles import Constat, Obligation
from rules import (
    ceseda_r431_10_dossier_incomplet,
    cja_r421_5_voies_et_delais,
    crpa_l114_5_complement,
    crpa_l121_1_contradictoire,
    crpa_l211_5_motivation,
    crpa_l212_1_auteur,
    crpa_l242_1_retrait,
    crpa_l311_3_1_algorithme,
)
from rules.base import Source


class _Acte(NamedTuple):
    """A kind of adverse act."""

    type: Any
    nature: NatureDecision
    champ: str
    nom: str


ACTES: Final = (
    _Acte(decision.RefusDecide, NatureDecision.REFUS_EXPRES, "decide_le", "le refus"),
    _Acte(cloture.DossierClosParAgent, NatureDecision.CLOTURE, "clos_le", "la clôture"),
    _Acte(cloture.DossierClosAutomatiquement, NatureDecision.CLOTURE, "clos_le", "la clôture automatique"),
    _Acte(cloture.EnregistrementRefuse, NatureDecision.REFUS_ENREGISTREMENT, "refuse_le", "le refus d'enregistrer"),
    _Acte(support.SubstitutionRefusee, NatureDecision.REFUS_SUBSTITUTION, "refusee_le", "le refus de substitution"),
    _Acte(titre.TitreRetire, NatureDecision.RETRAIT_TITRE, "notifie_le", "le retrait du titre"),
)
_NOTIFIES: Final = (
    _Acte(decision.RefusNotifie, NatureDecision.REFUS_EXPRES, "notifie_le", "le refus"),
    *(each for each in ACTES if each.type not in {decision.RefusDecide, titre.TitreRetire}),
)
"""The acts that say whether they bear the ways to contest them."""


def _montre(entry: Entry, code: str) -> bool:
    """Whether an empty field shows that the act says nothing, rather than that its source does not tell.

    What an automatic closing displayed is told as it was, and so is a message that is kept; an act that was asked for
    here was warned of what it left out.
    """
    event = entry.fait.evenement
    warned = any(each.code == code for each in entry.fait.avertissements)
    return warned or isinstance(event, cloture.DossierClosAutomatiquement) or bool(event.lire_champ("message"))


class _Manques(NamedTuple):
    """What an act leaves out, as far as it is shown, and what its source does not tell."""

    montres: tuple[Constat, ...]
    inconnus: tuple[Constat, ...]


def _manques(entry: Entry, found: Iterable[tuple[str, Source, str]], nom: str | None = None) -> _Manques:
    """The findings of a rule on an act; ``nom`` is what the act is called instead of « la décision »."""
    shown, unsaid = [], []
    for code, source, text in found:
        said = text if nom is None else text.replace("La décision", f"{nom[0].upper()}{nom[1:]}", 1)
        if _montre(entry, code):
            shown.append(dire(code, said, entry, sources=(source,)))
        else:
            said = f"D'après ce seul fait, qui peut ne pas tout dire : {said[0].lower()}{said[1:]}"
            unsaid.append(dire(code, said, entry, sources=(source,), sur=False))
    return _Manques(tuple(shown), tuple(unsaid))


def decisions_motivees(m: Matiere) -> Iterator[Obligation]:
    """L.211-2, L.211-5, L.212-1, L.212-2: an adverse act gives its reasons in law and in fact, and its author."""
    for each in ACTES:
        for entry, event in lus(m, each.type):
            day = dernier_jour(entry, each.champ)
            until = fin_de_decision(m, dossier_de(entry), each.nature, day)
            reasons = [*(event.lire_champ("motifs") or ()), *([event.motif] if event.lire_champ("motif") else [])]
            laws = [
                *(event.lire_champ("articles") or ()),
                *([event.fondement] if event.lire_champ("fondement") else []),
            ]
            found = _manques(entry, crpa_l211_5_motivation.manquements(reasons, laws), each.nom)
            yield from forme(
                m,
                "motivation",
                f"Motiver {each.nom} du {jour_fr(day)}, en droit et en fait",
                sources=(crpa_l211_5_motivation.PRINCIPE, crpa_l211_5_motivation.SOURCE),
                entry=entry,
                jour=day,
                manque=found.montres,
                inconnu=found.inconnus,
                constats=_cloture(m, entry, day) if each.nature is NatureDecision.CLOTURE else (),
                fin=until,
            )
            if "auteur_qualite" in type(event).model_fields:
                yield from _auteur(m, each, entry, day, until)


def _auteur(m: Matiere, each: _Acte, entry: Entry, day: int, until: int | None) -> Iterator[Obligation]:
    online = entry.fait.canal is Canal.TELESERVICE
    named = entry.fait.evenement.lire_champ("auteur_qualite") or entry.fait.acteur.qualite
    found = _manques(entry, crpa_l212_1_auteur.manquements(named, teleservice=online))
    yield from forme(
        m,
        "auteur",
        f"Dire qui a pris {each.nom} du {jour_fr(day)}, et en quelle qualité",
        sources=(crpa_l212_1_auteur.TELESERVICE if online else crpa_l212_1_auteur.SOURCE,),
        entry=entry,
        jour=day,
        manque=found.montres,
        inconnu=found.inconnus,
        fin=until,
    )


def _cloture(m: Matiere, entry: Entry, day: int) -> Iterator[Constat]:
    """What is odd in a closing: nothing asked, nothing read, or a time limit still running."""
    rule = (crpa_l114_5_complement.SOURCE,)
    reading = (crpa_l114_5_complement.CLOTURE, crpa_l114_5_complement.CLASSEMENT)
    asked = [
        e
        for e, _ in lus(m, instruction.ComplementDemande)
        if e.fait.objet == entry.fait.objet and dernier_jour(e, "demande_le") <= day
    ]
    binding = [each for each in complements(m) if each.entry in asked]
    yield dire("cloture_sans_texte", "Aucun texte relevé ne donne le pouvoir de clore ainsi.", entry, sources=reading)
    if not binding:
        text = "Aucune demande de pièces conforme ne précède cette clôture."
        yield dire("cloture_sans_demande", text, entry, *asked, sources=rule)
    for each in binding:
        if each.echeance >= day:
            text = f"Le dossier a été clos avant la fin du délai pour répondre, le {jour_fr(each.echeance)}."
            yield dire("cloture_avant_echeance", text, entry, each.entry, sources=rule)
        if each.ouvert is None:
            text = "Rien ne montre que la demande de pièces ait été lue avant cette clôture."
            yield dire("cloture_sans_lecture", text, entry, each.entry, sources=rule, sur=False)
        if each.repondu is not None and each.repondu <= day:
            text = f"Les pièces avaient été produites le {jour_fr(each.repondu)}."
            yield dire("cloture_apres_reponse", text, entry, each.entry, *each.reponses, sources=rule)


def mentions_algorithme(m: Matiere) -> Iterator[Obligation]:
    """L.311-3-1, R.311-3-1-1: what an algorithm decided says so; that an automatic closing is one is a reading."""
    for entry, event in lus(m, cloture.DossierClosAutomatiquement):
        day, shown = dernier_jour(entry, "clos_le"), event.mention_algorithme is False
        lacks = [
            dire(code, text, entry, sources=(source,), sur=shown)
            for code, source, text in crpa_l311_3_1_algorithme.manquements(event.mention_algorithme)
        ]
        reading = dire(
            "cloture_automatique",
            "Lecture : une clôture automatique est une décision fondée sur un traitement algorithmique.",
            entry,
            sources=(crpa_l311_3_1_algorithme.CLOTURE,),
            sur=False,
        )
        yield from forme(
            m,
            "mention_algorithme",
            f"Dire que la clôture du {jour_fr(day)} vient d'un traitement algorithmique",
            sources=(crpa_l311_3_1_algorithme.SOURCE, crpa_l311_3_1_algorithme.MENTION),
            entry=entry,
            jour=day,
            manque=lacks if shown else (),
            inconnu=() if shown else lacks,
            prerequis=(reading,),
            fin=fin_de_decision(m, entry.fait.objet, NatureDecision.CLOTURE, day),
        )


def voies_et_delais(m: Matiere) -> Iterator[Obligation]:
    """CJA R.421-5: without the ways and time to contest it, what is notified lets no period run against the person."""
    rule = (cja_r421_5_voies_et_delais.SOURCE,)
    for each in _NOTIFIES:
        for entry, event in lus(m, each.type):
            day, told = dernier_jour(entry, each.champ), event.mention_voies_recours
            without = dire("sans_voies_et_delais", "Les voies et délais de recours manquent.", entry, sources=rule)
            text = "Rien ne dit si les voies et délais de recours y sont."
            unsaid = dire("voies_et_delais_inconnus", text, entry, sources=rule, sur=False)
            yield from forme(
                m,
                "voies_et_delais",
                f"Mentionner les voies et délais de recours dans {each.nom} du {jour_fr(day)}",
                sources=rule,
                entry=entry,
                jour=day,
                manque=(without,) if told is False else (),
                inconnu=(unsaid,) if told is None else (),
                fin=fin_de_decision(m, dossier_de(entry), each.nature, day),
            )


def notifications(m: Matiere) -> Iterator[Obligation]:
    """A refusal has no effect against the person before it is notified; no text sets a day, so none is breached."""
    rule = (cja_r421_5_voies_et_delais.SOURCE,)
    for entry, _ in lus(m, decision.RefusDecide):
        day = dernier_jour(entry, "decide_le")
        told = premier(actes(m, entry.fait.objet, day, "notifie_le", decision.RefusNotifie))
        text = "Non notifié, le refus n'a pas d'effet contre la personne."
        yield from devoir(
            m,
            "notification",
            f"Notifier le refus décidé le {jour_fr(day)}",
            sources=rule,
            dossier=entry.fait.objet,
            du=day,
            echeance=None,
            acte="la notification du refus",
            fait=told,
            fin=fin_de_decision(m, entry.fait.objet, NatureDecision.REFUS_EXPRES, day),
            constats=() if told else (dire("refus_non_notifie", text, entry, sources=rule),),
        )


def refus_d_enregistrer(m: Matiere) -> Iterator[Obligation]:
    """CE, avis, n° 472831 and 494718: a refusal to register names the piece without which nothing can be examined."""
    rule = ceseda_r431_10_dossier_incomplet
    for entry, event in lus(m, cloture.EnregistrementRefuse):
        day = dernier_jour(entry, "refuse_le")
        found = _manques(entry, rule.manquements(event.pieces_manquantes, event.fondement))
        yield from forme(
            m,
            "refus_d_enregistrer",
            f"Nommer la pièce dont l'absence empêche d'enregistrer la demande, le {jour_fr(day)}",
            sources=(rule.PIECES, rule.PREMIER_AVIS, rule.SOURCE),
            entry=entry,
            jour=day,
            manque=found.montres,
            inconnu=found.inconnus,
            fin=fin_de_decision(m, entry.fait.objet, NatureDecision.REFUS_ENREGISTREMENT, day),
        )


def retraits(m: Matiere) -> Iterator[Obligation]:
    """L.242-1, L.121-1: a decision that gave rights is taken back within four months, the person heard before."""
    rule = (crpa_l242_1_retrait.SOURCE,)
    for entry, event in lus(m, decision.DecisionRetiree):
        if event.vise is not NatureDecision.FAVORABLE or event.decision_du is None:
            continue
        taken = jour_fr(bornes(event.decision_du)[1])
        late = crpa_l242_1_retrait.hors_delai(event.decision_du.dernier, event.retiree_le.premier)
        text = f"La décision du {taken} a été retirée plus de quatre mois après."
        yield from forme(
            m,
            "retrait_dans_les_quatre_mois",
            f"Ne retirer que dans les quatre mois la décision du {taken}",
            sources=rule,
            entry=entry,
            jour=dernier_jour(entry, "retiree_le"),
            manque=(dire("retrait_tardif", text, entry, sources=rule),) if late else (),
        )
    yield from _contradictoires(m)


def _contradictoires(m: Matiere) -> Iterator[Obligation]:
    rule = (crpa_l121_1_contradictoire.SOURCE,)
    for entry, event in lus(m, titre.TitreRetire):
        day, heard = dernier_jour(entry, "notifie_le"), event.procedure_contradictoire
        without = dire("sans_contradictoire", "Aucune procédure contradictoire n'a été tenue.", entry, sources=rule)
        text = "Rien ne dit si une procédure contradictoire a été tenue."
        unsaid = dire("contradictoire_inconnu", text, entry, sources=rule, sur=False)
        yield from forme(
            m,
            "contradictoire",
            f"Entendre la personne avant le retrait du titre notifié le {jour_fr(day)}",
            sources=rule,
            entry=entry,
            jour=day,
            manque=(without,) if heard is False else (),
            inconnu=(unsaid,) if heard is None else (),
            fin=fin_de_decision(m, entry.fait.objet, NatureDecision.RETRAIT_TITRE, day),
        )
