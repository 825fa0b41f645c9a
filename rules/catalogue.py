"""The list of all rules, in the order of the law, and the name of each set of their readings.

A new rule takes its line in :data:`REGLES`; a test refuses a file of this folder that has none.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from types import ModuleType
from typing import Any, Final

from ledger import canonical
from rules import (
    caa_24pa02879_prejudice,
    ce_435594_tentatives,
    ce_498497_urgence,
    ce_499904_completude,
    ceseda_annexe_9_listes,
    ceseda_l411_1_titres,
    ceseda_l411_2_fin_de_droit,
    ceseda_l424_1_protection,
    ceseda_l433_3_maintien,
    ceseda_l541_1_demande_asile,
    ceseda_r142_11_conservation,
    ceseda_r431_2_substitution,
    ceseda_r431_2_teleservice,
    ceseda_r431_3_guichet,
    ceseda_r431_4_premiere_demande,
    ceseda_r431_5_fenetre,
    ceseda_r431_5_jeune_majeur,
    ceseda_r431_8_six_mois,
    ceseda_r431_10_dossier_incomplet,
    ceseda_r431_12_recepisse,
    ceseda_r431_13_duree,
    ceseda_r431_14_travail,
    ceseda_r431_15_1_attestation,
    ceseda_r431_15_2_travail,
    ceseda_r431_15_3_refugie,
    ceseda_r431_20_prefet,
    ceseda_r432_1_silence,
    circulaire_2013_06_25_point_de_depart,
    cja_l521_1_suspension,
    cja_l521_2_liberte,
    cja_l521_3_mesures_utiles,
    cja_l911_1_injonction,
    cja_r411_1_requete,
    cja_r412_1_piece_jointe,
    cja_r421_1_delai_franc,
    cja_r421_2_reclamation,
    cja_r421_5_voies_et_delais,
    cja_r431_2_avocat,
    cja_r522_1_refere,
    cja_r531_1_constat,
    cja_r541_1_provision,
    constat_coherence,
    constat_sources_citees,
    crpa_l100_3_administration,
    crpa_l111_2_interlocuteur,
    crpa_l112_3_accuse,
    crpa_l112_8_saisine,
    crpa_l112_9_voie_electronique,
    crpa_l112_12_opposabilite,
    crpa_l112_13_date,
    crpa_l112_15_notification,
    crpa_l113_12_une_seule_fois,
    crpa_l114_3_transmission,
    crpa_l114_5_complement,
    crpa_l114_6_regularisation,
    crpa_l121_1_contradictoire,
    crpa_l123_1_erreur,
    crpa_l211_5_motivation,
    crpa_l212_1_auteur,
    crpa_l231_1_silence_acceptation,
    crpa_l232_4_motifs,
    crpa_l242_1_retrait,
    crpa_l311_1_documents,
    crpa_l311_3_1_algorithme,
    crpa_l411_2_recours_administratif,
    crpa_r112_11_1_mentions,
    crpa_r112_11_2_accuses,
    crpa_r311_12_acces,
    jours_ouvres,
    loi_1968_prescription,
    loi_2011_333_suites,
    mois_quantieme,
    rgpd_art12_acces,
    rgpd_art15_copie,
    rgpd_art17_effacement,
)
from rules.base import Source
from rules.jeux import ACTUEL, JEUX, Jeu, Lecture


@dataclass(frozen=True, slots=True)
class Regle:
    """Une règle, telle que son fichier la dit."""

    identifiant: str
    """Le nom de son fichier, qui ne change pas."""
    titre: str
    """Sa première phrase."""
    sources: tuple[Source, ...]
    """De toutes ses lectures."""
    lectures: tuple[tuple[Source, ...], ...]
    """Les sources de chaque lecture, la première d'abord."""
    non_code: str
    """Ce que le calcul laisse de côté, et pourquoi."""
    texte: str
    """Le texte entier placé au-dessus du code."""

    def suivies(self, jeu: Jeu) -> tuple[Source, ...]:
        """The sources of the reading that ``jeu`` follows; empty for a rule that was not known to it."""
        return self.lectures[jeu.lecture(self.identifiant) - 1]

    def connue_le(self, lecture: int) -> date | None:
        """The day on which the project learned that reading; ``None`` for the one that says the rule was not known."""
        return max((source.connue_le for source in self.lectures[lecture - 1]), default=None)


def _lire(module: ModuleType) -> Regle:
    texte = (module.__doc__ or "").strip()
    sources: tuple[Source, ...] = getattr(module, "SOURCES", None) or (module.SOURCE,)
    lectures: tuple[Lecture[Any], ...] = module.LECTURES.toutes if hasattr(module, "LECTURES") else ()
    return Regle(
        identifiant=module.__name__.removeprefix("rules."),
        titre=texte.partition("\n")[0],
        sources=sources,
        lectures=tuple(each.sources for each in lectures) or (sources,),
        non_code=" ".join(texte.partition("\nNon codé")[2].split()),
        texte=texte,
    )


REGLES: Final = tuple(
    _lire(module)
    for module in (
        # CESEDA: the right to stay, then the application, in the order of its articles.
        ceseda_l411_1_titres,
        ceseda_l411_2_fin_de_droit,
        ceseda_l424_1_protection,
        ceseda_l433_3_maintien,
        ceseda_l541_1_demande_asile,
        ceseda_r142_11_conservation,
        ceseda_r431_2_teleservice,
        ceseda_r431_2_substitution,
        ceseda_annexe_9_listes,
        ceseda_r431_3_guichet,
        ceseda_r431_4_premiere_demande,
        ceseda_r431_5_fenetre,
        ceseda_r431_5_jeune_majeur,
        ceseda_r431_8_six_mois,
        ceseda_r431_10_dossier_incomplet,
        ceseda_r431_12_recepisse,
        ceseda_r431_13_duree,
        ceseda_r431_14_travail,
        ceseda_r431_15_1_attestation,
        ceseda_r431_15_2_travail,
        ceseda_r431_15_3_refugie,
        ceseda_r431_20_prefet,
        ceseda_r432_1_silence,
        ce_499904_completude,
        circulaire_2013_06_25_point_de_depart,
        # CRPA: the public and the administration.
        crpa_l100_3_administration,
        crpa_l111_2_interlocuteur,
        crpa_l112_3_accuse,
        crpa_l112_8_saisine,
        crpa_l112_9_voie_electronique,
        crpa_r112_11_1_mentions,
        crpa_r112_11_2_accuses,
        crpa_l112_12_opposabilite,
        crpa_l112_13_date,
        crpa_l112_15_notification,
        crpa_l113_12_une_seule_fois,
        crpa_l114_3_transmission,
        crpa_l114_5_complement,
        crpa_l114_6_regularisation,
        crpa_l121_1_contradictoire,
        crpa_l123_1_erreur,
        crpa_l211_5_motivation,
        crpa_l212_1_auteur,
        crpa_l231_1_silence_acceptation,
        crpa_l232_4_motifs,
        crpa_l242_1_retrait,
        crpa_l311_1_documents,
        crpa_l311_3_1_algorithme,
        crpa_r311_12_acces,
        crpa_l411_2_recours_administratif,
        # CJA and rulings: the remedies.
        cja_r411_1_requete,
        cja_r412_1_piece_jointe,
        cja_r421_1_delai_franc,
        cja_r421_2_reclamation,
        cja_r421_5_voies_et_delais,
        cja_r431_2_avocat,
        cja_l521_1_suspension,
        ce_498497_urgence,
        cja_l521_2_liberte,
        cja_l521_3_mesures_utiles,
        ce_435594_tentatives,
        cja_r522_1_refere,
        cja_r531_1_constat,
        cja_r541_1_provision,
        cja_l911_1_injonction,
        caa_24pa02879_prejudice,
        loi_1968_prescription,
        # Data and the Défenseur des droits.
        rgpd_art12_acces,
        rgpd_art15_copie,
        rgpd_art17_effacement,
        loi_2011_333_suites,
        # How days are counted, and what Constat asks of its own acts.
        mois_quantieme,
        jours_ouvres,
        constat_coherence,
        constat_sources_citees,
    )
)

_PAR_IDENTIFIANT: Final = {each.identifiant: each for each in REGLES}


def regle(identifiant: str) -> Regle:
    """The rule of that name.

    :raises KeyError: there is none.
    """
    return _PAR_IDENTIFIANT[identifiant]


def cites(citations: Container[str], jeu: Jeu = ACTUEL) -> Iterator[tuple[Regle, Source]]:
    """The rules whose texts are among ``citations`` and no other, each with the text cited, in the order of the law.

    Of a rule that was read more than once, the reading that ``jeu`` follows.
    """
    for each in REGLES:
        for source in each.suivies(jeu) or each.sources:
            if source.citation in citations:
                yield each, source


@cache
def empreinte(jeu: Jeu = ACTUEL) -> str:
    """The name of a set of readings: SHA-256 over the identifiers, readings, labels, versions and dates it follows.

    Canonical JSON, without the rules that the set did not know. A conclusion that keeps it says under which readings
    of the law it was drawn.
    """
    named = [
        {"identifiant": each.identifiant, "sources": [_nommee(source) for source in each.suivies(jeu)]}
        for each in REGLES
        if each.suivies(jeu)
    ]
    return sha256(canonical.encode(named)).hexdigest()


def jeux_nommes(debut: str) -> tuple[Jeu, ...]:
    """The sets whose digest begins with ``debut``, in the order in which they were adopted."""
    return tuple(jeu for jeu in JEUX if empreinte(jeu).startswith(debut))


def _nommee(source: Source) -> dict[str, Any]:
    return {
        "reference": source.reference,
        "lecture": source.lecture,
        "verification": source.verification.value,
        "version": source.version,
        "en_vigueur_depuis": _iso(source.en_vigueur_depuis),
        "en_vigueur_jusqu_au": _iso(source.en_vigueur_jusqu_au),
        "publiee_le": _iso(source.publiee_le),
        "connue_le": _iso(source.connue_le),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
