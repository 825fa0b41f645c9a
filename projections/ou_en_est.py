"""Où en est une personne, en peu de mots : ce qu'elle peut montrer aujourd'hui, ses demandes, ce qui est attendu.

The same pure functions as everywhere, told shorter: nothing here is known that the timeline and the duties do not show.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from ledger.dossier import Etape
from ledger.entry import Entry
from projections.couverture import Couverture, couverture
from projections.couverture.modeles import Certitude, NatureLacune, RefusImplicite, StatutRefus
from projections.etat import EtatDossier, etats
from projections.imputation.calcul import devoirs, lire
from projections.imputation.modeles import Obligation, Partie, Portee, Statut
from projections.imputation.prevision import previsions

HORIZON: Final = 60
"""Days looked ahead for the first day without a document."""

PHRASES: Final = {
    Etape.AUCUNE: "Le registre ne connaît pas encore de demande dans ce dossier.",
    Etape.TENTATIVE: "Vous avez essayé de déposer votre demande. Le dépôt n'a pas marché.",
    Etape.DEPOSE: "Votre demande est déposée. Le registre ne connaît pas encore de décision.",
    Etape.COMPLEMENT_DEMANDE: "L'administration vous demande des pièces en plus.",
    Etape.INSTRUCTION: "L'administration examine votre demande. Le registre ne connaît pas encore de décision.",
    Etape.CLOS: "L'administration a fermé ce dossier sans dire oui ni non.",
    Etape.ENREGISTREMENT_REFUSE: "L'administration n'a pas enregistré votre demande.",
    Etape.RETIRE: "Vous avez retiré votre demande.",
    Etape.FAVORABLE: "L'administration a dit oui.",
    Etape.REFUSE: "L'administration a dit non.",
}
"""Each stage, for the person to read."""


class Montrable(msgspec.Struct, frozen=True, kw_only=True):
    """Un document qui prouve le séjour aujourd'hui."""

    libelle: str
    jusqu_au: date | None
    """The last day; ``None``: no end is stated."""
    certain: bool
    """Under every reading of the dates."""


class Manque(msgspec.Struct, frozen=True, kw_only=True):
    """Aucun document ne prouve le séjour aujourd'hui."""

    depuis: date
    jours: int
    nature: NatureLacune
    certain: bool


class Attendu(msgspec.Struct, frozen=True, kw_only=True):
    """Ce qu'une partie doit faire, ou peut faire, et jusqu'à quand."""

    texte: str
    dossier: str | None
    echeance: date | None
    """The last day, when there is one and it has not passed."""
    retard_depuis: date | None
    """The first day on which it was owed and not done, when that still lasts."""
    jours_de_retard: int
    articles: tuple[str, ...]
    statut: Statut
    portee: Portee


class DemandeEnCours(msgspec.Struct, frozen=True, kw_only=True):
    """Une demande, et le refus que le silence a fait naître s'il y en a un."""

    etat: EtatDossier
    phrase: str
    silence: RefusImplicite | None


class OuEnEst(msgspec.Struct, frozen=True, kw_only=True):
    """Où en est la personne, vue le jour ``au``."""

    au: date
    montrables: tuple[Montrable, ...]
    manque: Manque | None
    perte_prevue: date | None
    """The first day without a document within :data:`HORIZON` days if nothing happens; ``None``: none, or it began."""
    demandes: tuple[DemandeEnCours, ...]
    de_l_administration: tuple[Attendu, ...]
    de_la_personne: tuple[Attendu, ...]
    facultes: tuple[Attendu, ...]
    """What she may do; not doing it is never a breach."""


def ou_en_est(entries: Sequence[Entry], au: date) -> OuEnEst:
    """Where a person stands on the civil day ``au``, by those of her ``entries`` that hold on it."""
    if not entries:
        return OuEnEst(
            au=au, montrables=(), manque=None, perte_prevue=None, demandes=(), de_l_administration=(),
            de_la_personne=(), facultes=(),
        )  # fmt: skip
    cover = couverture(entries, au)
    owed = devoirs(lire(entries, au))
    expected = sorted(_attendus(owed, au), key=lambda each: _ordre(each[1]))
    return OuEnEst(
        au=au,
        montrables=tuple(_montrables(cover)),
        manque=_manque(cover),
        perte_prevue=next((each.du for each in previsions(entries, au, HORIZON) if each.du > au), None),
        demandes=tuple(_demandes(etats(entries), cover.refus_implicites)),
        de_l_administration=_de(expected, Partie.ADMINISTRATION),
        de_la_personne=_de(expected, Partie.USAGER),
        facultes=tuple(each for _, each in expected if each.portee is Portee.FACULTE),
    )


def _montrables(cover: Couverture) -> Iterator[Montrable]:
    for each in cover.preuve:
        if each.du <= cover.au <= each.au:
            yield Montrable(
                libelle=each.base.libelle,
                jusqu_au=None if each.ouvert else each.au,
                certain=each.certitude is Certitude.CERTAIN,
            )


def _manque(cover: Couverture) -> Manque | None:
    for gap in cover.lacunes:
        if gap.du <= cover.au <= gap.au:
            days = (cover.au - gap.du).days + 1
            return Manque(depuis=gap.du, jours=days, nature=gap.nature, certain=gap.certaine)
    return None


def _demandes(states: Iterable[EtatDossier], silences: Sequence[RefusImplicite]) -> Iterator[DemandeEnCours]:
    for state in states:
        born = [each for each in silences if each.dossier == state.dossier and each.statut is StatutRefus.NE]
        yield DemandeEnCours(etat=state, phrase=PHRASES[state.etape], silence=born[-1] if born else None)


def _attendus(owed: Iterable[Obligation], au: date) -> Iterator[tuple[Partie, Attendu]]:
    """What is expected on ``au``: what is late and still not done, and what may still be done in time."""
    for each in owed:
        late = next((run for run in each.manquements if run.du <= au <= run.au), None)
        open_ = each.du <= au and (each.au is None or each.au >= au)
        if late is None and (not open_ or each.satisfaite_par or each.manquements):
            continue
        yield (
            each.debiteur,
            Attendu(
                texte=each.texte,
                dossier=each.dossier,
                echeance=None if late else each.au,
                retard_depuis=late.du if late else None,
                jours_de_retard=(au - late.du).days + 1 if late else 0,
                articles=each.articles,
                statut=each.statut,
                portee=each.portee,
            ),
        )


def _de(expected: Iterable[tuple[Partie, Attendu]], partie: Partie) -> tuple[Attendu, ...]:
    return tuple(each for who, each in expected if who is partie and each.portee is not Portee.FACULTE)


def _ordre(each: Attendu) -> tuple[bool, date]:
    """What changes days first; then the oldest, or the nearest end."""
    return each.portee is not Portee.JOURS, each.retard_depuis or each.echeance or date.max
