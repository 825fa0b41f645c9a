"""The refusal that silence gives birth to: what it closes, what it opens, on which day, under which reading."""

from collections.abc import Iterator, Sequence
from datetime import date

from evidence.procedures.affaire import EN_SUSPENS, Affaire
from evidence.procedures.modeles import Gravite, Piege, cites, uniques
from ledger.events.types import NatureDecision
from ledger.francais import jour
from projections.couverture.modeles import RefusImplicite, StatutRefus
from projections.imputation.devoirs_recours import Delai
from rules import ceseda_r432_1_silence, cja_l521_1_suspension, cja_l521_3_mesures_utiles

_SILENCE = (ceseda_r432_1_silence.SOURCE, ceseda_r432_1_silence.AVIS_499904)


def par_dossier(a: Affaire) -> list[tuple[str | None, list[RefusImplicite]]]:
    """The implicit refusals that stand, may stand or are to come, every reading of one dossier together."""
    found: dict[str | None, list[RefusImplicite]] = {}
    for each in a.silences:
        if each.statut in EN_SUSPENS:
            found.setdefault(each.dossier, []).append(each)
    return [(dossier, sorted(group, key=lambda r: (r.ne_le, r.base))) for dossier, group in found.items()]


def certain(a: Affaire, group: Sequence[RefusImplicite]) -> bool:
    """Whether the refusal is born under every reading: each length, each day that the facts allow, a suspension too."""
    return all(
        r.statut is StatutRefus.NE and max(r.ne_au_plus_tard, r.suspendu_jusqu_au or r.ne_au_plus_tard) <= a.au
        for r in group
    )


def commence(a: Affaire, group: Sequence[RefusImplicite]) -> bool:
    """Whether it may be born already, under one reading at least."""
    return any(r.ne_le <= a.au for r in group)


def lectures(group: Sequence[RefusImplicite]) -> str:
    """Every day on which it may be born, each with the reading that gives it."""
    return " ; ".join(_lecture(r) for r in group)


def _lecture(r: RefusImplicite) -> str:
    day = f"le {jour(r.ne_le)}"
    if r.ne_le != r.ne_au_plus_tard:
        day = f"entre le {jour(r.ne_le)} et le {jour(r.ne_au_plus_tard)}"
    more = "".join(f" {text.rstrip('.')}." for text in r.motifs).rstrip(".")
    return f"{day} ({r.base}){f'.{more}' if more else ''}"


# --------------------------------------------------------------------------- what it closes (L.521-3)


def voie_fermee(a: Affaire) -> Iterator[Piege]:
    """L.521-3 obstructs no decision: an implicit refusal closes it, on its day."""
    for dossier, group in par_dossier(a):
        first = group[0].ne_le
        facts = uniques(each for r in group for each in r.entries)
        sources = cites(cja_l521_3_mesures_utiles.SOURCE, cja_l521_3_mesures_utiles.FERMETURE, *_SILENCE)
        if not commence(a, group):
            last = cja_l521_3_mesures_utiles.dernier_jour(first)
            yield Piege(
                code="refus_implicite_a_naitre",
                gravite=Gravite.ECHEANCE,
                texte=f"Le silence fera naître un refus implicite, qui fermera cette voie : {lectures(group)}.",
                remede=_avant(a, last),
                sources=sources,
                entries=facts,
                dossier=dossier,
                le=last,
            )
        elif certain(a, group):
            yield Piege(
                code="refus_implicite_ne",
                gravite=Gravite.OBSTACLE,
                texte=f"Un refus implicite est né, et la mesure demandée ferait obstacle à son exécution :"
                f" {lectures(group)}. Une attestation ou un récépissé délivré depuis ne l'efface pas.",
                remede=_SUSPENDRE,
                sources=(*sources, *cites(cja_l521_1_suspension.SOURCE)),
                entries=facts,
                dossier=dossier,
                le=first,
            )
        else:
            yield Piege(
                code="refus_implicite_incertain",
                gravite=Gravite.RISQUE,
                texte=f"Un refus implicite est peut-être né, selon la date ou le texte retenu : {lectures(group)}.",
                remede=f"{_SUSPENDRE} Dites la lecture retenue, et établissez le jour exact du dépôt.",
                sources=(*sources, *cites(cja_l521_1_suspension.SOURCE)),
                entries=facts,
                dossier=dossier,
                le=first,
            )


_SUSPENDRE = "Demandez la suspension de ce refus (L.521-1), avec une requête en annulation distincte."


def _avant(a: Affaire, last: date) -> str:
    """Between the end of what covers the person and the eve of the refusal, when there is anything between them."""
    covered = a.couverte_jusqu_au()
    if covered is None:
        return f"Saisissez le juge au plus tard le {jour(last)} ; ensuite, demandez la suspension (L.521-1)."
    if covered >= last:
        return (
            f"La personne est encore couverte le {jour(last)}, dernier jour de cette voie : préparez plutôt la"
            " suspension (L.521-1)."
        )
    return (
        f"La personne est couverte jusqu'au {jour(covered)} : saisissez le juge juste après, et au plus tard le"
        f" {jour(last)} ; ensuite, demandez la suspension (L.521-1)."
    )


def decision_expresse(a: Affaire) -> Iterator[Piege]:
    """L.521-3 obstructs no decision whatever: an express one that stands closes it too."""
    for each in a.decisions():
        found = each.decision
        if found.nature is NatureDecision.REFUS_IMPLICITE:
            continue
        yield Piege(
            code="decision_expresse",
            gravite=Gravite.OBSTACLE,
            texte=f"Une décision existe : {found.nom}. La mesure demandée ne peut pas faire obstacle à son exécution.",
            remede="Attaquez cette décision et demandez-en la suspension (L.521-1), ou demandez une mesure qui ne la"
            " contredit pas.",
            sources=cites(cja_l521_3_mesures_utiles.SOURCE, cja_l521_1_suspension.SOURCE),
            entries=found.constat.entries,
            dossier=found.dossier,
            le=date.fromordinal(found.le),
        )


# --------------------------------------------------------------------------- what it opens (L.521-1)


def sans_decision(a: Affaire) -> Iterator[Piege]:
    """L.521-1 suspends a decision: none stands, and when the next one may be born."""
    if any(True for _ in a.decisions()):
        return
    coming = [(dossier, group) for dossier, group in par_dossier(a) if not commence(a, group)]
    past = [r for r in a.silences if r.statut in {StatutRefus.REMPLACE, StatutRefus.EFFACE, StatutRefus.PREVENU}]
    told = [f"refus implicite à naître {lectures(group)}" for _, group in coming]
    told += [f"refus implicite du {jour(r.ne_le)} {r.statut.libelle}" for r in past]
    first = min((group[0].ne_le for _, group in coming), default=None)
    yield Piege(
        code="sans_decision",
        gravite=Gravite.OBSTACLE,
        texte="Aucune décision n'est à suspendre ce jour-là"
        + (f" : {' ; '.join(told)}." if told else ", d'après les faits connus."),
        remede=f"Avant le {jour(first)}, saisissez le juge des mesures utiles (L.521-3) ; la suspension s'ouvre ce"
        " jour-là."
        if first is not None
        else "Saisissez le juge des mesures utiles (L.521-3), ou nommez la décision attaquée et inscrivez-la.",
        sources=cites(cja_l521_1_suspension.SOURCE, *_SILENCE),
        entries=uniques(each for r in (*past, *(r for _, group in coming for r in group)) for each in r.entries),
        le=first,
    )


def decision_incertaine(a: Affaire) -> Iterator[Piege]:
    """A refusal that only one reading of the dates or of the texts says to be born: the request may come too early."""
    targets = {each.decision.dossier: each for each in a.decisions() if _implicite(each)}
    for dossier, group in par_dossier(a):
        if dossier not in targets or not commence(a, group) or certain(a, group):
            continue
        later = max(max(r.ne_au_plus_tard, r.suspendu_jusqu_au or r.ne_au_plus_tard) for r in group)
        yield Piege(
            code="refus_implicite_incertain",
            gravite=Gravite.RISQUE,
            texte=f"Le refus implicite n'est né que sous certaines lectures : {lectures(group)}.",
            remede=f"Dites la lecture retenue et pourquoi ; à partir du {jour(later)}, il est né sous toutes."
            if later > a.au
            else "Dites la lecture retenue et pourquoi ; établissez le jour exact du dépôt.",
            sources=cites(cja_l521_1_suspension.SOURCE, *_SILENCE, ceseda_r432_1_silence.SUSPENSION),
            entries=uniques(each for r in group for each in r.entries),
            dossier=dossier,
            le=later,
        )


def _implicite(each: Delai) -> bool:
    return each.decision.nature is NatureDecision.REFUS_IMPLICITE
