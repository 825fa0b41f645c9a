"""La demande de communication du dossier (CRPA L.311-1), et à l'autre titre la copie des données (RGPD art. 15).

A letter to the préfecture that names what the ledger knows to be there, dossier by dossier and day by day; then, for
the person alone, the days to watch and how far each text was read.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any, Final, NamedTuple, get_type_hints

from evidence.composition import composer
from evidence.delais_acces import Delais, Mode, delais
from evidence.joint import champ
from evidence.phrases import ecrit, phrase, reference, regles, valeur
from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.errors import ConstatError
from ledger.events import cloture, decision, depot, instruction, personne, provisoire, support, titre
from ledger.events.base import Event, Ref
from ledger.events.types import Flux, Grade, Source
from ledger.francais import JOURS
from ledger.francais import jour as en_jour
from ledger.retained import holding
from projections import francais
from projections.francais import compte, quand
from rules import crpa_l114_3_transmission as transmission
from rules import crpa_l311_1_documents as documents
from rules import crpa_l311_3_1_algorithme as algorithme
from rules import crpa_r311_12_acces as silence
from rules import jours_ouvres, mois_quantieme, rgpd_art12_acces, rgpd_art15_copie
from rules.base import Source as Texte
from rules.base import Verification

AILLEURS: Final = "au registre"
ECHECS: Final = (depot.TentativeDepotEchouee, depot.VersementEchoue, personne.ConnexionEchouee)
PERSONNE: Final = (
    personne.CompteCree, personne.CreationCompteEchouee, personne.ChangementAdresseDeclare,
    personne.ChangementAdresseVuPrefecture, personne.CoordonneesModifiees, personne.NumeroEtrangerAttribue,
    personne.ConsentementNotificationElectroniqueDonne, personne.ConsentementNotificationElectroniqueRetire,
    personne.InstructionsAccesEnvoyees,
)  # fmt: skip
"""Of what is known of the person, what the administration holds; never a vulnerability that was told here."""
GROUPES: Final = (
    "Demandes, pièces et accusés", "Échanges et instruction", "Documents provisoires", "Décisions et clôtures",
    "Titres", "Aide, signalements et dépôt autrement", "Compte et coordonnées", "Traces des tentatives et des échecs",
)  # fmt: skip
_MODULES: Final = {depot: 0, instruction: 1, provisoire: 2, decision: 3, cloture: 3, titre: 4, support: 5}
_PAR_MODULE: Final = {module.__name__: group for module, group in _MODULES.items()}
DITS: Final = {
    Source.DECLARATION: "d'après ma déclaration",
    Source.TIERS: "d'après un tiers",
    Source.DEPOT: "d'après mon dépôt au guichet des tentatives",
}


class Demandeur(NamedTuple):
    """Who asks and of whom, as the letter says it; a name or an address that is not given is left to be written in."""

    reference: str
    prefecture: str
    nom: str | None = None
    adresse: str | None = None


def demande_pdf(
    demandeur: Demandeur,
    registre: str,
    entries: Sequence[Entry],
    envoyee_le: date,
    mode: Mode,
    *,
    recue_le: date | None = None,
    dossiers: Sequence[str] = (),
) -> bytes:
    """The letter of ``envoyee_le`` and the sheet of its days.

    ``entries``: hers and those of the incidents that reached her, masked. ``dossiers``: these only; all when empty.

    :raises DelaiError: the days cannot be counted.
    :raises ConstatError: one of ``dossiers`` is none of hers.
    :raises CompositionError: it could not be laid out.
    """
    days = delais(envoyee_le, mode, recue_le)
    held = [each for each in holding(entries, on=envoyee_le) if each.fait.personne is not None]
    if unknown := sorted(set(dossiers) - {_dossier(each) or "" for each in held}):
        msg = f"aucun fait connu ce jour-là n'est du dossier « {unknown[0][:80]} » : vérifiez sa référence"
        raise ConstatError(msg)
    there = [each for each in held if _groupe(each) is not None]
    asked = [each for each in there if not dossiers or _dossier(each) in dossiers]
    presumed = mode is Mode.COURRIEL and recue_le is None
    notes = [
        *_reception(days, presumee=presumed),
        *A_SAVOIR,
        *_ecartes(len(held) - len(there), len(there) - len(asked)),
        f"Règles suivies : {regles()}.",
    ]
    donnees = {
        "titre": "Demande de communication du dossier",
        **_parties(demandeur),
        "date": en_jour(envoyee_le),
        "mode": phrase(mode.libelle),
        **_lettre(days, registre, asked, envoyee_le),
        "jours": list(_jours(days, envoyee_le, mode)),
        "a-savoir": [phrase(each) for each in notes],
    }
    return composer("demande", donnees, envoyee_le)


def _lettre(days: Delais, registre: str, asked: Sequence[Entry], day: date) -> dict[str, Any]:
    """What the letter says, and the texts that it and the sheet rely on."""
    named = list(_listes(asked))
    asks = [phrase(each) for each in _algorithme(asked)]
    return {
        "objet": phrase(
            f"communication de mon dossier ({_cites(documents.SOURCE)}) et copie de mes données ({_cites(_ARTICLE_15)})"
        ),
        "demande": [phrase(each) for each in _demande()],
        "annonce": phrase(_annonce(registre, day, len(asked), bool(named))),
        "listes": named,
        "algorithme": asks,
        "suite": [phrase(each) for each in _suite(days)],
        "donnees": [phrase(each) for each in _donnees(days)],
        "textes": [
            [phrase(each.reference), phrase(each.libelle), phrase(each.verification.sens)]
            for each in (*TEXTES, *(ALGORITHME if asks else ()))
        ],
    }


TEXTES: Final = (
    documents.SOURCE, documents.DOCUMENTS, documents.INTERESSE, documents.PREPARATOIRES, documents.MODALITES,
    transmission.AVIS, silence.SOURCE, silence.UN_MOIS, silence.SAISINE,
    silence.PREALABLE, silence.CONFIRMATION, silence.DEUX_MOIS, rgpd_art12_acces.SOURCE,
    *(each for each in rgpd_art15_copie.SOURCES if each.article == "art. 15"),
    mois_quantieme.SOURCE, jours_ouvres.SOURCE,
)  # fmt: skip
"""Every text that the letter or the sheet relies on; these too, when it asks about a processing."""
ALGORITHME: Final = (algorithme.SOURCE, algorithme.COMMUNICATION, algorithme.CLOTURE)
_ARTICLE_15: Final = next(each for each in TEXTES if each.article == "art. 15")


def _parties(demandeur: Demandeur) -> dict[str, Any]:
    """Who asks and of whom, line by line."""
    return {
        "nom": ecrit(demandeur.nom, AILLEURS) if demandeur.nom else None,
        "adresse": ecrit(demandeur.adresse, AILLEURS) if demandeur.adresse else None,
        "prefecture": ecrit(demandeur.prefecture, AILLEURS),
        "reference": ecrit(demandeur.reference, AILLEURS),
    }


def _demande() -> Iterator[str]:
    yield (
        "Je demande communication des documents administratifs qui me concernent et que vos services détiennent :"
        f" dossiers, correspondances, pièces et décisions ({_cites(documents.SOURCE, documents.DOCUMENTS)}). Ils me"
        f" concernent personnellement ({_cites(documents.INTERESSE)})."
    )
    yield (
        f"Je souhaite les recevoir en copie, par courriel si possible ({_cites(documents.MODALITES)}). Si l'un d'eux"
        " est détenu par une autre administration, je vous demande de lui transmettre cette demande et de m'en aviser"
        f" ({_cites(transmission.AVIS)})."
    )


def _annonce(registre: str, day: date, count: int, named: bool) -> str:  # noqa: FBT001 - whether there is a list
    if not named:
        return "Le registre ne nomme aucun document précis : ma demande porte sur tout ce qui existe."
    return (
        f"Existent notamment, d'après le registre « {registre} » au {en_jour(day)}, {compte(count, 'élément')} que"
        " voici. Cette liste n'est pas limitative."
    )


def _algorithme(asked: Iterable[Entry]) -> Iterator[str]:
    """Asked only where the ledger holds an automatic closure, or a refusal said to rest on such a processing."""
    events = [each.fait.evenement for each in asked]
    closed = any(isinstance(each, cloture.DossierClosAutomatiquement) for each in events)
    told = any(each.lire_champ("traitement_algorithmique") for each in events)
    if closed or told:
        why = f" ; une clôture automatique en est un ({reference(algorithme.CLOTURE)})" if closed else ""
        yield (
            "Si une décision a été prise sur le fondement d'un traitement algorithmique, je demande son degré de"
            f" contribution, les données traitées et les paramètres ({_cites(algorithme.COMMUNICATION)}{why})."
        )


def _suite(days: Delais) -> Iterator[str]:
    when = (
        f" Reçue le {en_jour(days.recue_le)}, la demande serait refusée par le silence le {en_jour(days.refus)}."
        if days.sure
        else ""
    )
    yield (
        f"Le silence gardé pendant un mois vaut refus ({_cites(silence.SOURCE, silence.UN_MOIS)}).{when} Je pourrais"
        " alors saisir la Commission d'accès aux documents administratifs dans les deux mois"
        f" ({_cites(silence.SAISINE)}), avant le juge ({_cites(silence.PREALABLE)})."
    )


def _donnees(days: Delais) -> Iterator[str]:
    when = f", soit au plus tard le {en_jour(days.rgpd)}" if days.sure else ""
    yield (
        "À un autre titre, je demande copie de mes données personnelles, avec la liste de ceux qui les ont reçues"
        f" ({_cites(_ARTICLE_15)}). La réponse est due dans le mois{when} ({_cites(rgpd_art12_acces.SOURCE)})."
    )


def _cites(*textes: Texte) -> str:
    return " ; ".join(each.citation for each in textes)


def _groupe(entry: Entry) -> int | None:
    """In which list a fact goes; ``None``: the administration holds nothing of it, or it was deduced here."""
    event = entry.fait.evenement
    if entry.fait.grade is Grade.E:
        return None
    if isinstance(event, ECHECS):
        return len(GROUPES) - 1
    if isinstance(event, PERSONNE):
        return len(GROUPES) - 2
    return _PAR_MODULE.get(type(event).__module__)


def _dossier(entry: Entry) -> str:
    """The dossier a fact is of, or is about."""
    fait = entry.fait
    said = fait.objet if fait.flux is Flux.DOSSIER else fait.evenement.lire_champ("dossier") or fait.correlation
    return said or ""


def _listes(asked: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    """By dossier, then by list, in the order of the facts."""
    ordered = sorted(asked, key=lambda each: (not _dossier(each), _dossier(each)))
    for dossier, hers in groupby(ordered, key=_dossier):
        by_group = sorted(hers, key=lambda each: _groupe(each) or 0)
        groups = [
            {"titre": GROUPES[group or 0], "lignes": [_ligne(each) for each in found]}
            for group, found in groupby(by_group, key=_groupe)
        ]
        name = f"Dossier {dossier}" if dossier else "Hors de tout dossier nommé"
        yield {"titre": " ".join(ecrit(name, AILLEURS)), "groupes": groups}


def _ligne(entry: Entry) -> str:
    fait = entry.fait
    said = [*_reperes(fait.evenement)]
    if fait.flux is not Flux.DOSSIER and fait.objet:
        said.insert(0, f"{fait.flux.value} {fait.objet}")
    if fait.source in DITS:
        said.append(DITS[fait.source])
    more = f" ({' ; '.join(said)})" if said else ""
    return phrase(
        f"{quand(fait.survenu)} : {fait.evenement.titre_fr()[:1].lower()}{fait.evenement.titre_fr()[1:]}{more}"
    )


def _reperes(event: Event) -> Iterator[str]:
    """The days and the references that an event gives, by which it is found."""
    named = _references(type(event))
    for name in type(event).model_fields:
        value = event.lire_champ(name)
        if isinstance(value, Jours | Quand | date) or (name in named and value):
            yield f"{francais.libelle(type(event), name)} : {valeur(value)}"


@cache
def _references(event: type[Event]) -> frozenset[str]:
    """The fields that are references, by which an administration finds what it is asked for; not the dossier's."""
    hints = get_type_hints(event, include_extras=True)
    return frozenset(name for name, hint in hints.items() if hint in (Ref, Ref | None) and name != "dossier")


def _jours(days: Delais, envoyee_le: date, mode: Mode) -> Iterator[dict[str, Any]]:
    yield champ("Envoyée", phrase(f"le {_semaine(envoyee_le)}, {mode.libelle}"))
    known = "" if days.sure else " au plus tôt : l'avis ou l'accusé de réception dira le jour"
    yield champ("Reçue", phrase(f"le {_semaine(days.recue_le)}{known}"))
    yield champ("Réponse attendue", phrase(f"au plus tard le {_semaine(days.repondre_avant)}"))
    yield champ("Refus par le silence", phrase(f"le {_semaine(days.refus)} ({_lus(silence.SOURCE, silence.UN_MOIS)})"))
    yield champ("Saisir la CADA", phrase(f"au plus tard le {_semaine(days.cada)} ({_lus(silence.SAISINE)})"))
    if days.cada_ouvre != days.cada:
        yield champ(
            "",
            phrase(
                f"Ce jour n'est pas ouvré et aucun report n'est compté : le {_semaine(days.cada_ouvre)} est le dernier"
                f" jour sûr ({_lus(jours_ouvres.SOURCE)})."
            ),
        )
    yield champ(
        "Données (RGPD)", phrase(f"réponse au plus tard le {_semaine(days.rgpd)} ({_lus(rgpd_art12_acces.SOURCE)})")
    )


def _semaine(day: date) -> str:
    return f"{JOURS[day.weekday()]} {en_jour(day)}"


def _lus(*textes: Texte) -> str:
    return " ; ".join(reference(each) for each in textes)


def _reception(days: Delais, *, presumee: bool) -> Iterator[str]:
    if not days.sure:
        yield (
            "Les jours sont comptés depuis l'envoi : ce sont les premiers possibles. Une fois le jour de réception"
            " connu, refaites cette feuille avec lui (--received) ; ne laissez pas passer ceux-ci."
        )
    if presumee:
        yield "Un courriel est compté reçu le jour de son envoi : la date de l'accusé l'emporte, si elle diffère."


A_SAVOIR: Final = (
    (
        "Chaque délai va de quantième à quantième, ramené au dernier jour d'un mois plus court"
        f" ({_lus(mois_quantieme.SOURCE)}). Ni jour de plus, ni report à un jour ouvré : c'est la façon de compter la"
        f" plus courte ({Verification.I.sens})."
    ),
    (
        "Après la saisine, le silence de l'administration pendant deux mois depuis l'enregistrement par la CADA"
        f" confirme le refus ({_lus(silence.CONFIRMATION, silence.DEUX_MOIS)}). Sans cette saisine, pas de juge"
        f" ({_lus(silence.PREALABLE)})."
    ),
    "Un refus exprès fait courir les deux mois de sa notification : gardez-en la date.",
    (
        "Les documents préparatoires ne se communiquent pas tant que la décision s'élabore"
        f" ({_lus(documents.PREPARATOIRES)})."
    ),
)


def _ecartes(aside: int, elsewhere: int) -> Iterator[str]:
    """What the ledger knows and the letter does not name."""
    if aside:
        yield (
            f"{compte(aside, 'fait')} du registre n'y {'sont' if aside > 1 else 'est'} pas : déduits par lui, ou que"
            " l'administration n'a pas à détenir (effets, recours, accès, vulnérabilité, mandats)."
        )
    if elsewhere:
        yield f"Laissés de côté, d'autres dossiers que ceux qui sont demandés : {compte(elsewhere, 'élément')}."
