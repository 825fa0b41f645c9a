"""The two themes: one markup, the classes of both, and no theme without its files."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from tests.web.conftest import HERE, Site
from tests.web.test_reseau import servi
from web import theme
from web.serveur import ServiceError, convenir
from web.theme import DSFR, ETAT, NEUTRE, THEMES, fichiers, manque

GABARITS = Path(theme.__file__).parent / "gabarits"
ACCROCHES = {
    "autrement", "compte", "droits", "marque-change", "moment", "operation", "quand", "regards", "repetition",
    "services", "table", "tri", "un",
}  # fmt: skip
"""Names that a test or a script looks for, or that only say what a part is: no theme has to show them apart."""


def _classes() -> set[str]:
    """The class names that are written out in the templates."""
    found: set[str] = set()
    for each in GABARITS.glob("*.html"):
        for written in re.findall(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"{])*)"', each.read_text(encoding="utf-8")):
            found |= set(re.sub(r"\S*\{\{.*?\}\}\S*", " ", re.sub(r"\{%.*?%\}", " ", written)).split())
    return found


def _montrees(*paths: Path) -> set[str]:
    return {name for path in paths for name in re.findall(r"\.([a-z][\w-]*)", path.read_text(encoding="utf-8"))}


def _blocs(names: set[str]) -> set[str]:
    """The components, without their parts and their variants."""
    return {re.split(r"__|--", name)[0] for name in names}


def test_every_class_of_the_templates_is_shown_in_both_themes() -> None:
    """A class of the State's components is one that it has, and that ours shows too; any other is in the common sheet."""
    ours, (_, dsfr) = fichiers(ETAT)[0], fichiers(ETAT)[1]
    assert isinstance(ours, Path)
    assert isinstance(dsfr, Path)
    written, common = _classes(), _montrees(ours / "constat.css")
    components = {name for name in written if name.startswith("fr-")}
    assert components - {"fr-header__body"} <= _montrees(dsfr / "dsfr.main.min.css")
    shown = _montrees(ours / "theme-neutre.css") | common
    assert _blocs(components) - {"fr-logo"} <= _blocs(shown)  # the State's alone
    assert written - components - common <= ACCROCHES


def test_each_theme_loads_its_own_sheets_and_only_the_states_bears_its_marks(site: Site) -> None:
    """The mark and the font of the State are never on a site in the default theme; a demonstration says that it is one."""
    for name in THEMES:
        with servi(site, replace(HERE, theme=name)):
            page = site.visiteur(None).get("/").content.decode()
        assert (f"theme-{name}.css" in page, "dsfr.main" in page, "fr-logo" in page) == (
            True, name == ETAT, name == ETAT
        )  # fmt: skip
        assert "Démonstration : données fictives, site sans caractère officiel" in page.replace("\u202f", " ")
        with servi(site, replace(HERE, theme=name, demo=False)):
            page = site.visiteur(None).get("/").content.decode()
        assert "Démonstration" not in page
        assert ("sans caractère officiel" in page) == (name == NEUTRE)
    assert "ariann" not in "".join(path.read_text(encoding="utf-8") for path in GABARITS.parent.glob("statique/*.css"))


def test_a_theme_without_its_files_is_refused_before_anything_is_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the extra is not installed, or ships another version, the message says what to install."""
    assert manque(NEUTRE) is None
    assert manque(ETAT) is None
    read = Settings.read({"CONSTAT_HOME": str(tmp_path), "CONSTAT_THEME": ETAT}, demo=True)
    convenir(read, "127.0.0.1")
    other = tmp_path / "dsfr" / "dist"
    other.mkdir(parents=True)
    (other.parent / "dsfr_version").write_text("v1.15.3\n", encoding="ascii")
    for found, said in ((None, "n'est pas installé"), (other, "1.15.3")):
        monkeypatch.setattr(theme, "_dist", lambda found=found: found)
        with pytest.raises(ServiceError, match=said) as refused:
            convenir(read, "127.0.0.1")
        assert "pip install 'constat[etat]'" in str(refused.value)
        assert "CONSTAT_THEME=neutre" in str(refused.value)
    assert DSFR == "1.14.4"
