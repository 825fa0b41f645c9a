"""The layer ``export``: manifeste.note is of this bag, and a key of the log's exports signed it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence.verificateurs.pyz.examen import Cle, Echec
from evidence.verificateurs.pyz.note import OCTETS, Note, SignatureFausseError
from evidence.verificateurs.pyz.sac import NOTE
from evidence.verificateurs.pyz.textes import HEX64, IllisibleError

if TYPE_CHECKING:
    from evidence.verificateurs.pyz.examen import Examen


def examiner(examen: Examen) -> dict[str, int | str]:
    """Read the note, compare it with the bag, verify who signed it.

    :raises Echec: it is not so.
    """
    try:
        note = Note.lue(examen.archive.lire(NOTE, OCTETS))
    except IllisibleError as error:
        raise Echec("export_illisible") from error
    trouve = re.fullmatch(f"constat/1 export\n([^\n]+)\n({HEX64})\n", note.texte)
    if trouve is None:
        raise Echec("export_illisible")
    if (trouve[1], trouve[2]) != (examen.log, examen.export):
        raise Echec("export_autre")
    nom = f"{examen.log}/exports"
    try:
        signataires = note.verifiee(examen.lue().cles)
    except SignatureFausseError as error:
        raise Echec("export_signature") from error
    journaux = examen.lue().journaux
    cles = {Cle(cle.nom, cle.empreinte) for cle in journaux if cle.nom == nom and cle in signataires}
    if not cles:
        raise Echec("export_cle", nom=nom)
    examen.cles |= cles
    return {"empreinte": examen.export, "nom": nom}
