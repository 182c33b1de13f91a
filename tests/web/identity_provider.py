"""A small OpenID provider as a process of its own, which lies where a test asks it to.

`python -m tests.web.identity_provider` prints its port. Whoever comes to `/authorize` is signed in
at once as the query's `person` (claims as JSON), else as `ANYBODY`; `lie` names what is wrong with
the ID token.
"""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "firstread", "the client's secret"
KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})
ANYBODY = json.dumps({"sub": "s0", "preferred_username": "anybody", "roles": ["readers"]})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})


def _part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


class Handler(BaseHTTPRequestHandler):
    """Answers as a provider does."""

    codes: ClassVar[dict[str, dict[str, str]]] = {}
    wbufsize = -1  # one write for each answer

    def do_GET(self) -> None:
        """Tell of itself, give keys, sign somebody in."""
        parts = urlsplit(self.path)
        issuer = self._issuer
        if parts.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/jwks",
                }
            )
        elif parts.path == "/jwks":
            self._json({"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            assert query["response_type"] == "code"
            assert query["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe()
            self.codes[code] = query
            self.send_response(303)
            back = urlencode({"code": code, "state": query["state"]})
            self.send_header("location", f"{query['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Give the ID token for a code, once, to who knows its verifier and the secret."""
        length = int(self.headers["content-length"])
        form = {name: v[0] for name, v in parse_qs(self.rfile.read(length).decode()).items()}
        query = self.codes.pop(form["code"], None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            query is None
            or self.headers["authorization"] != f"Basic {basic}"
            or query["code_challenge"] != challenge
            or query["redirect_uri"] != form["redirect_uri"]
        ):
            self.send_error(400)
            return
        self._json({"token_type": "Bearer", "access_token": "x", "id_token": self._token(query)})

    @property
    def _issuer(self) -> str:
        """Its address as it was called; a browser tells sites apart by it."""
        return f"http://{self.headers['host']}"

    def _token(self, query: dict[str, str]) -> str:
        lie, at = query.get("lie", ""), int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": CLIENT,
            "exp": at + 300,
            "iat": at,
            "auth_time": at,
            "nonce": query["nonce"],
            **json.loads(query.get("person", ANYBODY)),
        }
        lies: dict[str, dict[str, Any]] = {
            "issuer": {"iss": "http://elsewhere.example"},
            "audience": {"aud": "another"},
            "expired": {"exp": at - 3600, "iat": at - 7200},
            "nonce": {"nonce": "of another visit"},
            "stale": {"auth_time": at - 36000},
            "subject": {"sub": ""},
        }
        claims |= lies.get(lie, {})
        if lie == "no_nonce":
            del claims["nonce"]
        header = {"alg": "RS256", "kid": "ours"}
        if lie == "none":
            return ".".join([*map(_part, ({"alg": "none"}, claims)), ""])
        if lie == "secret":
            signed = ".".join(map(_part, ({"alg": "HS256", "kid": "ours"}, claims)))
            shared = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(shared).decode().rstrip('=')}"
        return jwt.encode(header, claims, OTHER_KEY if lie == "signature" else KEY)

    def _json(self, values: dict[str, Any]) -> None:
        content = json.dumps(values).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def running_provider() -> Iterator[int]:
    """Run one, and give the port of this machine that it listens on."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.web.identity_provider"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
