"""Judges detached CAdES signatures by pyHanko (ETSI EN 319 102-1 section 5.3, basic signatures).

usage: ades.py ROOT.der (CONTENT SIGNATURE.p7s)...    prints PASSED or another word, a line a pair
"""

import asyncio
import hashlib
import sys
from pathlib import Path

from asn1crypto import cms, x509
from pyhanko.sign.validation.ades import ades_basic_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


def spec(root):
    return SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=[root]),
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        ),
        # Nothing is fetched.
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=LocalKnowledge(),
        key_usage_settings=KeyUsageConstraints(
            key_usage={"digital_signature"}, extd_key_usage={"email_protection"}
        ),
    )


async def judged(root, content, signature):
    signed = cms.ContentInfo.load(signature)["content"]
    attributes = {one["type"].native for one in signed["signer_infos"][0]["signed_attrs"]}
    if "signing_certificate_v2" not in attributes:
        return "NO_SIGNING_CERTIFICATE"
    digest = signed["signer_infos"][0]["digest_algorithm"]["algorithm"].native
    raw = hashlib.new(digest, content).digest()
    result = await ades_basic_validation(signed, spec(root), raw_digest=raw)
    status = result.ades_subindic
    word = status.status.name
    return word if word == "PASSED" else f"{word} {status.standard_name}"


async def main():
    root, *pairs = [Path(name).read_bytes() for name in sys.argv[1:]]
    root = x509.Certificate.load(root)
    for content, signature in zip(pairs[::2], pairs[1::2]):
        print(await judged(root, content, signature), flush=True)


asyncio.run(main())
