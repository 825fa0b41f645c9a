"""Le relevé de blocage, à remettre avec la demande de déposer autrement (CESEDA R.431-2 al. 3).

Every stretch of days on which the person tried and could not file, what hit her attempts, what she did about it, what
the text asks and what is not on record. The data are attached as they were read, so that nothing rests on the layout.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from evidence.composition import composer
from evidence.joint import Joint, champ, code, designation
from evidence.mots import GRADES, LIENS, STATUTS
from evidence.phrases import ecrit, periode, phrase, reference, regles
from ledger import canonical
from ledger.days import Jours, Quand
from ledger.entry import Entry
from ledger.francais import jour as en_jour
from projections.francais import compte, quand
from projections.imputation.blocage import Blocage, Diligence, Empeche, IncidentTouchant, Releve
from projections.imputation.incidents import Genre
from replay.as_of import plain
from rules import ceseda_r431_2_substitution
from rules.ce_435594_tentatives import JOURS_D_ECART, tentatives_suffisantes
from rules.ce_435594_tentatives import LECTURES as TENTATIVES
from rules.ceseda_r431_2_substitution import ARRETE, PONT, SOURCE, Condition, Regime
from rules.jeux import suivi

FORMAT: Final = "constat/releve-blocage/1"
AILLEURS: Final = "dans le fichier joint"
CONDITIONS: Final = {
    Condition.BLOCAGE: "La personne ne peut pas déposer par le téléservice.",
    Condition.DILIGENCES: "Elle a fait « toutes les diligences qui lui incombent », l'accompagnement compris.",
    Condition.CONSTAT: (
        "L'impossibilité est constatée ; elle tient « à la conception ou au mode de fonctionnement » du téléservice."
    ),
}
PARCOURS: Final = (
    "Le centre de contact aide, reconnaît l'anomalie et la transmet ; s'il échoue, il peut adresser au point d'accueil"
    " numérique ; l'impossibilité établie, la préfecture invite la personne."
)
CODE: Final = (
    "Ce code nomme le registre, le jour dont part le relevé et l'empreinte du fichier joint, qui contient les mêmes"
    " données."
)
OBJET: Final = (
    "Ce relevé dit, d'après le registre, quand la personne a tenté de déposer sans le pouvoir, ce qui l'en a empêchée"
    " et ce qu'elle a fait. Il constate des faits et des dates ; il ne qualifie personne."
)


def blocage_pdf(
    personne: str,
    registre: str,
    releve: Releve,
    entries: Sequence[Entry],
    jour: date,
    *,
    connu_le: datetime | None = None,
) -> bytes:
    """The statement, dated ``jour``. ``entries``: those it was read from; ``connu_le``: as known on that instant.

    :raises CompositionError: it could not be laid out.
    """
    joint = _joint(personne, registre, releve, entries, connu_le)
    by_id = {entry.event_id: entry for entry in entries}
    known = f", tel que le registre le savait le {quand(Quand.le(connu_le))}" if connu_le else ""
    named = designation("releve-blocage", registre, releve.au.isoformat(), joint.empreinte)
    donnees = {
        "titre": "Relevé de blocage",
        "objet": phrase(OBJET),
        "champs": [
            champ("Personne", *ecrit(personne, AILLEURS)),
            champ("Registre", registre),
            champ("Vu le", phrase(f"{en_jour(releve.au)}{known}")),
            champ("Établi le", en_jour(jour)),
            champ("Règles suivies", regles()),
        ],
        "blocages": [_blocage(n, each, by_id) for n, each in enumerate(releve.blocages, start=1)],
        "aucun": phrase("Aucune tentative de dépôt échouée au registre à cette date."),
        "autres": [_empeche(n, each, by_id) for n, each in enumerate(releve.autres, start=1)],
        "joints": [joint.donnees],
        "fichier": joint.nom,
        "sha256": joint.empreinte,
        "code": code([named], [(CODE,)], "Code QR : le registre, le jour et l'empreinte du fichier joint"),
    }
    return composer("blocage", donnees, jour, joints={joint.nom: joint.octets})


def _joint(personne: str, registre: str, releve: Releve, entries: Iterable[Entry], connu_le: datetime | None) -> Joint:
    """The data, canonical (RFC 8785), with the place of each cited fact in the sealed log."""
    cited = set(_cites(releve))
    said = {
        "format": FORMAT,
        "registre": registre,
        "personne": personne,
        "connu_le": plain(connu_le),
        "regles": suivi().nom,
        "releve": plain(releve),
        "faits": [
            {"event_id": str(each.event_id), "id": each.fait.id, "ligne": each.position}
            for each in entries
            if each.event_id in cited
        ],
    }
    nom = f"releve-blocage-{releve.au.isoformat()}.json"
    return Joint(nom, canonical.encode(said), "application/json", "source", "Les données dont ce relevé est tiré")


def _cites(releve: Releve) -> Iterable[UUID]:
    for each in releve.blocages:
        yield from (failed.event_id for failed in each.empeches)
        yield from (act.event_id for act in each.diligences)
        yield from (cited for hit in each.incidents for cited in hit.entries)
    yield from (failed.event_id for failed in releve.autres)


def _blocage(number: int, each: Blocage, by_id: Mapping[UUID, Entry]) -> dict[str, Any]:
    still = ", toujours en cours" if each.en_cours else ""
    tried = [_jours(failed) for failed in each.empeches if failed.genre is Genre.TENTATIVE]
    regime = ceseda_r431_2_substitution.regime(each.du)
    return {
        "titre": phrase(f"{number}. Dépôt impossible {periode(each.du, each.au)}{still}"),
        "champs": [
            champ("Dossier", *ecrit(each.dossier or "sans référence", AILLEURS)),
            champ("Durée", compte((each.au - each.du).days + 1, "jour")),
            champ("Constat", STATUTS[each.statut]),
            *_etalement(tried),
            *_fenetre(each),
            *([champ("Déposée ensuite", quand(Quand.lire(each.depose_le)))] if each.depose_le else ()),
        ],
        "empeches": [_empeche(n, failed, by_id) for n, failed in enumerate(each.empeches, start=1)],
        "incidents": [_incident(hit, tried) for hit in each.incidents],
        "diligences": [_diligence(act, by_id) for act in each.diligences],
        "regime": phrase(f"{each.regime[:1].upper()}{each.regime[1:]}."),
        "demande": [phrase(said) for said in _demande(regime)],
        "manque": [phrase(said) for said in each.manque],
        "ne-prouve-pas": [phrase(said) for said in each.ne_prouve_pas],
    }


def _jours(failed: Empeche) -> Jours:
    return Quand.lire(failed.survenu).jours


def _etalement(tried: Sequence[Jours]) -> Iterable[dict[str, Any]]:
    """From the first attempt to the last: the stretch of time that the judge looks at, each by its last day."""
    if not tried:
        return
    days = sorted(each.dernier for each in tried)
    spread = (days[-1] - days[0]).days
    enough = tentatives_suffisantes(days)
    yield champ("Tentatives", f"{compte(len(tried), 'tentative')}, sur {compte(len(set(days)), 'jour différent')}")
    yield champ(
        "De la première à la dernière",
        phrase(f"{periode(days[0], days[-1])} : {compte(spread, 'jour')} d'écart."),
        phrase(
            f"Repère : {JOURS_D_ECART} jours au moins, {'atteint' if enough else 'non atteint'}"
            f" ({' ; '.join(map(reference, TENTATIVES.suivie().sources))})."
        ),
    )
    if not all(each.exact for each in tried):
        yield champ("", "Le jour de certaines tentatives n'est pas exact : le dernier jour possible est compté.")


def _fenetre(each: Blocage) -> Iterable[dict[str, Any]]:
    if each.titre_expire_le is not None:
        yield champ("Titre détenu", f"jusqu'au {en_jour(each.titre_expire_le)}")
    if each.fenetre is not None:
        put_off = each.fenetre_prolongee_au
        later = f", reportée au {en_jour(put_off)}" if put_off is not None and put_off > each.fenetre.au else ""
        yield champ("Fenêtre de dépôt", f"{periode(each.fenetre.du, each.fenetre.au)}{later}")


def _empeche(number: int, each: Empeche, by_id: Mapping[UUID, Entry]) -> dict[str, Any]:
    known = ", ".join(part for part in (each.code, each.libelle) if part)
    said = [phrase(f"{each.genre.libelle[:1].upper()}{each.genre.libelle[1:]}{f' : {known}' if known else ''}.")]
    if each.etape:
        said += [phrase(f"Étape : {each.etape}")]
    shown = " ".join(part for part in (each.code_erreur, each.texte_erreur) if part)
    if shown:
        said += [phrase("Message affiché :"), *ecrit(shown, AILLEURS)]
    return {
        "numero": str(number),
        "quand": quand(Quand.lire(each.survenu)),
        "dit": said,
        "capture": each.capture_sha256,
        "force": GRADES[each.grade],
        "fait": _fait(by_id.get(each.event_id)),
    }


def _fait(entry: Entry | None) -> list[str]:
    if entry is None:
        return ["fait d'un autre relevé"]
    place = f"ligne {entry.position} du journal" if entry.position is not None else "pas encore scellé"
    return [*ecrit(entry.fait.id, AILLEURS), place]


def _incident(hit: IncidentTouchant, tried: Sequence[Jours]) -> list[list[str]]:
    end = f"au {en_jour(hit.au)}" if hit.au else "sans fin connue"
    meanwhile = sum(1 for each in tried if hit.du <= each.dernier and (hit.au is None or each.premier <= hit.au))
    known = f" ({hit.code})" if hit.code else ""
    return [
        ecrit(hit.reference, AILLEURS),
        [phrase(f"{hit.libelle}{known}")],
        [f"du {en_jour(hit.du)} {end}"],
        [compte(meanwhile, "tentative"), LIENS[hit.lien]],
    ]


def _diligence(act: Diligence, by_id: Mapping[UUID, Entry]) -> list[list[str]]:
    more = ", ".join(part.replace("_", " ") for part in (act.reference, act.resultat) if part)
    return [
        [quand(Quand.lire(act.survenu))],
        [phrase(f"{act.libelle}{f' ({more})' if more else ''}.")],
        [GRADES[act.grade]],
        _fait(by_id.get(act.event_id)),
    ]


def _demande(regime: Regime | None) -> Iterable[str]:
    """What the regime of the first blocked day asks, each with its text and how far that was read."""
    if regime is None:
        yield "Aucun texte ne donnait alors d'autre voie de dépôt."
        return
    # The words are those of R.431-2 al. 3, which the arrêté applies; before it, those of the ruling.
    told = PONT if regime.source is PONT else SOURCE
    for each in Condition:
        if each in regime.conditions:
            yield f"{CONDITIONS[each]} [{reference(told)}]"
    if regime.source is ARRETE:
        yield f"{PARCOURS} [{reference(ARRETE)}]"
    yield f"Devant le juge des mesures utiles, plusieurs tentatives espacées. [{reference(TENTATIVES.source())}]"
