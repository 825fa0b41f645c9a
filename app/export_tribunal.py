"""What makes a tribunal's folder an act of export: the report among its pieces, what is kept of it, its trace."""

from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from app.export_lecture import Demande, Lu, lire
from app.export_paquet import verificateurs
from app.export_rapport import rapport
from app.exports import Remise, conserver, rafraichir
from app.open import Opened
from app.settings import Settings
from app.tribunal_export import Ecrit
from evidence.inventaire import Inventaire
from evidence.produit import Forme, Produit
from evidence.tribunal import Options
from ledger.entry import Piece
from ledger.events.listes import FondementAcces, NatureExport
from ledger.retained import holding

PROFIL = "tribunal"


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

    @cached_property
    def _lu(self) -> Lu:
        rafraichir(self._settings, self._opened)
        return lire(self._settings, self._opened, self._demande)

    def rapport(self, inventaire: Inventaire) -> bytes:
        """The report that quotes the pieces by their numbers in ``inventaire``."""
        return rapport(self._settings, self._lu, inventaire, verificateurs(), self._options.moment.au)

    def inscrire(self, done: Ecrit) -> None:
        """Keep the folder that is about to have its name, and record that it is handed over."""
        lu = self._lu
        known = {piece.sha256: piece for entry in holding(lu.entries) for piece in entry.fait.pieces}
        made: dict[str, bytes] = {}
        stored: dict[str, Piece] = {}
        for path in sorted(path for path in done.folder.rglob("*") if path.is_file()):
            name, content = path.relative_to(done.folder).as_posix(), path.read_bytes()
            if (piece := known.get(sha256(content).hexdigest())) is not None:
                stored[name] = piece
            else:
                made[name] = content
        remise = Remise(
            id=self.id,
            nature=NatureExport.DOSSIER_DE_PREUVE,
            fondement=FondementAcces.JURIDICTION,
            profil=self._demande.profil,
            destinataire="tribunal administratif",
            reference=self._options.affaire and self._options.affaire[:200],
            faits=len(lu.entries),
            vue=lu.vue,
            preuve=lu.preuve,
            point=lu.journal.tete.taille,
        )
        produit = Produit(_nom(done.folder), Forme.DOSSIER, made, stored, lu.partages)
        conserver(self._opened, self._demande.personne, produit, remise, datetime.now(UTC))


def _nom(beside: Path) -> str:
    """The folder's name to be: it is still written beside its place."""
    return beside.name.removeprefix(".").partition(".partiel-")[0]
