"""Makes ``verifier.html`` of its sources: one file without any address, which runs from a disk and speaks to nobody.

Each module of ``page/`` becomes a constant that holds its exports, after those that it imports. The policy of the page
(CSP) names the one script and the one style by their digests: nothing else runs, loads or is sent.
"""

import json
import re
from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Final

from evidence.verificateurs.ancres import Ancres

_SOURCES: Final = Path(__file__).parent
_IMPORT: Final = re.compile(r'^import \{([^}]+)\} from "\./([a-z0-9]+)\.js";\n', re.MULTILINE)
_EXPORT: Final = re.compile(
    r"^export (?=(?:async )?(?:const|class|function) (?:\[([^\]]+)\]|([A-Za-z0-9_]+)))", re.MULTILINE
)
_STRAY: Final = re.compile(r"^(?:import|export)\b", re.MULTILINE)


def _source(nom: str) -> str:
    return (_SOURCES / "page" / nom).read_text(encoding="utf-8")


def _order(module: str, placed: dict[str, str]) -> None:
    """Place ``module`` after all that it imports."""
    source = _source(f"{module}.js")
    for _, imported in _IMPORT.findall(source):
        if imported not in placed:
            _order(imported, placed)
    placed[module] = source


def _as_constant(module: str, source: str) -> str:
    names = [each.strip() for several, one in _EXPORT.findall(source) for each in (several or one).split(",")]
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: f"const {{{found[1]}}} = ${found[2]};\n", source))
    if _STRAY.search(body):
        msg = f"{module}.js imports or exports in a form that is not read here"
        raise ValueError(msg)
    return f"const ${module} = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"


def programme(module: str = "verifier") -> str:
    """The script of a module of ``page/`` and of all that it imports; its exports are those of ``$<module>``.

    Without a module that draws the page, it runs wherever there is WebCrypto.
    """
    placed: dict[str, str] = {}
    _order(module, placed)
    return '"use strict";\n' + "".join(_as_constant(name, source) for name, source in placed.items())


def _json(value: object) -> str:
    """JSON that no reader of HTML takes for markup."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def page(ancres: Ancres | None = None) -> bytes:
    """The page in UTF-8, always the same bytes. ``ancres``: what a published verifier believes by itself."""
    script, style = f"\n{programme('interface')}", f"\n{_source('style.css')}"
    csp = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; connect-src 'none'; "
        "img-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    parts = {
        "csp": csp,
        "style": style,
        "script": script,
        "messages": _json(json.loads((_SOURCES / "messages.json").read_text(encoding="utf-8"))),
        "textes": _json(json.loads(_source("textes.json"))),
        "ancres": _json(asdict(ancres) if ancres else None),
    }
    return re.sub(r"\{\{([a-z]+)\}\}", lambda found: parts[found[1]], _source("page.html")).encode()
