"""What makes a tribunal's folder an act of export: its report, the bundle that proves it, what is kept, the trace."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from app.export_lecture import EXPERT, Demande, Lu, lire
from app.export_paquet import Fait, emballer, verificateurs
from app.export_rapport import rapport
from app.exports import Remise, conserver, lecture, rafraichir
from app.open import Opened
from app.settings import Settings
from app.tribunal_export import Ecrit
from evidence.inventaire import Inventaire
from evidence.produit import Forme, Produit
from evidence.rapport_modeles import Expertise
from evidence.tribunal import Options
from ledger.entry import Piece
from ledger.events.listes import FondementAcces, NatureExport
from ledger.retained import holding

PROFIL: Final = "tribunal"
EXPERTISE: Final = "expertise.zip"
"""The bundle beside what is uploaded: an export of its own, since a court's application takes no archive."""


class Acte:
    """One filing. The log is sealed and read once, when the report or the trace first needs it."""

    def __init__(self, settings: Settings, opened: Opened, personne: str, options: Options) -> None:
        self._settings, self._opened, self._options = settings, opened, options
        self._demande = Demande(
            id=uuid4(),
            personne=personne,
            profil=f"{PROFIL}, {options.procedure.value}",
            au=options.moment.au,
            connu_le=options.moment.connu_le,
            affaire=options.affaire,
        )

    @property
    def id(self) -> UUID:
        """Under which it can be made again."""
        return self._demande.id

    @property
    def expertise(self) -> Expertise:
        """The bundle that proves it."""
        made = self._paquet
        return Expertise(str(made.lu.demande.id), made.produit.empreinte)

    @cached_property
    def _lu(self) -> Lu:
        rafraichir(self._settings, self._opened)
        return lire(self._settings, self._opened, self._demande)

    @cached_property
    def _paquet(self) -> Fait:
        asked = replace(self._demande, id=uuid4(), profil=EXPERT)
        return emballer(self._settings, self._opened, replace(self._lu, demande=asked), datetime.now(UTC))

    def rapport(self, inventaire: Inventaire) -> bytes:
        """The report that quotes the pieces by their numbers in ``inventaire``."""
        day = self._options.moment.au
        return rapport(self._settings, self._lu, inventaire, verificateurs(), day, self.expertise)

    def inscrire(self, done: Ecrit) -> None:
        """Keep the folder that is about to have its name, record that it is handed over, and put its bundle there."""
        person, bundle, now = self._demande.personne, self._paquet, datetime.now(UTC)
        folder = self._dossier(done)
        conserver(self._opened, person, bundle.produit, self._remise(bundle.lu.demande), now)
        conserver(self._opened, person, folder, self._remise(self._demande), now)
        bundle.produit.ecrire(done.folder / EXPERTISE, lecture(self._opened, person, bundle.produit.sujets))

    def _dossier(self, done: Ecrit) -> Produit:
        known = {piece.sha256: piece for entry in holding(self._lu.entries) for piece in entry.fait.pieces}
        made: dict[str, bytes] = {}
        stored: dict[str, Piece] = {}
        for path in sorted(path for path in done.folder.rglob("*") if path.is_file()):
            name, content = path.relative_to(done.folder).as_posix(), path.read_bytes()
            if (piece := known.get(sha256(content).hexdigest())) is not None:
                stored[name] = piece
            else:
                made[name] = content
        return Produit(_nom(done.folder), Forme.DOSSIER, made, stored, self._lu.partages)

    def _remise(self, demande: Demande) -> Remise:
        lu = self._lu
        return Remise(
            id=demande.id,
            nature=NatureExport.DOSSIER_DE_PREUVE,
            fondement=FondementAcces.JURIDICTION,
            profil=demande.profil,
            destinataire="tribunal administratif",
            reference=self._options.affaire and self._options.affaire[:200],
            faits=len(lu.entries),
            vue=lu.vue,
            preuve=lu.preuve,
            point=lu.journal.tete.taille,
        )


def _nom(beside: Path) -> str:
    """The folder's name to be: it is still written beside its place."""
    return beside.name.removeprefix(".").partition(".partiel-")[0]
