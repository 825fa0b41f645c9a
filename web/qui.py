"""Who acts, as facts name who acts: from the account, and for whom when it is a representative's."""

from ledger.entry import Acteur
from web.acces import Profil, Role


def acteur(profil: Profil, personne: str | None = None) -> Acteur:
    """The author of what ``profil`` does in the dossier of ``personne``, or in none."""
    return Acteur(
        nature=profil.role.nature,
        id=profil.acteur,
        service=profil.service,
        au_nom_de=personne if profil.role is Role.REPRESENTANT else None,
    )
