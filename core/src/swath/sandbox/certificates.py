# SPDX-License-Identifier: Apache-2.0
"""A throw-away certificate authority, for TLS on loopback under other hosts' names."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from swath.errors import MissingExtra

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["Authority", "make_authority"]

_GOOD_FOR = dt.timedelta(days=30)
_SKEW = dt.timedelta(days=1)


@frozen(kw_only=True)
class Authority:
    """What a certificate authority that signed one certificate leaves behind; its own key is forgotten."""

    pem: bytes = field(repr=False)
    """Its certificate, for clients to trust."""
    context: ssl.SSLContext = field(eq=False)
    """For a server under the names that the authority signed."""


def make_authority(names: Sequence[str]) -> Authority:
    """Make an authority and one certificate of it. The machine's own list of authorities is not touched.

    Args:
        names: Host names or IP addresses that the certificate is for, at least one.

    Raises:
        MissingExtra: If ``cryptography`` is not installed.
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as err:
        raise MissingExtra(
            "to stand in under the providers' own host names, the sandbox needs cryptography, not installed here",
            hint='install the extra: pip install "swath[sandbox]"',
        ) from err

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("swath sandbox, throw-away authority")
    root_key_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    # Python 3.13 and later check certificates strictly: both need these extensions.
    root = (
        _builder(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(root_key_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder(_name("swath sandbox"), root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_key_id), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = leaf.public_bytes(serialization.Encoding.PEM)
    return Authority(pem=root.public_bytes(serialization.Encoding.PEM), context=_context(chain, secret))


def _context(chain: bytes, secret: bytes) -> ssl.SSLContext:
    """Make a server's context; `ssl` reads keys from files only, so one exists for a moment."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory(prefix="swath-sandbox-") as folder:
        path = Path(folder, "leaf.pem")
        path.write_bytes(chain + secret)
        context.load_cert_chain(path)
    return context


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    from cryptography import x509

    # Clients judge by the machine's clock, not by the sandbox's.
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _GOOD_FOR)
    )


def _name(common: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
