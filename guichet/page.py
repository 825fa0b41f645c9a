"""The page of the guichet: a form that works without script, without image, without any other file."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

STYLE: Final = (
    "body{font:1.1rem/1.5 sans-serif;max-width:42rem;margin:1rem auto;padding:0 1rem;color:#161616;background:#fff}"
    "label{display:block;margin:1rem 0 .25rem;font-weight:bold}"
    "textarea,input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #555}"
    "button{font:inherit;margin:1.5rem 0;padding:.6rem 1.2rem;color:#fff;background:#1b4b72;border:0}"
    "small{font-weight:normal;display:block}"
)
TYPED: Final[Mapping[str, int]] = MappingProxyType({"message": 1_200, "page": 200, "reference": 100})
"""As many signs as can be typed: in any script, a form sends them within what is read."""
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy of every answer: nothing is run, nothing is fetched, nothing frames it."""

PAGE: Final = f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signaler un dépôt impossible</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Signaler un dépôt impossible</h1>
<p>Vous n'avez pas pu déposer votre demande ou une pièce sur le téléservice ? Dites-le ici, maintenant. Vous recevez
aussitôt un reçu signé : un fichier, à garder. Aucun compte ni aucune identité ne vous est demandé.</p>
<form method="post" action="/tentative" accept-charset="utf-8" autocomplete="off">
<label for="message">Le message affiché, ou ce qui n'a pas marché
<small>Recopiez-le tel quel. N'écrivez rien qui ne soit utile.</small></label>
<textarea id="message" name="message" rows="6" maxlength="{TYPED["message"]}" required></textarea>
<label for="page">La page ou l'étape <small>facultatif</small></label>
<input id="page" name="page" maxlength="{TYPED["page"]}">
<label for="quand">Quand cela s'est passé <small>facultatif, heure de Paris</small></label>
<input id="quand" name="quand" type="datetime-local">
<label for="reference">Une référence de votre dossier
<small>facultatif ; elle n'est rattachée à aucun dossier tant que vous, ou un agent, ne le demandez pas</small></label>
<input id="reference" name="reference" maxlength="{TYPED["reference"]}">
<button type="submit">Déposer et recevoir le reçu</button>
</form>
<p>Ce signalement n'est pas une demande : il ne fait courir aucun délai. Il garde la trace de votre tentative.</p>
</main>
</body>
</html>
"""
