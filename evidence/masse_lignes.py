"""A fact as a row of the bulk table: pseudonyms, civil days, closed lists, numbers, and nothing that somebody wrote.

Pseudonyms are keyed BLAKE2b (RFC 7693) of the random ids of the ledger, under a key of the export. Without that key two
exports cannot be laid side by side, nor a row beside a line of the published log, which bears these ids.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from evidence.masse_colonnes import (
    ACTEURS_TUS,
    AUTRE,
    CHAMPS,
    CODES_TUS,
    ENVELOPPE,
    FAITS,
    LIEU,
    RARE,
    RESERVE,
    RESERVES,
    TITRES,
    TITRES_TUS,
    Champ,
    Sorte,
)
from ledger import canonical
from ledger.coffre import PersonKey
from ledger.days import Jours, Quand, paris_day
from ledger.entry import read_acteur
from ledger.errors import ConstatError
from ledger.events.types import Canal, Flux, Grade, NatureActeur, Source
from ledger.events.upcast import UnknownEventError, to_current
from ledger.mapper import OWN_FORM, EntryMapper, Row, StoredFait
from projections.imputation.incidents import lire

KEY_BYTES: Final = 32
Cellule = str | int | None
Ligne = list[Cellule]

_decode_fait: Final = msgspec.json.Decoder(StoredFait).decode
_decode: Final = msgspec.json.Decoder().decode
_jours: Final = lru_cache(maxsize=65536)(Jours.lire)
_PLACE: Final = {colonne.nom: index for index, colonne in enumerate(FAITS)}
_CONNUS: Final = {"canal": frozenset(Canal), "source": frozenset(Source), "grade": frozenset(Grade)}


class Pseudonymes:
    """What stands in one export for a person, a stream, a fact: 128 bits that say nothing without ``cle``."""

    def __init__(self, cle: bytes) -> None:
        if len(cle) != KEY_BYTES:
            msg = f"la clé des pseudonymes fait {KEY_BYTES} octets"
            raise ConstatError(msg)
        self._cle = cle

    def personne(self, subject: bytes) -> str:
        """That of a person."""
        return self._pseudonyme(b"personne", subject)

    def a_part(self, subject: bytes, mesure: str) -> str:
        """That of a person within one measure, tied to nothing else."""
        return self._pseudonyme(b"mesure", subject + mesure.encode())

    def flux(self, stream: bytes) -> str:
        """That of a stream."""
        return self._pseudonyme(b"flux", stream)

    def fait(self, event_id: bytes) -> str:
        """That of a fact."""
        return self._pseudonyme(b"fait", event_id)

    def _pseudonyme(self, kind: bytes, value: bytes) -> str:
        return blake2b(value, key=self._cle, person=kind, digest_size=16).hexdigest()


def prefecture(texte: str | None) -> str | None:
    """A préfecture as it may leave: written one way, and ``None`` for what is not so written."""
    said = lire(texte) if texte is not None else ""
    return said if LIEU.fullmatch(said) else None


def titre(valeur: str | None) -> str | None:
    """A title as it may leave: « autre » when it would tell a protection."""
    return AUTRE if valeur in TITRES_TUS else valeur


class Faits:
    """Turns entries of the sealed order into rows."""

    def __init__(self, mapper: EntryMapper, pseudonymes: Pseudonymes) -> None:
        self._mapper = mapper
        self._p = pseudonymes
        self.du_registre = 0
        """How many leaves are the log's own: they are no facts."""
        self.illisibles = 0
        """How many facts nobody can open any more, since the person's key was destroyed."""

    def lignes(self, rows: Sequence[Row], keys: Mapping[bytes, PersonKey]) -> Iterator[Ligne]:
        """The rows of the facts among ``rows``.

        :raises TamperedError: an entry does not open in its place.
        :raises ConstatError: an entry does not read.
        """
        for row in rows:
            key = keys.get(row.subject)
            if row.topic == OWN_FORM:
                self.du_registre += 1
            elif key is None:
                self.illisibles += 1
            else:
                yield self._ligne(row, key)

    def _ligne(self, row: Row, key: PersonKey) -> Ligne:
        parts = self._mapper.open_parts(row, key)
        try:
            fait = _decode_fait(parts["fait"])
            cls, raw = to_current(fait.nom, fait.v, bytes(fait.donnees))
            donnees: dict[str, Any] = _decode(raw)
            days = Quand.lire(fait.survenu).jours
            actor = read_acteur(parts["acteur"]).nature
        except (UnknownEventError, KeyError, ValueError) as error:
            msg = f"l'entrée {row.pos} du flux {row.stream.hex()} ne se lit pas : lancez « constat verify »"
            raise ConstatError(msg) from error
        ligne: Ligne = [None] * len(FAITS)
        told = cls.nom not in RESERVES
        ligne[: len(ENVELOPPE)] = [
            None if key.shared is not None else self._p.personne(row.subject),
            fait.flux,
            self._p.flux(row.stream),
            self._dossier(row, key, fait, donnees),
            row.pos,
            self._p.fait(row.event_id),
            cls.nom if told else RESERVE,
            days.premier.isoformat() if told else None,
            days.dernier.isoformat() if told else None,
            paris_day(row.recorded_at).isoformat(),
            *(getattr(fait, nom) if told and getattr(fait, nom) in known else None for nom, known in _CONNUS.items()),
            _acteur(actor) if told else None,
            self._p.fait(key.event_id(fait.corrige)) if fait.corrige is not None else None,
            None,
            len(canonical.decode(parts["pieces"])) if "pieces" in parts else 0,
        ]
        for champ in CHAMPS[cls.nom]:
            valeur = donnees.get(champ.nom)
            if valeur is not None:
                _poser(ligne, champ, valeur)
        return ligne

    def _dossier(self, row: Row, key: PersonKey, fait: StoredFait, donnees: dict[str, Any]) -> str | None:
        if fait.flux == Flux.DOSSIER:
            return self._p.flux(row.stream)
        named = donnees.get("dossier")
        if not isinstance(named, str) or key.shared is not None:
            return None
        return self._p.flux(key.stream(Flux.DOSSIER.value, named))


def _acteur(nature: NatureActeur) -> str:
    return NatureActeur.ORGANISME.value if nature in ACTEURS_TUS else nature.value


def _poser(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    _POSES[champ.sorte](ligne, champ, valeur)


def _jour(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    days = Quand.lire(valeur).jours if "T" in valeur else _jours(valeur)
    place = _PLACE[champ.colonne]
    ligne[place : place + 2] = [days.premier.isoformat(), days.dernier.isoformat()]


def _categorie(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    if valeur not in champ.valeurs:
        return  # it was not when the fact was written: nothing leaves that is not in the list
    said = titre(valeur) if champ.nom in TITRES else RARE if valeur in CODES_TUS else valeur
    ligne[_PLACE[champ.colonne]] = said


def _nombre(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    ligne[_PLACE[champ.colonne]] = int(valeur) // champ.pas * champ.pas


def _oui_non(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    ligne[_PLACE[champ.colonne]] = "true" if valeur is True else "false"


def _lieu(ligne: Ligne, champ: Champ, valeur: Any) -> None:
    ligne[_PLACE[champ.colonne]] = prefecture(valeur)


_POSES: Final[dict[Sorte, Callable[[Ligne, Champ, Any], None]]] = {
    Sorte.JOUR: _jour,
    Sorte.CATEGORIE: _categorie,
    Sorte.NOMBRE: _nombre,
    Sorte.OUI_NON: _oui_non,
    Sorte.LIEU: _lieu,
}
