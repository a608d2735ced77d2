"""Opens and issues SD-JWTs with OpenWallet's sd-jwt, for sd-jwt-python.test.ts.

Reads from standard input one JSON object:

    {"open":  [{"token": "...", "jwk": {public}}],
     "issue": [{"clear": {}, "disclosed": {}, "jwk": {private}, "header": {"kid": "...", "typ": "..."}}]}

and writes {"opened": [{"claims": {}} or {"refused": "..."}], "issued": ["..."]}.
"""

import json
import sys

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier


def opened(job):
    key = JWK.from_json(json.dumps(job["jwk"]))
    try:
        verifier = SDJWTVerifier(job["token"], lambda issuer, header: key)
        return {"claims": verifier.get_verified_payload()}
    except Exception as refusal:  # whatever it throws is a refusal
        return {"refused": type(refusal).__name__}


def issued(job):
    hidden = {SDObj(name): value for name, value in job["disclosed"].items()}
    issuer = SDJWTIssuer(
        {**job["clear"], **hidden},
        JWK.from_json(json.dumps(job["jwk"])),
        extra_header_parameters=job["header"],
    )
    return issuer.sd_jwt_issuance


jobs = json.load(sys.stdin)
json.dump(
    {
        "opened": [opened(job) for job in jobs["open"]],
        "issued": [issued(job) for job in jobs["issue"]],
    },
    sys.stdout,
)
