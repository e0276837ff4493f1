"""Certificates for whatever host is asked for."""

import datetime
import pathlib
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of its own, whose files stand in `folder`."""

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        # All hosts have one key: it is the name in the certificate that clients check.
        self._host_key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self.certificate = folder / "authority.pem"
        self.certificate.write_bytes(self._own().public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, expired: bool = False) -> ssl.SSLContext:
        """What a server of this name speaks TLS with."""
        with self._lock:
            if (host, expired) not in self._contexts:
                self._contexts[host, expired] = self._make_context(host, expired)
            return self._contexts[host, expired]

    def _make_context(self, host: str, expired: bool) -> ssl.SSLContext:
        file = self._folder / f"host-{len(self._contexts)}.pem"
        file.write_bytes(
            self._of_host(host, expired).public_bytes(serialization.Encoding.PEM)
            + self._host_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _own(self) -> x509.Certificate:
        usage = x509.KeyUsage(
            key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False)
        return self._signed(
            self._draft(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True))

    def _of_host(self, host: str, expired: bool) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return self._signed(
            self._draft(name, self._host_key, ends=-DAY if expired else DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(key, critical=False))

    def _draft(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, ends: datetime.timedelta = DAY
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY).not_valid_after(now + ends)
            .add_extension(identifier, critical=False))

    def _signed(self, draft: x509.CertificateBuilder) -> x509.Certificate:
        return draft.sign(self._key, hashes.SHA256())
