"""The attempts that show an access to be blocked: several, spread over seven days at least (CE 435594)."""

from collections.abc import Iterator
from datetime import date

from evidence.procedures.affaire import Affaire, documents, ids
from evidence.procedures.modeles import Citation, Gravite, Piege, cites
from ledger.entry import Entry
from ledger.events.provisoire import RenouvellementAttestationEchoue
from ledger.events.support import RendezVousPanIndisponible
from ledger.francais import jour
from projections.francais import compte
from projections.imputation.empechements import empechements
from rules import ce_435594_tentatives


def _textes() -> tuple[Citation, ...]:
    return cites(*ce_435594_tentatives.LECTURES.suivie().sources)


def tentatives(a: Affaire) -> list[Entry]:
    """What was tried and failed, and no application followed: to file, or, once it is filed, to renew a certificate."""
    if a.en_cours():
        found = [e for e, _ in a.faits(RenouvellementAttestationEchoue)]
    else:
        found = [e for each in empechements(a.m) if each.suite is None for e in each.tentatives]
    return sorted(found, key=lambda e: (e.fait.survenu.debut, e.event_id.int))


def espacement(a: Affaire) -> Iterator[Piege]:
    """Between the first attempt and the last: a stretch of days, never numbers of weeks."""
    found = tentatives(a)
    if not found:
        yield from _aucune(a)
        return
    days = [e.fait.survenu.jours for e in found]
    surely = ce_435594_tentatives.ecart_suffisant(min(d.dernier for d in days), max(d.premier for d in days))
    if len(found) > 1 and surely:
        if not documents(found):
            yield Piege(
                code="tentatives_sans_capture",
                gravite=Gravite.RISQUE,
                texte=f"{compte(len(found), 'tentative échouée')} au registre, sans capture d'écran.",
                remede="Joignez les captures d'écran datées, ou le journal du téléservice.",
                sources=_textes(),
                entries=ids(found),
            )
        return
    first, last = min(d.premier for d in days), max(d.dernier for d in days)
    possibly = len(found) > 1 and ce_435594_tentatives.ecart_suffisant(first, last)
    yield Piege(
        code="tentatives_espacement_incertain" if possibly else "tentatives_rapprochees",
        gravite=Gravite.RISQUE,
        texte=_ecart(len(found), first, last, exact=all(d.exact for d in days)),
        remede=_recommencer(a, min(d.dernier for d in days)),
        sources=_textes(),
        entries=ids(found),
    )


def _ecart(number: int, first: date, last: date, *, exact: bool) -> str:
    if number == 1:
        return f"Une seule tentative échouée est au registre, le {jour(last)} : il en faut plusieurs."
    stretch = compte((last - first).days, "jour")
    told = f"{number} tentatives échouées, du {jour(first)} au {jour(last)} : {stretch}{'' if exact else ' au plus'}"
    least = ce_435594_tentatives.JOURS_D_ECART
    if (last - first).days >= least:
        return f"{told}. Leurs jours ne sont pas tous exacts : {least} jours d'écart ne sont pas établis."
    return f"{told}, moins de {least}. L'écart se compte en jours : deux semaines du calendrier ne suffisent pas."


def _recommencer(a: Affaire, first: date) -> str:
    """When another attempt would make the stretch long enough."""
    last = date.fromordinal(first.toordinal() + ce_435594_tentatives.JOURS_D_ECART)
    when = f"le {jour(last)} ou après" if last > a.au else "dès maintenant"
    return f"Tentez de nouveau {when}, avec une capture d'écran datée, et saisissez le juge ensuite."


def _aucune(a: Affaire) -> Iterator[Piege]:
    """No attempt at all: it matters where nothing was filed; who has filed asks for a certificate, not for access."""
    if a.en_cours():
        return
    seen = [e for e, _ in a.faits(RendezVousPanIndisponible)]
    also = (
        f" {compte(len(seen), 'constat')} de point d'accueil sans rendez-vous ne montrent pas une tentative de dépôt."
        if seen
        else ""
    )
    yield Piege(
        code="aucune_tentative",
        gravite=Gravite.RISQUE,
        texte=f"Aucune demande n'est en cours et aucune tentative échouée n'est au registre.{also}",
        remede="Tentez de déposer, plusieurs fois, à sept jours d'écart au moins, avec des captures d'écran datées.",
        sources=_textes(),
        entries=ids(seen),
    )
