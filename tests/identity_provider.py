"""A small OpenID Connect provider for tests: it vouches at once for whoever it is told to vouch for."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, CLIENT_SECRET = "greffier", "a secret of the client"


class Provider:
    """Who it vouches for (`claims`), with which key, and what it answers; a test changes them."""

    def __init__(self) -> None:
        self.key = self.signing_key = ec.generate_private_key(ec.SECP256R1())
        self.claims: dict[str, Any] = {"sub": "person-1", "email": "dpo@acme.example", "email_verified": True}
        self.userinfo_sub: str | None = None
        self.audience = CLIENT
        self.issuer = ""
        self.challenges: dict[str, str] = {}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "alg": "ES256", "use": "sig"}]}

    def userinfo(self) -> dict[str, Any]:
        return {**self.claims, "sub": self.userinfo_sub or self.claims["sub"]}

    def authorize(self, asked: dict[str, str]) -> str:
        code = f"code-{len(self.challenges)}"
        self.challenges[code] = asked["code_challenge"]
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = self.challenges.pop(sent.get("code", ""), None)
        if (sent.get("client_id"), sent.get("client_secret"), proof) != (CLIENT, CLIENT_SECRET, known):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 60, **self.claims}
        signed = jwt.encode(claims, self.signing_key, algorithm="ES256", headers={"kid": "1"})
        return {"access_token": "token", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            pages = {
                "/.well-known/openid-configuration": provider.configuration,
                "/keys": provider.keys,
                "/userinfo": provider.userinfo,
            }
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif address.path in pages:
                self._json(pages[address.path]())
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._json(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _json(self, content: Any) -> None:
            self.send_response(200 if content else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content or {"error": "invalid_grant"}).encode())

        def log_message(self, *told: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider on a free port."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
