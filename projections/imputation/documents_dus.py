"""The provisional documents that the administration owes, from when and until when (CESEDA R.431-12 to R.431-15-4)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from ledger.events.cloture import DossierClosAutomatiquement, DossierClosParAgent
from ledger.events.depot import DemandeDeposee
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, bornes
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr, jours_fr
from projections.imputation import editions
from projections.imputation.completude import Complement, complements, discutes, incomplets
from projections.imputation.empechements import Empechement, reports
from projections.imputation.exigence import (
    PROTEGES,
    Exigence,
    absence,
    constat,
    document_vise,
    fenetre,
    protections,
)
from projections.imputation.matiere import Instruction, Matiere, communs, depots, instruction_de, jour, lus, soustraire
from projections.imputation.modeles import Constat, Partie, Statut, moins_etabli
from projections.imputation.rendez_vous import remises_refusees
from rules import (
    ce_499904_completude,
    ceseda_r431_2_teleservice,
    ceseda_r431_5_fenetre,
    ceseda_r431_12_recepisse,
    ceseda_r431_13_duree,
    ceseda_r431_15_1_attestation,
    crpa_l114_5_complement,
)
from rules.base import Source


def document_du(
    m: Matiere,
    code: str,
    quoi: str,
    *,
    base: BaseCouverture,
    sources: tuple[Source, ...],
    dossier: str | None,
    du: int,
    au: int | None,
    prerequis: Sequence[Constat],
    sauf: Sequence[tuple[int, int]] = (),
    seulement: Sequence[tuple[int, int]] | None = None,
    seul: bool = False,
    recodifie: bool = False,
) -> Exigence | None:
    """The duty to keep the person in possession of a document from ``du`` to ``au``, save some days, or on some only.

    ``seul``: no other document does. Nothing is owed on days on which its text was not in force. ``recodifie``: the
    same rule stood under another number before.
    """
    begins, ends = None if recodifie else sources[0].en_vigueur_depuis, sources[0].en_vigueur_jusqu_au
    end = min(m.au if au is None else min(au, m.au), ends.toordinal() if ends else m.au)
    du = max(du, begins.toordinal()) if begins else du
    owed = [(du, end)] if du <= end else []
    owed = soustraire(owed, list(sauf)) if sauf else owed
    owed = owed if seulement is None else communs(owed, list(seulement))
    if not owed:
        return None
    du = owed[0][0]
    days = soustraire(owed, [] if seul else m.tenus)
    given = [d for d in m.trame.docs if d.base is base and d.dossier in {dossier, None} and d.droit[3] >= du]
    return Exigence(
        code,
        Partie.ADMINISTRATION,
        dossier,
        f"Mettre à disposition {quoi} à partir du {jour_fr(du)}",
        sources,
        du,
        au,
        tuple(prerequis),
        tuple(entry for d in given for entry in d.entries),
        days,
        absence(m, f"sans_{code}", f"Aucun document n'a été mis à disposition : {quoi}.", quoi, days, sources),
        lambda jours: editions.document(m, base, dossier, jours),
    )


_PRESUMES: Final = frozenset({"complet_presume", "complet_presume_par_document"})


def _selon_le_dossier(
    m: Matiere,
    code: str,
    quoi: str,
    *,
    prerequis: Sequence[Constat],
    dossier: str | None,
    sauf: Sequence[tuple[int, int]] = (),
    **given: Any,
) -> Iterator[Exigence]:
    """The duty to give a document for a complete file: apart, the days on which nothing shows whether it was."""
    short = [*incomplets(m, dossier), *sauf]
    disputed = list(discutes(m, dossier))
    doubt = [part for days, *_ in disputed for part in days]
    sure = document_du(m, code, quoi, prerequis=prerequis, dossier=dossier, sauf=[*short, *doubt], **given)
    if sure is not None:
        yield sure
    silent = [each for each in prerequis if each.code not in _PRESUMES]
    for n, (days, entries, why, source) in enumerate(disputed):
        told = constat(
            "completude_discutee",
            f"La complétude du dossier ces jours-là est discutée : {why}.",
            *entries,
            sources=(source,),
            plafond=Statut.A_ETABLIR,
        )
        before = [part for other, *_ in disputed[:n] for part in other]
        maybe = document_du(
            m,
            code,
            quoi,
            prerequis=[*silent, told],
            dossier=dossier,
            sauf=[*short, *before],
            seulement=days,
            **given,
        )
        if maybe is not None and maybe.jours:
            yield maybe


def attestations(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-15-1 al. 2: a complete application, filed in time, still examined after the document held has expired."""
    source = ceseda_r431_15_1_attestation.SOURCE
    for demande, card, surely in m.renouvellements:
        if isinstance(demande.evenement, DemandeDeposee):
            window = fenetre(m, card, demande, blocked)
            if window is None or demande.le[0] > window[2] or card.retire:
                continue
            due = ceseda_r431_15_1_attestation.due_des(card.evenement.valide_au.dernier)
            examined = instruction_de(m, demande.dossier, demande.le[0])
            in_time = demande.le[1] <= window[2] and surely
            yield from _selon_le_dossier(
                m,
                "attestation_prolongation",
                "l'attestation de prolongation de l'instruction",
                base=BaseCouverture.API,
                sources=(source,),
                dossier=demande.dossier,
                du=max(due.toordinal(), demande.le[1]),
                au=examined.fin,
                prerequis=[
                    _dans_la_fenetre(m, demande, card, window, blocked, in_time=in_time),
                    *document_vise(card),
                    *_complet(m, demande),
                    _en_cours(m, demande, examined),
                ],
            )


def _dans_la_fenetre(
    m: Matiere,
    demande: Demande,
    card: Doc,
    window: tuple[int, int, int],
    blocked: Sequence[Empechement],
    *,
    in_time: bool,
) -> Constat:
    first, last, put_off = window
    used = list(reports(m, first, last, blocked)) if demande.le[1] > last else []
    filed, span = f"La demande a été déposée {jours_fr(demande.le)}", f"du {jour_fr(first)} au {jour_fr(last)}"
    text = f"{filed}, dans la fenêtre {span}"
    if demande.le[1] < first:
        text = f"{filed}, avant l'ouverture de la fenêtre, le {jour_fr(first)} : elle n'est pas tardive"
    elif demande.le[1] > put_off:
        text = f"{filed} ; la fenêtre allait {span}"
    elif used:
        days = ", ".join(each.recit for each in used)
        text += f", reportée au {jour_fr(put_off)} par les jours où le dépôt était impossible ({days})"
    return constat(
        "depot_dans_la_fenetre",
        f"{text}.",
        demande.entry,
        *card.entries,
        sources=(*ceseda_r431_5_fenetre.SOURCES, *([ceseda_r431_2_teleservice.NEUTRALISATION] if used else [])),
        appuis=[entry for each in used for entry in each.entries],
        plafond=moins_etabli(*(each.statut for each in used)) if in_time else Statut.A_ETABLIR,
    )


def _complet(m: Matiere, demande: Demande) -> Iterator[Constat]:
    asked = [each for each in complements(m) if each.entry.fait.objet == demande.dossier]
    yield from (each for found in map(_reponse, asked) for each in found)
    given = [
        d.entries[0]
        for d in m.trame.docs
        if d.dossier == demande.dossier and d.base in {BaseCouverture.API, BaseCouverture.RECEPISSE}
    ]
    if given:
        yield constat(
            "complet_presume_par_document",
            "Un document a été délivré pour ce dossier : il fait présumer le dossier complet.",
            *given[:1],
            sources=(ce_499904_completude.SOURCE,),
        )
    elif not asked:
        yield Constat(
            code="complet_presume",
            texte="Aucune demande de pièces conforme n'est au registre : le dossier est présumé complet.",
            articles=(ce_499904_completude.SANS_DEMANDE.citation, crpa_l114_5_complement.SOURCE.citation),
        )


def _reponse(asked: Complement) -> Iterator[Constat]:
    """What became of a request for pieces, as far as it leaves the file complete."""
    source = (crpa_l114_5_complement.SOURCE,)
    if asked.repondu is not None:
        text = f"La demande de pièces a reçu sa réponse le {jour_fr(asked.repondu)}."
        yield constat("complement_repondu", text, asked.entry, *asked.reponses[:1], sources=source)
    elif asked.versements is not None and asked.empeche:
        days = ", ".join(f"le {jour_fr(e.fait.survenu.jours.dernier.toordinal())}" for e in asked.versements.tentatives)
        yield constat(
            "versement_empeche",
            f"Les pièces demandées ne sont pas au registre ; leur versement a échoué ({days}) : ce que le téléservice a"
            " empêché ne rend pas le dossier incomplet.",
            asked.entry,
            sources=(crpa_l114_5_complement.VERSEMENT,),
            appuis=[*asked.versements.tentatives, *asked.versements.appuis],
            plafond=asked.versements.statut,
        )
    elif asked.ouvert is None and asked.partiel is None and asked.versements is None:
        text = "Rien ne montre que la personne ait lu la demande de pièces : son délai n'a pas couru."
        facts = [asked.entry, *([asked.illisible] if asked.illisible else [])]
        yield constat("complement_non_ouvert", text, *facts, sources=source)


def _en_cours(m: Matiere, demande: Demande, examined: Instruction) -> Constat:
    if examined.fin is None or examined.entry is None:
        closed = [
            (jour(event.clos_le, entry), entry)
            for entry, event in lus(m, DossierClosAutomatiquement, DossierClosParAgent)
            if entry.fait.objet == demande.dossier
        ]
        if closed:
            return constat(
                "instruction_malgre_cloture",
                f"Aucune décision n'est au registre. Le dossier a été clos le {jour_fr(closed[0][0])} : clore n'est pas"
                " statuer.",
                demande.entry,
                sources=(crpa_l114_5_complement.CLOTURE,),
                appuis=[entry for _, entry in closed],
            )
        return constat(
            "instruction_en_cours", "Aucune décision n'est au registre : l'instruction continue.", demande.entry
        )
    return constat(
        "instruction_jusqu_a",
        f"L'instruction a duré jusqu'au {jour_fr(examined.fin)}.",
        demande.entry,
        examined.entry,
    )


def attestations_protegees(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-3, R.431-15-4: six months, renewed, as soon as a protected person applies."""
    renewing = {demande.entry.event_id for demande, _, _ in m.renouvellements}
    for entry, event in protections(m):
        known = bornes(event.reconnue_le)[0]
        for demande in depots(m):
            if demande.le[1] < known or demande.entry.event_id in renewing:
                continue
            examined = instruction_de(m, demande.dossier, demande.le[0])
            found = document_du(
                m,
                "attestation_protege",
                "l'attestation de six mois du bénéficiaire d'une protection",
                base=BaseCouverture.API,
                sources=(PROTEGES[event.statut],),
                dossier=demande.dossier,
                du=demande.le[1],
                au=examined.fin,
                prerequis=[
                    constat("protection_reconnue", f"La protection est reconnue depuis le {jour_fr(known)}.", entry),
                    constat(
                        "demande_souscrite",
                        f"La demande a été souscrite le {jour_fr(demande.le[1])}.",
                        demande.entry,
                        plafond=None if demande.le[0] == demande.le[1] else Statut.A_ETABLIR,
                    ),
                    _en_cours(m, demande, examined),
                ],
            )
            if found is not None:
                yield found


def recepisses(m: Matiere) -> Iterator[Exigence]:
    """R.431-12: who is admitted to apply at the desk or by post receives a receipt."""
    for demande in depots(m):
        if isinstance(demande.evenement, DemandeDeposee):
            continue
        examined = instruction_de(m, demande.dossier, demande.le[0])
        yield from _selon_le_dossier(
            m,
            "recepisse",
            "le récépissé de la demande",
            base=BaseCouverture.RECEPISSE,
            sources=(ceseda_r431_12_recepisse.SOURCE, ceseda_r431_13_duree.SOURCE),
            recodifie=True,
            dossier=demande.dossier,
            du=demande.le[1],
            au=examined.fin,
            prerequis=[
                constat("demande_recue", f"La demande a été reçue le {jour_fr(demande.le[1])}.", demande.entry),
                *_complet(m, demande),
                _en_cours(m, demande, examined),
            ],
            sauf=remises_refusees(m, demande.dossier),
        )


def renouvellements(m: Matiere, owed: Collection[str | None]) -> Iterator[Exigence]:
    """A provisional document that was given is renewed as long as the prefect has not decided, as of right or not.

    ``owed``: the dossiers where a document is owed anyway.
    """
    first: dict[str | None, Doc] = {}
    for doc in sorted(m.trame.docs, key=lambda d: d.droit):
        if doc.base in {BaseCouverture.API, BaseCouverture.RECEPISSE} and doc.dossier not in owed:
            first.setdefault(doc.dossier, doc)
    for dossier, doc in first.items():
        api = doc.base is BaseCouverture.API
        examined = instruction_de(m, dossier, doc.droit[1] + 1)
        yield from _selon_le_dossier(
            m,
            "renouvellement_provisoire",
            "le renouvellement de l'attestation" if api else "le renouvellement du récépissé",
            base=doc.base,
            sources=(ceseda_r431_15_1_attestation.SOURCE if api else ceseda_r431_13_duree.SOURCE,),
            recodifie=not api,
            dossier=dossier,
            du=doc.droit[1],
            au=examined.fin,
            prerequis=[
                constat(
                    "document_deja_delivre",
                    "Un premier document a été délivré : l'administration a tenu les conditions pour remplies.",
                    *doc.entries,
                    sources=(ce_499904_completude.SOURCE,),
                    plafond=None if doc.droit[0] == doc.droit[1] else Statut.A_ETABLIR,
                )
            ],
            sauf=remises_refusees(m, dossier),
        )
