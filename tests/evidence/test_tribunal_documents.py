"""Les documents d'un dossier : ouverts à part, jamais crus, mis en page sans être retouchés, réunis à l'identique."""

import io
import signal
import zlib
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Photo

from evidence import examen
from evidence.examen import Examen, ExamenError, examiner, reunir
from evidence.images import ImageError, en_pdf, image_de
from tests.evidence.dossiers import (
    jpeg,
    pdf,
    pdf_avec_joint,
    pdf_avec_script,
    pdf_chiffre,
    pdf_sans_page,
    pdf_signe,
    pdf_xref_casse,
    png,
    png_immense,
)
from tests.evidence.pdf import verifier_pdf

JOUR = date(2025, 7, 1)
MO = 1_000_000


def pose(folder: Path, content: bytes, name: str = "document") -> Path:
    """The content as a file."""
    path = folder / name
    path.write_bytes(content)
    return path


def page(folder: Path, content: bytes, libelle: str = "Capture du 1er juillet 2025", limite: int = 30 * MO) -> bytes:
    """The page made of an image."""
    path = pose(folder, content)
    image = image_de(path)
    assert image is not None
    return en_pdf(path, image, libelle, sha256(content).hexdigest(), JOUR, limite=limite)


# --------------------------------------------------------------------------- what a document is

VUS: dict[str, tuple[Callable[[], bytes], str | None, set[str]]] = {
    "sain": (lambda: pdf("sain", pages=3), None, set()),
    "mot de passe": (lambda: pdf_chiffre(ouvrable=False), "chiffre", set()),
    "copie restreinte": (lambda: pdf_chiffre(ouvrable=True), None, {"restreint"}),
    "javascript": (pdf_avec_script, None, {"javascript"}),
    "fichier joint": (pdf_avec_joint, None, {"fichiers_joints"}),
    "signature": (pdf_signe, None, {"signe"}),
    "sans page": (pdf_sans_page, "sans_page", set()),
    "table cassée": (pdf_xref_casse, None, {"structure_reparee"}),
    "vide": (lambda: b"", "vide", set()),
    "page web": (lambda: b"<html>" + b" " * 5_000, "autre", set()),
    "tronqué": (lambda: pdf("long", poids=20_000)[:9_000], "tronque", set()),
    "faux": (lambda: b"%PDF-1.7\nrien de lisible\n%%EOF\n", "illisible", set()),
    "bruit": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 200 + b"\n%%EOF\n", "illisible", set()),
}


@pytest.mark.parametrize("name", VUS)
def test_un_document_est_reconnu_ou_refuse_par_son_nom(tmp_path: Path, name: str) -> None:
    """Chaque sorte de document a sa réponse, et le document n'est pas touché."""
    make, refus, alertes = VUS[name]
    content = make()
    path = pose(tmp_path, content)
    [found] = examiner([path])
    assert (found.refus, set(found.alertes)) == (refus, alertes)
    assert path.read_bytes() == content
    assert (refus is None) == (found.pages > 0)


def test_ce_qui_serait_change_en_le_reunissant_va_seul(tmp_path: Path) -> None:
    """Signé, restreint, abîmé : jamais dans une série ; un script, si, puisque ses pages sont les mêmes."""
    kinds = {"signe": pdf_signe(), "restreint": pdf_chiffre(ouvrable=True), "abime": pdf_xref_casse(),
             "script": pdf_avec_script(), "sain": pdf("x")}  # fmt: skip
    found = examiner([pose(tmp_path, content, name) for name, content in kinds.items()])
    joined = {name for name, each in zip(kinds, found, strict=True) if each.joignable}
    assert joined == {"script", "sain"}


def test_un_document_qui_tue_ou_endort_le_lecteur_n_arrete_pas_les_autres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Le processus meurt ou ne répond plus sur l'un : il est refusé, ceux d'avant et d'après sont lus."""
    paths = [pose(tmp_path, pdf(f"{n}", pages=n), f"{n}") for n in (1, 2, 3)]
    asked = examen.Atelier.demander

    def dies(self: object, told: dict[str, str]) -> dict[str, object]:
        if told.get("chemin") == str(paths[1]):
            self._process.kill()  # type: ignore[attr-defined]
        return asked(self, told)  # type: ignore[arg-type]

    monkeypatch.setattr(examen.Atelier, "demander", dies)
    assert examiner(paths) == [Examen(1, (), None), Examen(0, (), "trop_long"), Examen(3, (), None)]

    def sleeps(self: object, told: dict[str, str]) -> dict[str, object]:
        if told.get("chemin") == str(paths[1]):
            self._process.send_signal(signal.SIGSTOP)  # type: ignore[attr-defined]
            monkeypatch.setattr(examen, "SECONDES", 0.1)
        else:
            monkeypatch.setattr(examen, "SECONDES", 60.0)
        return asked(self, told)  # type: ignore[arg-type]

    monkeypatch.setattr(examen.Atelier, "demander", sleeps)
    assert [each.refus for each in examiner(paths)] == [None, "trop_long", None]


def bombe(octets: int) -> bytes:
    """A PDF of one page whose catalogue stands in a stream that unfolds into so many bytes."""
    packer, packed = zlib.compressobj(9), io.BytesIO()
    packed.write(packer.compress(b"1 0 <</Type/Catalog/Pages 4 0 R>>"))
    for _ in range(octets // MO):
        packed.write(packer.compress(b" " * MO))
    packed.write(packer.flush())
    body, out = packed.getvalue(), io.BytesIO()
    at = {}
    out.write(b"%PDF-1.5\n")
    for number, text in (
        (2, b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(body) + body + b"\nendstream"),
        (4, b"<</Type/Pages/Count 1/Kids[5 0 R]>>"),
        (5, b"<</Type/Page/Parent 4 0 R/MediaBox[0 0 9 9]/Resources<<>>>>"),
    ):
        at[number] = out.tell()
        out.write(b"%d 0 obj\n" % number + text + b"\nendobj\n")
    at[3] = out.tell()
    rows = [b"\0" * 6, b"\2" + (2).to_bytes(4, "big") + b"\0"]
    rows += [b"\1" + at[number].to_bytes(4, "big") + b"\0" for number in (2, 3, 4, 5)]
    table = b"".join(rows)
    out.write(b"3 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n" % len(table) + table)
    out.write(b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at[3])
    return out.getvalue()


def test_une_bombe_ne_prend_pas_plus_de_memoire_que_permis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Le même document est lu quand il est petit, refusé par la borne du processus quand il se déploie en 600 Mo."""
    assert examiner([pose(tmp_path, bombe(MO))]) == [Examen(1, (), None)]
    monkeypatch.setattr(examen, "MEMOIRE", 500 << 20)
    big = bombe(600 * MO)
    assert len(big) < MO
    [found] = examiner([pose(tmp_path, big)])
    assert found.refus in {"illisible", "trop_long"}


@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
@settings(max_examples=25)
def test_un_octet_change_n_arrete_jamais_l_examen(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    """Un document dont un octet est changé au hasard est lu ou refusé, sans erreur."""
    content = bytearray(pdf("octets", pages=2))
    content[at % len(content)] = value
    [found] = examiner([pose(tmp_path_factory.mktemp("octet"), bytes(content))])
    assert found.refus is None or found.refus in examen.REFUS


# --------------------------------------------------------------------------- images


def test_un_jpeg_est_dans_la_page_a_l_octet_pres(tmp_path: Path) -> None:
    """Ses octets sont ceux du flux de l'image, la page a un titre, un texte de remplacement, et se relit à l'identique."""
    made = page(tmp_path, jpeg())
    verifier_pdf(made, "image", joints=[])
    assert made == page(tmp_path, jpeg())
    with pikepdf.open(io.BytesIO(made)) as opened:
        [only] = opened.pages
        found = [each.read_raw_bytes() for each in _images(only)]
        assert found == [jpeg()]
        assert opened.docinfo["/Title"] == "Capture du 1er juillet 2025"
        assert _alt(opened) == ["Capture du 1er juillet 2025"]
        assert len(opened.attachments) == 0


def _images(only: pikepdf.Page) -> list[pikepdf.Object]:
    return list(only.get_images().values())


def _alt(opened: pikepdf.Pdf) -> list[str]:
    """What a screen reader says of the images."""
    return [str(each.Alt) for each in opened.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each]


def test_un_png_garde_ses_points_et_part_aussi_tel_quel(tmp_path: Path) -> None:
    """Ses couleurs sont les mêmes dans la page, et le fichier d'origine y est joint ; trop lourd, il ne l'est pas."""
    made = page(tmp_path, png())
    verifier_pdf(made, "image", joints=["image.png"], outils=False)
    with pikepdf.open(io.BytesIO(made)) as opened:
        [name] = opened.attachments
        assert opened.attachments[name].get_file().read_bytes() == png()
        [only] = opened.pages
        [image] = _images(only)
        shown = pikepdf.PdfImage(image).as_pil_image().convert("RGB")
        assert shown.tobytes() == Photo.open(io.BytesIO(png())).convert("RGB").tobytes()
    light = page(tmp_path, png(), limite=len(png()))
    with pikepdf.open(io.BytesIO(light)) as opened:
        assert len(opened.attachments) == 0


def test_une_image_large_se_met_a_plat(tmp_path: Path) -> None:
    """Plus large que haute : la page est couchée ; sinon elle est debout."""
    sizes = {}
    for name, (width, height) in {"large": (400, 200), "haute": (200, 400)}.items():
        with pikepdf.open(io.BytesIO(page(tmp_path, png(width, height)))) as opened:
            _, _, right, top = map(float, opened.pages[0].mediabox)
            sizes[name] = right > top
    assert sizes == {"large": True, "haute": False}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png_immense(), "millions de points"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 5, "dimensions"),
        (b"\xff\xd8\xff\xe0\x00\x10" + b"\0" * 100, "dimensions"),
        (b"\xff\xd8\xff", "dimensions"),
    ],
)
def test_une_image_demesuree_ou_abimee_est_refusee_avant_d_etre_decodee(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """Ses dimensions sont lues dans ses premiers octets, et bornées."""
    with pytest.raises(ImageError, match=said):
        image_de(pose(tmp_path, content))


@pytest.mark.parametrize("content", [jpeg("CMYK"), png()[:60] + b"\0" * 40, jpeg()[:200]])
def test_une_image_qui_ne_s_ouvre_pas_est_refusee_en_francais(tmp_path: Path, content: bytes) -> None:
    """Couleurs d'imprimerie, données coupées : la page n'est pas faite, et il est dit pourquoi."""
    with pytest.raises(ImageError, match="ne s'ouvre pas"):
        page(tmp_path, content)


def test_ce_qui_n_est_pas_une_image_n_en_est_pas_une(tmp_path: Path) -> None:
    """Un PDF, un texte, un GIF : ni PNG ni JPEG, quel que soit leur nom."""
    for content in (pdf("x"), b"bonjour", b"GIF89a" + b"\0" * 50, b""):
        assert image_de(pose(tmp_path, content, "photo.jpg")) is None


def test_un_libelle_hostile_ne_commande_rien(tmp_path: Path) -> None:
    """Du balisage, des guillemets, des signes sans lettre : montrés comme écrits, dans le titre comme dans la page."""
    label = '#panic("x") *gras* $x$ </script> 证件'
    with pikepdf.open(io.BytesIO(page(tmp_path, png(), label))) as opened:
        assert str(opened.docinfo["/Title"]) == '#panic("x") *gras* $x$ </script> [U+8BC1][U+4EF6]'


# --------------------------------------------------------------------------- series


def test_une_serie_se_reunit_dans_l_ordre_sous_un_plan_et_toujours_de_meme(tmp_path: Path) -> None:
    """Les pages se suivent, chaque document a son entrée, deux fois les mêmes octets."""
    parts = [(pose(tmp_path, pdf(f"{n}", pages=n), f"{n}"), f"{n:03} Capture {n}") for n in (1, 2, 3)]
    out = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    assert [reunir(parts, "Série d'essai", each) for each in out] == [6, 6]
    assert out[0].read_bytes() == out[1].read_bytes()
    with pikepdf.open(out[0]) as opened, opened.open_outline() as outline:
        titles = [(each.title, pikepdf.Page(each.destination[0]).index) for each in outline.root]
        assert titles == [("001 Capture 1", 0), ("002 Capture 2", 1), ("003 Capture 3", 3)]
        assert str(opened.docinfo["/Title"]) == "Série d'essai"
        assert str(opened.Root.Lang) == "fr-FR"


def test_une_serie_qui_ne_se_reunit_pas_le_dit(tmp_path: Path) -> None:
    """Un document qui n'est plus lisible : la sortie est de déposer les pièces une par une."""
    good, bad = pose(tmp_path, pdf("bon"), "bon"), pose(tmp_path, pdf_chiffre(ouvrable=False), "mauvais")
    with pytest.raises(ExamenError, match="--no-series"):
        reunir([(good, "1"), (bad, "2")], "Série", tmp_path / "s.pdf")
