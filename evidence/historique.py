"""L'historique d'une personne, à lui remettre (RGPD art. 15) : tout ce que le registre tient d'elle, et qui a regardé.

The entries come masked (:class:`replay.tiers.Masque`): others than her are numbers. Nothing is left out, and nothing
is shortened without saying so: the attached data hold every text whole. A long life goes in several volumes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from evidence.composition import composer
from evidence.joint import Joint, code, designation
from evidence.mots import ACTEURS, GRADES, SOURCES, dire
from evidence.phrases import champs, ecrit, phrase, valeur
from ledger.days import Quand
from ledger.entry import Acteur, Entry, Piece
from ledger.events.acces import REGARDS
from ledger.events.types import Flux, NatureActeur
from ledger.francais import jour as en_jour
from projections.francais import compte, quand
from projections.historique import Ligne, historique

AILLEURS: Final = "dans les données jointes"
FAITS: Final = 600
"""Facts a volume holds at most."""
SIGNES: Final = 400_000
"""Signs a volume holds at most, or one fact."""
FLUX: Final = {
    Flux.DOSSIER: "dossier", Flux.PERSONNE: "votre situation", Flux.TITRE: "titre", Flux.INCIDENT: "incident",
    Flux.EFFET: "conséquence", Flux.RECLAMATION: "réclamation", Flux.ACCES: "accès à vos données",
}  # fmt: skip
CODE: Final = "Ce code nomme le registre, le jour et l'empreinte des données jointes."
LIRE: Final = (
    "Chaque fait a deux dates : quand il est arrivé, et quand le registre l'a appris. Un fait corrigé reste à sa place"
    " et dit lequel le remplace. Les numéros suivent l'ordre d'arrivée. La force de preuve dit d'où vient ce que le"
    " registre tient, non si c'est vrai."
)


def historique_pdf(
    personne: str,
    registre: str,
    entries: Sequence[Entry],
    sections: Iterable[tuple[str, Sequence[str]]],
    donnees_json: bytes,
    jour: date,
) -> tuple[bytes, ...]:
    """The volumes, dated ``jour``; one for most lives.

    ``entries``: hers and those of the incidents that reached her, masked. ``sections``: what goes with the copy, titles
    and sentences. ``donnees_json``: the same history as data, attached to the first volume.

    :raises CompositionError: a volume could not be laid out.
    """
    volumes = list(_volumes(_contenu(personne, entries))) or [[]]
    joint = Joint(
        "historique.json", donnees_json, "application/json", "source", "Le même historique, en données, textes entiers"
    )
    common = {
        "personne": ecrit(personne, AILLEURS),
        "registre": registre,
        "etabli": en_jour(jour),
        "compte": compte(len(entries), "fait"),
        "volumes": len(volumes),
        "lire": phrase(LIRE),
        "sha256": joint.empreinte,
        "fichier": joint.nom,
    }
    named = designation("historique", registre, jour.isoformat(), joint.empreinte)
    first = {
        "sections": [{"titre": phrase(title), "lignes": [phrase(each) for each in said]} for title, said in sections],
        "joints": [joint.donnees],
        "code": code([named], [(CODE,)], "Code QR : le registre, le jour et l'empreinte des données jointes"),
    }
    return tuple(
        _volume(number, volume, common | (first if number == 1 else {}), joint, jour)
        for number, volume in enumerate(volumes, start=1)
    )


def _contenu(personne: str, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Every fact, then every look."""
    ordered = _ordre(entries)
    for line, entry in zip(historique(entries), ordered, strict=True):
        yield _fait(personne, line, entry)
    for entry in ordered:
        if isinstance(entry.fait.evenement, REGARDS):
            yield _regard(personne, entry)


def _ordre(entries: Sequence[Entry]) -> list[Entry]:
    """As :func:`projections.historique.historique` has them."""
    return sorted(entries, key=lambda entry: (entry.fait.survenu.debut, entry.fait.survenu.fin))


def _volume(number: int, items: Sequence[Mapping[str, Any]], said: dict[str, Any], joint: Joint, jour: date) -> bytes:
    several = f", volume {number} sur {said['volumes']}" if said["volumes"] > 1 else ""
    donnees = {
        **said,
        "titre": f"Historique{several}",
        "volume": number,
        "faits": [each for each in items if each["genre"] == "fait"],
        "regards": [each["rang"] for each in items if each["genre"] == "regard"],
        "dernier": number == said["volumes"],
    }
    return composer("historique", donnees, jour, joints={joint.nom: joint.octets} if number == 1 else {})


def _volumes(items: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """As many items a volume as its bounds allow, in order; one that exceeds them alone is alone."""
    volume: list[Mapping[str, Any]] = []
    signs = 0
    for each in items:
        if volume and (len(volume) == FAITS or signs + each["signes"] > SIGNES):
            yield volume
            volume, signs = [], 0
        volume.append(each)
        signs += each["signes"]
    if volume:
        yield volume


def _fait(personne: str, line: Ligne, entry: Entry) -> dict[str, Any]:
    fait = entry.fait
    about = f"{FLUX[fait.flux]} {fait.objet}" if fait.objet else FLUX[fait.flux]
    rows = [
        ("Appris par le registre", [phrase(f"{quand(Quand.le(line.enregistre_le))} ; {_place(line)}")]),
        ("Concerne", ecrit(about, AILLEURS)),
        ("Par", ecrit(_par(personne, fait.acteur), AILLEURS)),
        ("Voie, origine, force", [phrase(f"{dire(fait.canal)} ; {SOURCES[fait.source]} ; {GRADES[fait.grade]}")]),
        *_connu(fait.connu_de_la_source),
        *((label[:1].upper() + label[1:], ecrit(text, AILLEURS)) for label, text in champs(fait.evenement)),
        *(("Document", _piece(each)) for each in fait.pieces),
        *(("Avertissement donné", [phrase(each)]) for each in line.avertissements),
        *_corrections(line),
        ("Identifiant", ecrit(fait.id, AILLEURS)),
    ]
    return {
        "genre": "fait",
        "titre": phrase(f"{_numero(line)}{line.survenu_fr} : {line.phrase}"),
        "champs": [{"nom": phrase(name), "lignes": lines} for name, lines in rows],
        "signes": sum(len(each) for _, lines in rows for each in lines),
    }


def _numero(line: Ligne) -> str:
    return f"{line.numero}. " if line.numero is not None else "Incident partagé. "


def _place(line: Ligne) -> str:
    return f"ligne {line.position} du journal" if line.position is not None else "pas encore scellé au journal"


def _connu(moment: Quand | None) -> Iterator[tuple[str, list[str]]]:
    if moment is not None:
        yield "Connu de la source", [quand(moment)]


def _piece(piece: Piece) -> list[str]:
    return [*ecrit(piece.nom, AILLEURS), compte(piece.octets, "octet"), f"SHA-256 {piece.sha256}"]


def _corrections(line: Ligne) -> Iterator[tuple[str, list[str]]]:
    if line.corrige is not None:
        yield "Correction", [f"remplace le fait n°\u00a0{line.corrige}"]
    if line.remplacee:
        by = f" : le fait n°\u00a0{line.corrige_par}" if line.corrige_par is not None else ""
        yield "Corrigé", [phrase(f"un autre fait le remplace{by}")]


def _par(personne: str, acteur: Acteur) -> str:
    """Who acted: by what they are and their service; others than her by a number, never by a name."""
    if acteur.id == personne or (acteur.nature is NatureActeur.USAGER and acteur.id is None):
        who = "vous"
    else:
        who = ACTEURS[acteur.nature] + (f" ({acteur.id})" if acteur.id else "")
    told = [who, *(part for part in (acteur.service, acteur.qualite) if part)]
    if acteur.au_nom_de is not None:
        told.append("en votre nom" if acteur.au_nom_de == personne else f"au nom de {acteur.au_nom_de}")
    return ", ".join(told)


def _regard(personne: str, entry: Entry) -> dict[str, Any]:
    event = entry.fait.evenement
    seen = ("perimetre", "dossier", "nature", "destinataire", "acte")
    said = [f"{event.titre_fr()}."]
    said += [valeur(value) for name in seen if (value := event.lire_champ(name)) is not None]
    if (count := event.lire_champ("nombre_faits")) is not None:
        said.append(compte(count, "fait"))
    basis = event.lire_champ("fondement")
    row = [
        [quand(entry.fait.survenu)],
        ecrit(_par(personne, entry.fait.acteur), AILLEURS),
        [dire(basis) if basis is not None else "non dit"],
        [line for each in said for line in ecrit(each, AILLEURS)],
    ]
    return {"genre": "regard", "rang": row, "signes": sum(len(line) for cell in row for line in cell)}
