"""What makes a tribunal's folder an act of export: its report, the bundle that proves it, what is kept, the trace."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from app.export_lecture import EXPERT, Demande, Lu, lire
from app.export_paquet import Fait, emballer, remise, verificateurs
from app.export_rapport import rapport
from app.exports import EXPLOITANT, Remise, conserver, lecture, rafraichir
from app.open import Opened
from app.settings import Settings
from app.tribunal_export import Ecrit
from evidence.inventaire import Inventaire
from evidence.produit import Forme, Produit
from evidence.rapport_modeles import Expertise
from evidence.tribunal import Options
from ledger.entry import Acteur, Piece
from ledger.events.listes import FondementAcces
from ledger.retained import holding

PROFIL: Final = "tribunal"
JUGE: Final = "tribunal administratif"
AFFAIRE: Final = 200
"""Signs of the case that are recorded."""
EXPERTISE: Final = "expertise.zip"
"""The bundle beside what is uploaded: an export of its own, since a court's application takes no archive."""


class Acte:
    """One filing. The log is sealed and read once, when the report or the trace first needs it.

    ``fondement``, ``acteur``: by which right it leaves, and who takes it out.
    """

    def __init__(
        self,
        settings: Settings,
        opened: Opened,
        personne: str,
        options: Options,
        *,
        fondement: FondementAcces = FondementAcces.JURIDICTION,
        acteur: Acteur = EXPLOITANT,
    ) -> None:
        self._settings, self._opened, self._options = settings, opened, options
        self._fondement, self._acteur = fondement, acteur
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
        for made, lu in ((bundle.produit, bundle.lu), (folder, self._lu)):
            conserver(self._opened, person, made, self._remise(lu), now)
        bundle.produit.ecrire(done.folder / EXPERTISE, lecture(self._opened, person, bundle.produit.sujets))

    def _remise(self, lu: Lu) -> Remise:
        affaire = self._options.affaire and self._options.affaire[:AFFAIRE]
        return remise(lu, self._fondement, destinataire=JUGE, reference=affaire, acteur=self._acteur)

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


def _nom(beside: Path) -> str:
    """The folder's name to be: it is still written beside its place."""
    return beside.name.removeprefix(".").partition(".partiel-")[0]
