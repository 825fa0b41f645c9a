"""What the person owes: filing in time, applying once told, producing the pieces that were asked."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from ledger.entry import Entry
from ledger.events import instruction, personne
from projections.couverture.documents import Doc
from projections.couverture.faits import Demande, bornes, bornes_ou
from projections.couverture.lacunes import Intervalles
from projections.couverture.modeles import BaseCouverture
from projections.couverture.motifs import jour_fr
from projections.imputation import editions
from projections.imputation.completude import PRESUMENT, Complement, complements
from projections.imputation.editions import Edition
from projections.imputation.empechements import Empechement, reports
from projections.imputation.exigence import (
    PROTEGES,
    Exigence,
    absence,
    constat,
    deposer,
    document_vise,
    fenetre,
    protections,
    suivie,
)
from projections.imputation.matiere import Matiere, cartes, depots, jour, lus, soustraire, suppose
from projections.imputation.modeles import Constat, Partie, Statut
from projections.imputation.rendez_vous import attentes
from rules import (
    ce_499904_completude,
    ceseda_r431_2_teleservice,
    ceseda_r431_5_fenetre,
    ceseda_r431_8_six_mois,
    crpa_l114_5_complement,
)


def depots_dans_la_fenetre(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """R.431-5: who wants to renew files between the 120th and the 60th day before expiry."""
    waited = [*((e.du, e.au) for e in blocked if e.statut is not Statut.A_ETABLIR), *attentes(m)]
    for card in cartes(m):
        expires = bornes(card.evenement.valide_au)[1]
        filed = [demande for demande, each, _ in m.renouvellements if each is card]
        window = fenetre(m, card, filed[0] if filed else None, blocked)
        if suppose(card.entries[0]) or window is None or card.retire or suivie(m, card) or window[2] >= m.au:
            continue
        late = filed[0].le[0] if filed else None
        until = m.au if late is None else max(late - 1, window[2] + 1)  # filed the day after, it was late a day
        days = [(window[2] + 1, until)] if late is None or late > window[2] else []
        days = soustraire(days, waited)
        yield Exigence(
            "depot_dans_la_fenetre",
            Partie.USAGER,
            filed[0].dossier if filed else card.dossier,
            f"Déposer la demande de renouvellement entre le {jour_fr(window[0])} et le {jour_fr(window[2])}",
            ceseda_r431_5_fenetre.SOURCES,
            window[0],
            window[2],
            (
                _echeance_connue(m, card, expires, window, blocked),
                *document_vise(card),
                *(_deblocages(window, blocked) if days else ()),
            ),
            (filed[0].entry,) if filed else (),
            days,
            _depot_tardif(m, days, filed, expires),
            deposer(m, window[2], filed[0] if filed else None, card.entries[0]),
        )


def _echeance_connue(
    m: Matiere, card: Doc, expires: int, window: tuple[int, int, int], blocked: Sequence[Empechement]
) -> Constat:
    first, last, put_off = window
    text = f"Le titre porte sa fin de validité : le {jour_fr(expires)}"
    used = list(reports(m, first, last, blocked)) if put_off != last else []
    if used:
        text += (
            f" ; la fenêtre, qui fermait le {jour_fr(last)}, est reportée au {jour_fr(put_off)} par les jours où le"
            f" dépôt était impossible ({', '.join(each.recit for each in used)})"
        )
    return constat(
        "echeance_connue",
        f"{text}.",
        *card.entries,
        sources=(ceseda_r431_2_teleservice.NEUTRALISATION,) if used else (),
        appuis=[entry for each in used for entry in each.entries],
        plafond=None if card.evenement.valide_au.exact else Statut.A_ETABLIR,
    )


def _deblocages(window: tuple[int, int, int], blocked: Sequence[Empechement]) -> Iterator[Constat]:
    """Whether she who had been blocked in the window knew that she could file again: until then nothing is hers."""
    first, last, _ = window
    for each in blocked:
        if each.fin is None or each.statut is Statut.A_ETABLIR or each.du > last or each.au < first:
            continue
        day = jour_fr(each.fin.le)
        match each.fin.statut:
            case Statut.ETABLI:
                code, text = "deblocage_connu", f"La personne a su le {day} que le dépôt était de nouveau possible."
            case Statut.PROBABLE:
                code = "deblocage_annonce"
                text = (
                    f"La personne a été avisée le {day} que le dépôt redevenait possible ; rien ne dit si elle l'a lu."
                )
            case _:
                code = "deblocage_non_annonce"
                text = f"L'incident a été résolu le {day} ; rien ne montre que la personne l'ait su."
        yield constat(
            code,
            text,
            each.fin.entry,
            sources=(ceseda_r431_2_teleservice.NEUTRALISATION,),
            plafond=each.fin.statut,
        )


def _depot_tardif(m: Matiere, days: Intervalles, filed: Sequence[Demande], expires: int) -> Constat | None:
    if not days:
        return None
    if filed:
        day = filed[0].le[1]
        late = "après l'expiration" if day > expires else "après la fermeture de la fenêtre"
        if ceseda_r431_8_six_mois.hors_delai(date.fromordinal(day), date.fromordinal(expires)):
            late = "plus de six mois après l'expiration"
        return constat(
            "depot_tardif",
            f"La demande a été déposée le {jour_fr(day)}, {late}.",
            filed[0].entry,
            sources=ceseda_r431_5_fenetre.SOURCES,
            plafond=None if filed[0].le[0] == filed[0].le[1] else Statut.A_ETABLIR,
        )
    known = any(d.base is not BaseCouverture.TITRE and d.droit[3] > expires for d in m.trame.docs)
    found = absence(
        m,
        "sans_depot",
        "Aucune demande de renouvellement n'est au registre.",
        "le dépôt d'une demande de renouvellement",
        days,
        ceseda_r431_5_fenetre.SOURCES,
    )
    if found is None or not known:
        return found
    return Constat(
        code="depot_inconnu",
        texte="Un document provisoire suppose une demande, dont le jour n'est pas connu.",
        articles=found.articles,
        recherche=found.recherche,
        statut=Statut.A_ETABLIR,
    )


def depots_proteges(m: Matiere, blocked: Sequence[Empechement]) -> Iterator[Exigence]:
    """A protected person who has been told of the téléservice applies there; one who was not told owes nothing yet.

    No text sets a day: who tried and could not has done it, until nothing stood in the way any longer.
    """
    tried = max((e.au for e in blocked if e.statut is not Statut.A_ETABLIR), default=0)
    for entry, event in protections(m):
        known = bornes(event.reconnue_le)[1]
        told = [
            (jour(v.recues_le or v.envoyees_le, e), e, v.recues_le is not None)
            for e, v in lus(m, personne.InstructionsAccesEnvoyees)
        ]
        filed = [d for d in depots(m) if d.le[0] >= known]
        until = filed[0].le[0] - 1 if filed else m.au
        source = PROTEGES[event.statut]
        if told:
            day, message, received = min(told, key=lambda each: each[0])
            start = max(day, known, tried)
            days = [(start + 1, until)] if start < until else []
            yield Exigence(
                "depot_protege",
                Partie.USAGER,
                filed[0].dossier if filed else None,
                f"Demander la carte sur le téléservice, une fois informé le {jour_fr(start)}",
                (source,),
                start,
                None,
                (
                    constat(
                        "informe_du_teleservice",
                        f"La personne a été informée du téléservice le {jour_fr(day)}.",
                        message,
                        plafond=None if received else Statut.PROBABLE,
                    ),
                ),
                tuple(d.entry for d in filed[:1]),
                days,
                absence(
                    m,
                    "sans_demande",
                    "Aucune demande n'a été faite ces jours-là.",
                    "le dépôt d'une demande",
                    days,
                    (source,),
                ),
                deposer(m, start, filed[0] if filed else None, entry),
            )


def demandes_maintenues(m: Matiere) -> Iterator[Exigence]:
    """An application taken back obliges the administration to nothing more: what follows is the person's own choice."""
    for entry, event in lus(m, instruction.DemandeRetiree):
        day = bornes_ou(event.retiree_le, entry)[1]
        after = [d for d in depots(m) if d.le[0] > day]
        until = after[0].le[0] - 1 if after else m.au
        taken_back = constat("demande_retiree", f"La personne a retiré sa demande le {jour_fr(day)}.", entry)
        yield Exigence(
            "maintien_de_la_demande",
            Partie.USAGER,
            entry.fait.objet,
            "Maintenir la demande",
            (),
            day,
            None,
            (taken_back,),
            (),
            [(day, until)] if day <= until else [],
            taken_back,
            _maintenir(entry),
        )


def _maintenir(taken_back: Entry) -> Callable[[Intervalles], Edition]:
    return lambda _: Edition("demande maintenue", frozenset({taken_back.event_id}), ())


def reponses(m: Matiere) -> Iterator[Exigence]:
    """L.114-5: a request that names the pieces, their text and a time limit, and was read, is answered in that time."""
    for each in complements(m):
        until = m.au if each.repondu is None else each.repondu - 1
        days = soustraire([(each.echeance + 1, until)], each.clos) if each.echeance < until else []
        yield Exigence(
            "reponse_complement",
            Partie.USAGER,
            each.entry.fait.objet,
            f"Produire les pièces demandées au plus tard le {jour_fr(each.echeance)}",
            (crpa_l114_5_complement.SOURCE,),
            bornes_ou(each.evenement.demande_le, each.entry)[0],
            each.echeance,
            (_connue(each), *(_plus_attendue(m, each) if days else ())),
            each.reponses,
            days,
            absence(
                m,
                "sans_reponse",
                "Les pièces demandées n'ont pas été produites dans le délai.",
                "la réponse à la demande de pièces",
                days,
                (crpa_l114_5_complement.SOURCE,),
            ),
            _repondre(each.entry, each.echeance),
        )


def _connue(asked: Complement) -> Constat:
    """That the request was made and read, and what leaves it open whether not answering it was the person's own act."""
    if asked.ouvert is None or asked.lu_le is None:
        read = "faite, sans que sa lecture soit établie"
    else:
        read = f"ouverte le {jour_fr(asked.lu_le)}{', après son échéance' if asked.connu_tard else ''}"
    failed = asked.versements.tentatives if asked.versements else ()
    days = ", ".join(f"le {jour_fr(jour(None, each))}" for each in failed)
    facts = [each for each in (asked.ouvert, asked.partiel) if each is not None]
    return constat(
        "complement_lu" if asked.ouvert else "complement_non_lu",
        f"La demande de pièces a été {read} ; réponse attendue le {jour_fr(asked.echeance)} au plus tard."
        + (f" Des versements ont échoué : {days}." if failed else "")
        + (" Une partie des pièces a été versée." if asked.partiel else ""),
        asked.entry,
        *facts,
        sources=(crpa_l114_5_complement.SOURCE,),
        appuis=failed,
        plafond=asked.statut,
    )


def _plus_attendue(m: Matiere, each: Complement) -> Iterator[Constat]:
    """From which day, and why, the answer is no longer awaited."""
    if each.clos and each.clos[-1][1] >= m.au:
        provisional = any(d.base in PRESUMENT and set(d.entries) & set(each.fermetures) for d in m.trame.docs)
        why = " : un document délivré depuis fait présumer le dossier complet" if provisional else ""
        yield constat(
            "reponse_plus_attendue",
            f"À partir du {jour_fr(each.clos[-1][0])}, les pièces ne sont plus attendues{why}.",
            *each.fermetures,
            sources=(ce_499904_completude.SOURCE,) if provisional else (crpa_l114_5_complement.SOURCE,),
        )


def _repondre(asked: Entry, day: int) -> Callable[[Intervalles], Edition]:
    return lambda _: editions.reponse(asked, day)
