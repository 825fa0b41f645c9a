"""The documents that the administration owes, from when and until when (CESEDA R.431-12 to R.431-15-4, R.424-1)."""

from collections.abc import Collection, Iterator, Sequence

from ledger.events.depot import DemandeDeposee
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, bornes
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation import editions
from projections.imputation.complements import complements, incomplets
from projections.imputation.exigence import (
    PROTEGES,
    Exigence,
    absence,
    constat,
    fenetre,
    protections,
)
from projections.imputation.matiere import Empechement, Instruction, Matiere, cartes, depots, instruction_de, soustraire
from projections.imputation.modeles import Constat, Partie, Statut
from rules import (
    ce_499904_completude,
    ceseda_l424_1_protection,
    ceseda_r431_5_fenetre,
    ceseda_r431_12_recepisse,
    ceseda_r431_13_duree,
    ceseda_r431_15_1_attestation,
    crpa_l114_5_complement,
)
from rules.base import Source


def _document(
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
    seul: bool = False,
) -> Exigence | None:
    """The duty to keep the person in possession of a document from ``du`` to ``au``; ``seul``: no other one does."""
    end = m.au if au is None else min(au, m.au)
    owed = soustraire([(du, end)] if du <= end else [], list(sauf))
    if not owed:
        return None
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


def attestations(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-15-1 al. 2: a complete application, filed in time, still examined after the document held has expired."""
    source = ceseda_r431_15_1_attestation.SOURCE
    for demande, card, surely in m.renouvellements:
        if isinstance(demande.evenement, DemandeDeposee):
            window = fenetre(m, card, demande, blocked)
            if window is None or demande.le[0] > window[2] or card.retire:
                continue
            expires = bornes(card.evenement.valide_au)[1]
            examined = instruction_de(m, demande.dossier, demande.le[0])
            in_time = demande.le[1] <= window[2] and surely
            found = _document(
                m,
                "attestation_prolongation",
                "l'attestation de prolongation de l'instruction",
                base=BaseCouverture.API,
                sources=(source,),
                dossier=demande.dossier,
                du=max(expires + 1, demande.le[1]),
                au=examined.fin,
                prerequis=[
                    _dans_la_fenetre(demande, card, window, in_time=in_time),
                    *_complet(m, demande),
                    _en_cours(demande, examined),
                ],
                sauf=incomplets(m, demande.dossier),
            )
            if found is not None:
                yield found


def _dans_la_fenetre(demande: Demande, card: Doc, window: tuple[int, int, int], *, in_time: bool) -> Constat:
    first, last, put_off = window
    text = (
        f"La demande a été déposée le {jour_fr(demande.le[1])}, dans la fenêtre du {jour_fr(first)} au {jour_fr(last)}"
    )
    if demande.le[1] < first:
        text = (
            f"La demande a été déposée le {jour_fr(demande.le[1])}, avant l'ouverture de la fenêtre, le"
            f" {jour_fr(first)} : elle n'est pas tardive"
        )
    elif put_off != last and demande.le[1] > last:
        text += f", reportée au {jour_fr(put_off)} par les jours où le dépôt était impossible"
    return constat(
        "depot_dans_la_fenetre",
        f"{text}.",
        demande.entry,
        *card.entries,
        sources=ceseda_r431_5_fenetre.SOURCES,
        plafond=None if in_time else Statut.A_ETABLIR,
    )


def _complet(m: Matiere, demande: Demande) -> Iterator[Constat]:
    asked = [each for each in complements(m) if each.entry.fait.objet == demande.dossier]
    given = [
        d.entries[0]
        for d in m.trame.docs
        if d.dossier == demande.dossier and d.base in {BaseCouverture.API, BaseCouverture.RECEPISSE}
    ]
    if asked:
        for each in asked:
            if each.repondu is not None:
                yield constat(
                    "complement_repondu",
                    f"La demande de pièces a reçu sa réponse le {jour_fr(each.repondu)}.",
                    each.entry,
                    sources=(crpa_l114_5_complement.SOURCE,),
                )
            elif each.ouvert is None:
                yield constat(
                    "complement_non_ouvert",
                    "Rien ne montre que la personne ait pu lire la demande de pièces : son délai n'a pas couru.",
                    each.entry,
                    *([each.illisible] if each.illisible else []),
                    sources=(crpa_l114_5_complement.SOURCE,),
                )
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


def _en_cours(demande: Demande, examined: Instruction) -> Constat:
    if examined.fin is None or examined.entry is None:
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
            found = _document(
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
                    _en_cours(demande, examined),
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
        found = _document(
            m,
            "recepisse",
            "le récépissé de la demande",
            base=BaseCouverture.RECEPISSE,
            sources=(ceseda_r431_12_recepisse.SOURCE, ceseda_r431_13_duree.SOURCE),
            dossier=demande.dossier,
            du=demande.le[1],
            au=examined.fin,
            prerequis=[
                constat("demande_recue", f"La demande a été reçue le {jour_fr(demande.le[1])}.", demande.entry),
                *_complet(m, demande),
                _en_cours(demande, examined),
            ],
            sauf=incomplets(m, demande.dossier),
        )
        if found is not None:
            yield found


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
        found = _document(
            m,
            "renouvellement_provisoire",
            "le renouvellement de l'attestation" if api else "le renouvellement du récépissé",
            base=doc.base,
            sources=(ceseda_r431_15_1_attestation.SOURCE if api else ceseda_r431_13_duree.SOURCE,),
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
            sauf=incomplets(m, dossier),
        )
        if found is not None:
            yield found


def decisions_favorables(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-1 al. 4: after a favourable decision, a certificate until the card is handed over."""
    for le, entry in m.trame.favorables:
        handed = [d.preuve[0] for d in cartes(m) if d.preuve is not None and d.preuve[0] >= le[0]]
        found = _document(
            m,
            "attestation_decision_favorable",
            "l'attestation de décision favorable",
            base=BaseCouverture.ADF,
            sources=(ceseda_r431_15_1_attestation.DECISION_FAVORABLE,),
            dossier=entry.fait.objet,
            du=le[1],
            au=min(handed) - 1 if handed else None,
            prerequis=[
                constat("decision_favorable", f"Une décision favorable a été prise le {jour_fr(le[1])}.", entry)
            ],
        )
        if found is not None:
            yield found


def cartes_a_remettre(m: Matiere) -> Iterator[Exigence]:
    """R.431-15-1 al. 4: a card that is made and not handed over supposes a favourable decision, and its certificate."""
    decided = {entry.fait.objet for _, entry in m.trame.favorables}
    for card in cartes(m):
        if card.dossier in decided or card.retire or (card.preuve is not None and card.preuve[0] <= card.droit[1]):
            continue
        found = _document(
            m,
            "attestation_decision_favorable",
            "l'attestation de décision favorable",
            base=BaseCouverture.ADF,
            sources=(ceseda_r431_15_1_attestation.DECISION_FAVORABLE,),
            dossier=card.dossier,
            du=card.droit[1],
            au=card.droit[2] if card.preuve is None else card.preuve[0] - 1,
            prerequis=[
                constat(
                    "carte_non_remise",
                    f"Une carte vaut à partir du {jour_fr(card.droit[1])} sans avoir été remise ce jour-là.",
                    *card.entries,
                )
            ],
        )
        if found is not None:
            yield found


def cartes_protegees(m: Matiere) -> Iterator[Exigence]:
    """R.424-1: the card within three months of the decision that recognises the protection."""
    for entry, event in protections(m):
        source = ceseda_l424_1_protection.REMISE_PAR_STATUT.get(event.statut)
        filed = [d for d in depots(m) if d.le[1] >= bornes(event.reconnue_le)[0]]
        if source is None or not filed:
            continue
        due = ceseda_l424_1_protection.carte_due_le(event.reconnue_le.dernier).toordinal()
        start = max(due, filed[0].le[1]) + 1
        handed = [d.preuve[0] for d in cartes(m) if d.preuve is not None and d.preuve[0] >= filed[0].le[0]]
        found = _document(
            m,
            "carte_protege",
            "la carte du bénéficiaire d'une protection",
            base=BaseCouverture.TITRE,
            sources=(source,),
            dossier=filed[0].dossier,
            du=start,
            au=min(handed) - 1 if handed else None,
            seul=True,
            prerequis=[
                constat("protection_reconnue", f"La protection est reconnue : carte due le {jour_fr(due)}.", entry),
                constat(
                    "demande_souscrite", f"La demande a été souscrite le {jour_fr(filed[0].le[1])}.", filed[0].entry
                ),
            ],
        )
        if found is not None:
            yield found
