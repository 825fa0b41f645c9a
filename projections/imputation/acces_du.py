"""The access that the administration owes: filing possible, another way to file, being there, telling how."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger.entry import Entry
from ledger.events import personne, support
from ledger.events.types import Grade
from projections.couverture.faits import bornes
from projections.couverture.motifs import jour_fr
from projections.imputation.empechements import Empechement
from projections.imputation.exigence import (
    PROTEGES,
    Exigence,
    absence,
    constat,
    deposer,
    fenetre,
    protections,
    recevoir,
)
from projections.imputation.matiere import Matiere, cartes, depots, grade, jour, lus, soustraire
from projections.imputation.modeles import Constat, Partie, Statut, moins_etabli, plus_faible, statut_de
from rules import (
    ceseda_r431_2_substitution,
    ceseda_r431_2_teleservice,
)
from rules.base import Source


def depots_empeches(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-2: where the téléservice is the only way to file, it lets one file; otherwise another way is given."""
    for each in blocked:
        day = date.fromordinal(each.du)
        service = ceseda_r431_2_teleservice.version(day)
        sources = (*([service] if service else []), *_textes(day))
        yield Exigence(
            "depot_possible",
            Partie.ADMINISTRATION,
            each.dossier,
            f"Permettre le dépôt de la demande à partir du {jour_fr(each.du)}",
            sources,
            each.du,
            each.au,
            (_empeche(each, sources),),
            (each.suite.entry,) if each.suite else (),
            [(each.du, min(each.au, m.au))],
            Constat(
                code="depot_empeche",
                texte=f"Rien ne montre que le dépôt en ligne ait été possible du {jour_fr(each.du)} au"
                f" {jour_fr(each.au)}.",
                articles=tuple(s.citation for s in sources),
                entries=tuple(e.event_id for e in (*each.tentatives, *each.appuis)),
                grade=plus_faible([e.fait.grade for e in each.appuis] or [e.fait.grade for e in each.tentatives]),
                statut=each.statut,
            ),
            deposer(m, each.du, each.suite, each.tentatives[0], each.tentatives),
        )


def _textes(day: date) -> tuple[Source, ...]:
    """What gave another way to file on ``day``: the article, and the arrêté that organises it."""
    return tuple(each for each in ceseda_r431_2_substitution.SOURCES if each.en_vigueur(day))


def _empeche(each: Empechement, sources: Sequence[Source]) -> Constat:
    """What failed; what is only declared is as strong as the independent sources that agree with it."""
    alone = grade(*each.tentatives)
    seconded = [e for e in each.appuis if e.fait.grade < (alone or Grade.E)]
    agreed = " ; d'autres sources le confirment" if seconded and each.statut is not Statut.A_ETABLIR else ""
    return Constat(
        code="tentatives_echouees",
        texte=f"{each.recit}{agreed}.",
        articles=tuple(s.citation for s in sources),
        entries=tuple(e.event_id for e in (*each.tentatives, *(seconded if agreed else ()))),
        grade=grade(*seconded) if agreed else alone,
        statut=each.statut,
    )


def substitutions(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-2 al. 3: who was blocked and asked in time is received before the document held runs out [I].

    Asked for once the window was closed, it is due within a time that the text does not give. A day offered before the
    document runs out is what is owed.
    """
    for entry, event in lus(m, support.SubstitutionDemandee):
        asked = jour(event.recue_le or event.demandee_le, entry)
        texts = _textes(date.fromordinal(asked))
        held = [d for d in cartes(m) if d.droit[0] <= asked <= d.droit[3]]
        if not texts or not held:
            continue
        card = max(held, key=lambda d: d.droit[3])
        expires = card.droit[3]
        shown = [each for each in blocked if each.du <= asked]
        window = fenetre(m, card, None, blocked)
        late = window is not None and asked > window[2]
        if late and not shown:
            continue
        after = [d for d in depots(m) if d.le[0] >= asked]
        until = after[0].le[0] - 1 if after else None
        offered = [
            e
            for e, v in lus(m, support.SubstitutionProposee)
            if v.prevu is not None
            and asked <= bornes(v.prevu.jours)[1] <= expires
            and statut_de(e.fait.grade) in _TENUS
        ]
        days = soustraire([(expires + 1, m.au if until is None else min(until, m.au))], [])
        yield Exigence(
            "substitution",
            Partie.ADMINISTRATION,
            event.dossier or entry.fait.objet,
            f"Recevoir la demande autrement que par le téléservice avant le {jour_fr(expires)}",
            texts,
            asked,
            until,
            (_demandee(entry, asked, window if late else None, texts, shown),),
            (*offered[:1], *(d.entry for d in after[:1])),
            [] if offered else days,
            absence(
                m,
                "sans_substitution",
                "La demande n'a pas été reçue avant la fin de validité du titre détenu.",
                "l'enregistrement de la demande par une autre voie",
                days,
                texts,
            ),
            recevoir(m, asked, after[0] if after else None, entry),
        )


_TENUS: Final = frozenset({Statut.ETABLI, Statut.PROBABLE})


def _demandee(
    entry: Entry,
    asked: int,
    closed: tuple[int, int, int] | None,
    sources: Sequence[Source],
    shown: Sequence[Empechement],
) -> Constat:
    """That another way was asked for: of use if she was blocked before, and her window still open."""
    late = "" if closed is None else f", après la fermeture de sa fenêtre le {jour_fr(closed[2])}"
    return constat(
        "substitution_demandee",
        f"La personne a demandé, le {jour_fr(asked)}, à déposer autrement{late}.",
        entry,
        sources=sources,
        appuis=[tried for each in shown for tried in each.tentatives],
        plafond=Statut.A_ETABLIR if closed or not shown else moins_etabli(*(each.statut for each in shown)),
    )


def informations(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-3: as soon as recognised, a protected person is told how to use the téléservice."""
    if lus(m, personne.InstructionsAccesEnvoyees):
        return
    for entry, event in protections(m):
        known, source = bornes(event.reconnue_le)[1], PROTEGES[event.statut]
        filed = [d for d in depots(m) if d.le[0] >= known]
        until = filed[0].le[0] - 1 if filed else m.au
        if known > until:
            continue
        days = [(known, until)]
        missing = absence(
            m,
            "sans_information",
            "Rien ne montre que la personne ait été informée du téléservice.",
            "l'envoi des instructions d'accès",
            days,
            (source,),
        )
        yield Exigence(
            "information_protege",
            Partie.ADMINISTRATION,
            filed[0].dossier if filed else None,
            f"Informer la personne du téléservice dès le {jour_fr(known)}",
            (source,),
            known,
            until,
            (constat("protection_reconnue", f"La protection est reconnue depuis le {jour_fr(known)}.", entry),),
            (),
            days,
            None if missing is None else _a_etablir(missing),
            deposer(m, known, filed[0] if filed else None, entry),
        )


def _a_etablir(found: Constat) -> Constat:
    """That she would have applied at once had she been told is an assumption, never an established link."""
    return Constat(
        code=found.code,
        texte=found.texte,
        articles=found.articles,
        recherche=found.recherche,
        statut=Statut.A_ETABLIR,
    )
