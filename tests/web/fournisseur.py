"""An OpenID Connect provider that answers as ProConnect does, and lies as one asks it to.

``mentir`` names what is wrong in its next answers; everything it gives out is otherwise right: signed userinfo, codes that
are good once, two factors.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT = "constat-essai"
SECRET = "le secret du client, partagé avec le fournisseur"  # noqa: S105 - of this provider only


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Fournisseur:
    """The provider. ``sub``: who comes; ``amr``: how they were recognised; ``recu``: what it was asked."""

    def __init__(self, algorithm: str = "RS256") -> None:
        self.algorithm = algorithm
        self.cle: Any = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            if algorithm == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.autre: Any = ec.generate_private_key(ec.SECP256R1())
        self.codes: dict[str, str] = {}
        self.sub, self.amr = "sub-inconnu", ["pwd", "mfa"]
        self.mentir = ""
        self.recu: list[dict[str, list[str]]] = []
        self.issuer = ""

    # ------------------------------------------------------------------ what a browser would do

    def aller(self, adresse: str) -> tuple[str, str]:
        """Log in there: the code and the state with which the browser comes back."""
        asked = parse_qs(urlsplit(adresse).query)
        self.recu.append(asked)
        code = f"code-{len(self.recu)}-{id(self)}"
        self.codes[code] = asked["nonce"][0]
        return code, asked["state"][0]

    # ------------------------------------------------------------------ what it gives out

    def jwks(self) -> dict[str, Any]:
        """Its public key."""
        algorithm = jwt.algorithms.get_default_algorithms()[self.algorithm]
        public = json.loads(algorithm.to_jwk(self.cle.public_key()))  # type: ignore[attr-defined] # of both
        return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": self.algorithm}]}

    def signer(self, claims: dict[str, Any]) -> str:
        """A token with these claims, as the lie of the moment has it signed."""
        headers = {"kid": "k1"}
        match self.mentir:
            case "autre_cle":
                return jwt.encode(claims, self.autre, "ES256", headers={**headers, "alg": "ES256"})
            case "signature":
                head, body, signature = jwt.encode(claims, self.cle, self.algorithm, headers=headers).split(".")
                return f"{head}.{body}.{signature[:-8]}AAAAAAAA"
            case "alg_none":
                head = _b64(json.dumps({"alg": "none", "typ": "JWT", "kid": "k1"}).encode())
                return f"{head}.{_b64(json.dumps(claims).encode())}."
            case "alg_hs256":
                return jwt.encode(claims, SECRET, "HS256", headers=headers)
            case "kid":
                return jwt.encode(claims, self.cle, self.algorithm, headers={"kid": "k2"})
            case _:
                return jwt.encode(claims, self.cle, self.algorithm, headers=headers)

    def claims(self, **plus: Any) -> dict[str, Any]:
        """What every token says, and the lie of the moment."""
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "sub": self.sub, "iat": now, "exp": now + 60, **plus}
        wrong = {
            "expire": {"exp": now - 3_600},
            "emetteur": {"iss": "https://ailleurs.example"},
            "audience": {"aud": "un-autre-client"},
            "sans_exp": {"exp": None},
        }.get(self.mentir, {})
        return {name: value for name, value in {**told, **wrong}.items() if value is not None}

    def jeton(self, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Exchange a code, once."""
        nonce = self.codes.pop(form.get("code", [""])[0], None)
        if nonce is None or form.get("client_secret") != [SECRET] or "redirect_uri" not in form:
            return 400, {"error": "invalid_grant"}
        told = {
            "nonce": "un autre nonce, de quarante-huit signes" if self.mentir == "nonce" else nonce,
            "amr": self.amr,
        }
        if self.mentir == "sans_amr":
            told["amr"] = None
        return 200, {
            "access_token": "acces",
            "token_type": "Bearer",
            "id_token": self.signer(self.claims(**told)),
        }

    def personne(self) -> tuple[str, bytes]:
        """Userinfo, signed unless it lies about that."""
        if self.mentir == "userinfo_nu":
            return "application/json", json.dumps({"sub": self.sub}).encode()
        mine, self.mentir = (
            self.mentir,
            {"userinfo_signature": "signature", "userinfo_none": "alg_none"}.get(self.mentir, self.mentir),
        )
        claims = self.claims(**({"sub": "quelqu'un d'autre"} if mine == "userinfo_autre" else {}))
        made = self.signer(claims).encode()
        self.mentir = mine
        return "application/jwt", made


def _handler(fournisseur: Fournisseur) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match urlsplit(self.path).path:
                case "/.well-known/openid-configuration":
                    names = ("authorization", "token", "userinfo", "end_session")
                    told: dict[str, Any] = {f"{name}_endpoint": f"{fournisseur.issuer}/{name}" for name in names}
                    issuer = "https://ailleurs.example" if fournisseur.mentir == "decouverte" else fournisseur.issuer
                    self.say(200, {**told, "issuer": issuer, "jwks_uri": f"{fournisseur.issuer}/jwks"})
                case "/jwks":
                    self.say(200, fournisseur.jwks())
                case "/userinfo":
                    kind, body = fournisseur.personne()
                    self.say_bytes(200 if self.headers["Authorization"] == "Bearer acces" else 401, kind, body)
                case _:
                    self.say(404, {})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.say(*fournisseur.jeton(form))

        def say(self, status: int, told: dict[str, Any]) -> None:
            self.say_bytes(status, "application/json", json.dumps(told).encode())

        def say_bytes(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def servi(fournisseur: Fournisseur) -> Iterator[Fournisseur]:
    """The provider, on a port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fournisseur))
    fournisseur.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fournisseur
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
