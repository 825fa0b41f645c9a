"""How often a stranger may send a form: by the network address it comes from, of which a keyed digest is kept."""

from functools import wraps
from typing import Any

from django.http import HttpResponseBase

from web import debit
from web.pages import erreurs
from web.registre import registre
from web.requete import Requete, Vue


def limitee(view: Vue) -> Vue:
    """Answer « trop de demandes » to an address that sends this form, and those like it, too often."""

    @wraps(view)
    def answer(request: Requete, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limite = registre().settings.web.debit_adresse
        if request.method == "POST" and limite is not None:
            qui = debit.reseau(request.META.get("REMOTE_ADDR", ""))
            pris = debit.prendre("adresse", qui, limite, request.now)
            if not pris.accepte:
                return erreurs.trop_de_demandes(request, pris)
        return view(request, *args, **kwargs)

    return answer  # type: ignore[return-value] # the same callable, answered in one more case
