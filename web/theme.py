"""The look of the site: where its files are, and whether it may be shown here.

``neutre`` is ours. ``etat`` is the State's design system (DSFR), read from the wheel that ships it and never copied
into this repository: it is for sites of the State, by the terms of its publisher. Of that wheel only the files are
used, not its code.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from app.settings import THEMES

NEUTRE, ETAT = THEMES
DSFR: Final = "1.14.4"
"""The last version under the MIT licence; from 1.15 on the terms are others, which each site accepts for itself."""
ICI: Final = Path(__file__).parent / "statique"


def fichiers(theme: str) -> list[Path | tuple[str, Path]]:
    """The folders of static files, as Django takes them: ours, and under ``dsfr/`` those of the State's theme."""
    dist = _dist() if theme == ETAT else None
    return [ICI, *([("dsfr", dist)] if dist else [])]


def manque(theme: str) -> str | None:
    """What must be done before this theme can be shown, in French; nothing where it can be."""
    if theme != ETAT:
        return None
    dist = _dist()
    if dist is None:
        return (
            "CONSTAT_THEME=etat demande le système de design de l'État, qui n'est pas installé ici :"
            " pip install 'constat[etat]', ou CONSTAT_THEME=neutre"
        )
    found = (dist.parent / "dsfr_version").read_text(encoding="ascii").strip().removeprefix("v")
    if found != DSFR:
        return (
            f"CONSTAT_THEME=etat demande le système de design de l'État {DSFR}, la version installée ici est {found},"
            " à d'autres conditions peut-être : pip install 'constat[etat]', ou CONSTAT_THEME=neutre"
        )
    return None


def _dist() -> Path | None:
    spec = find_spec("dsfr")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "static" / "dsfr" / "dist"
