#!/usr/bin/env python3
"""Writes x509.cases: CreateSession requests signed with certificates, good ones and others.

Keys are drawn anew in each run and thrown away; what is kept are certificates and signatures, by
pyca/cryptography (pip install cryptography). Canonical forms come from Python's hashlib.

    python3 tests/unit/auth/cases/generate_x509.py > tests/unit/auth/cases/x509.cases
"""
import base64
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = "20260701T120000Z"
BODY = '{"durationSeconds":900,"profileArn":"p","roleArn":"r","trustAnchorArn":"t"}'
SIGNED = "content-type;host;x-amz-date;x-amz-x509"
CHAIN_SIGNED = SIGNED + ";x-amz-x509-chain"
OIDS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "C": NameOID.COUNTRY_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "DC": NameOID.DOMAIN_COMPONENT}


def day(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d")


def name_of(parts):
    return x509.Name([x509.NameAttribute(OIDS[key], value) for key, value in parts])


class Holder:
    """A certificate and its key; issuer None: self-signed."""

    def __init__(self, parts, issuer=None, key=None, ca=False, constraints=True, usage=True,
                 signs=True, begin="2026-01-01", end="2027-01-01", serial=None, names=(),
                 digest=hashes.SHA256(), server_only=False, path_length=None):
        self.parts = parts
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        signer = issuer or self
        builder = (x509.CertificateBuilder().subject_name(name_of(parts))
                   .issuer_name(name_of(signer.parts)).public_key(self.key.public_key())
                   .serial_number(serial or x509.random_serial_number())
                   .not_valid_before(day(begin)).not_valid_after(day(end)))
        if constraints:
            builder = builder.add_extension(
                x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), True)
        if usage:
            builder = builder.add_extension(x509.KeyUsage(
                digital_signature=signs, content_commitment=False, key_encipherment=not signs,
                data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
                encipher_only=False, decipher_only=False), True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        if server_only:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        self.certificate = builder.sign(signer.key, digest)

    def base64(self):
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, text):
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()
        return self.key.sign(text, ec.ECDSA(hashes.SHA256())).hex()

    def algorithm(self):
        kind = "RSA" if isinstance(self.key, rsa.RSAPrivateKey) else "ECDSA"
        return "AWS4-X509-" + kind + "-SHA256"


def case(title, leaf, anchors, chain=(), signed=None, algorithm=None, refused=None, signer=None,
         serial=None, date=NOW, service="rolesanywhere", identity="", sent_body=BODY, leaf_text=None,
         chain_text=None, sent_signature=None):
    chain_value = chain_text or ",".join(one.base64() for one in chain)
    headers = [("Host", "localhost:8000"), ("Content-Type", "application/json"),
               ("X-Amz-Date", date)]
    if leaf_text != "":
        headers.append(("X-Amz-X509", leaf_text or leaf.base64()))
    if chain_value:
        headers.append(("X-Amz-X509-Chain", chain_value))
    names = (signed or (CHAIN_SIGNED if chain_value else SIGNED)).split(";")
    values = {name.lower(): value for name, value in headers}
    canonical = "\n".join(["POST", "/sessions", ""] +
                          [name + ":" + values.get(name, "") for name in names] +
                          ["", ";".join(names), hashlib.sha256(BODY.encode()).hexdigest()])
    algorithm = algorithm or leaf.algorithm()
    scope = "/".join([date[:8], "eu-west-1", service, "aws4_request"])
    to_sign = "\n".join([algorithm, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = sent_signature or (signer or leaf).sign(to_sign.encode())
    key_id = serial or str(leaf.certificate.serial_number)
    headers.append(("Authorization", f"{algorithm} Credential={key_id}/{scope}, "
                    f"SignedHeaders={';'.join(names)}, Signature={signature}"))
    lines = ["=== " + title, "anchors " + " ".join(anchors)]
    if refused:
        lines.append("refused " + refused)
    lines += ["--- request", "POST /sessions"]
    lines += [name + ":" + value for name, value in headers] + ["", sent_body]
    lines += ["--- canonical request", canonical, "--- string to sign", to_sign]
    lines += ["--- identity", identity.strip(), ""]
    print("\n".join(lines))


UNTRUSTED = "ACCESS_DENIED Untrusted signing certificate"
UNFIT = "ACCESS_DENIED Untrusted certificate. Insufficient certificate"
MISMATCH = "INVALID_SIGNATURE"


def main():
    def rsa_key(bits=2048):
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)

    root = Holder([("CN", "Root")], ca=True, key=rsa_key())
    other = Holder([("CN", "Root")], ca=True)  # the same name
    middle = Holder([("O", "Org"), ("CN", "Middle")], issuer=root, ca=True)
    low = Holder([("CN", "Low")], issuer=middle, ca=True)
    short = Holder([("CN", "Short")], ca=True, path_length=0)
    below_short = Holder([("CN", "Below")], issuer=short, ca=True)
    past = Holder([("CN", "Past")], ca=True, end="2026-06-01")
    alice = Holder([("C", "DE"), ("O", "Org"), ("OU", "One"), ("OU", "Two"), ("CN", "Alice")],
                   issuer=root, key=rsa_key(), serial=255, names=[
                       x509.DNSName("a.example"), x509.DNSName("b.example"),
                       x509.UniformResourceIdentifier("spiffe://example/a"),
                       x509.DirectoryName(name_of([("CN", "Other"), ("O", "Else")]))])
    bob = Holder([("CN", "B\u00f6b, jun.")], issuer=root, serial=2**150 + 1)
    carol = Holder([("CN", "Carol")], issuer=low)
    print(f"# Made by generate_x509.py, now {NOW}.\n")
    for title, holders in (("root", [root]), ("other", [other]), ("middle", [middle]),
                           ("both", [other, root]), ("short", [short]), ("past", [past])):
        print("=== anchor " + title)
        print("--- pem")
        print("".join(holder.pem() for holder in holders))

    case("RSA, subject alternative names", alice, ["root"], identity="""
anchor 0
region eu-west-1
subject CN=Alice,OU=Two,OU=One,O=Org,C=DE
issuer CN=Root
serial 255
serial_hex ff
not_after 1798761600000
dns a.example
dns b.example
uri spiffe://example/a
x509Subject/C=DE
x509Subject/O=Org
x509Subject/OU=One
x509Subject/CN=Alice
x509Issuer/CN=Root
x509SAN/DNS=a.example
x509SAN/URI=spiffe://example/a
x509SAN/Name/CN=Other
x509SAN/Name/O=Else
""")
    case("ECDSA, UTF-8, a long serial number, the second anchor", bob, ["other", "both"],
         identity="""
anchor 1
region eu-west-1
subject CN=B\u00f6b\\, jun.
issuer CN=Root
serial 1427247692705959881058285969449495136382746625
serial_hex 40000000000000000000000000000000000001
not_after 1798761600000
x509Subject/CN=B\u00f6b, jun.
x509Issuer/CN=Root
""")
    case("over two others", carol, ["root"], chain=[low, middle], identity=f"""
anchor 0
region eu-west-1
subject CN=Carol
issuer CN=Low
serial {carol.certificate.serial_number}
serial_hex {carol.certificate.serial_number:x}
not_after 1798761600000
x509Subject/CN=Carol
x509Issuer/CN=Low
""".replace("serial_hex ", "serial_hex " + "0" * (len(f"{carol.certificate.serial_number:x}") % 2)))
    case("an anchor that is no root", Holder([("CN", "D")], issuer=middle, serial=17), ["middle"],
         identity="""
anchor 0
region eu-west-1
subject CN=D
issuer CN=Middle,O=Org
serial 17
serial_hex 11
not_after 1798761600000
x509Subject/CN=D
x509Issuer/O=Org
x509Issuer/CN=Middle
""")
    # The chain
    case("no anchor", bob, [], refused=UNTRUSTED)
    case("another authority of the same name", bob, ["other"], refused=UNTRUSTED)
    case("signed by itself", Holder([("CN", "Root")]), ["root"], refused=UNTRUSTED)
    case("one between is missing", carol, ["root"], chain=[low], refused=UNTRUSTED)
    case("an issuer that is no authority", Holder([("CN", "E")], issuer=bob), ["root"],
         chain=[bob], refused=UNTRUSTED)
    case("a longer path than the anchor allows", Holder([("CN", "F")], issuer=below_short),
         ["short"], chain=[below_short], refused=UNTRUSTED)
    case("an anchor whose time is over", Holder([("CN", "G")], issuer=past), ["past"],
         refused=UNTRUSTED)
    case("not valid any more", Holder([("CN", "H")], issuer=root, end="2026-07-01"), ["root"],
         refused=UNTRUSTED)
    case("not valid yet", Holder([("CN", "I")], issuer=root, begin="2026-07-02"), ["root"],
         refused=UNTRUSTED)
    case("for servers alone", Holder([("CN", "J")], issuer=root, server_only=True), ["root"],
         refused=UNTRUSTED)
    case("a key too short", Holder([("CN", "K")], issuer=root, key=rsa_key(1024)), ["root"],
         refused=UNTRUSTED)
    # What may sign
    case("an authority", middle, ["root"], refused=UNFIT)
    case("without basic constraints", Holder([("CN", "L")], issuer=root, constraints=False),
         ["root"], refused=UNFIT)
    case("without key usage", Holder([("CN", "M")], issuer=root, usage=False), ["root"],
         refused=UNFIT)
    case("not for signatures", Holder([("CN", "N")], issuer=root, signs=False), ["root"],
         refused=UNFIT)
    case("no certificate", bob, ["root"], leaf_text="", refused=UNFIT)
    case("a certificate that is none", bob, ["root"], leaf_text="AAAA", refused=UNFIT)
    case("a certificate that is no base64", bob, ["root"], leaf_text="*", refused=UNFIT)
    case("a certificate with something behind it", bob, ["root"], refused=UNFIT,
         leaf_text=base64.b64encode(base64.b64decode(bob.base64()) + b"x").decode())
    case("a chain that is none", bob, ["root"], chain_text="AAAA,", refused=UNFIT)
    case("a chain that is too long", bob, ["root"], chain=[low] * 6, refused=UNFIT)
    # The signature
    case("signed with another's key", bob, ["root"], signer=carol, refused=MISMATCH)
    case("another serial number", bob, ["root"], serial="1", refused=MISMATCH)
    case("another kind of key than is said", bob, ["root"], algorithm="AWS4-X509-RSA-SHA256",
         refused=MISMATCH)
    case("a signature that is none", bob, ["root"], sent_signature="0g", refused=MISMATCH)
    case("a signature of nothing", bob, ["root"], sent_signature="00", refused=MISMATCH)
    # The claim
    case("signed an hour ago", bob, ["root"], date="20260701T110000Z", refused=(
        "INVALID_SIGNATURE Signature expired: 20260701T110000Z is now earlier than "
        "20260701T114500Z (20260701T120000Z - 15 min.)"))
    case("the certificate is not signed", bob, ["root"], signed="host;x-amz-date", refused=(
        "INVALID_SIGNATURE 'X-Amz-X509' must be a 'SignedHeader' in the AWS Authorization."))
    case("the chain is not signed", carol, ["root"], chain=[low, middle], signed=SIGNED, refused=(
        "INVALID_SIGNATURE 'X-Amz-X509-Chain' must be a 'SignedHeader' in the AWS Authorization."))
    case("an algorithm of another family", bob, ["root"], algorithm="AWS4-X509-DSA", refused=(
        "INCOMPLETE_SIGNATURE Unsupported AWS 'algorithm': 'AWS4-X509-DSA' (only "
        "AWS4-X509-ECDSA-SHA256 for now). "))
    case("another service", bob, ["root"], service="sts", refused=(
        "INVALID_SIGNATURE Credential should be scoped to correct service: 'rolesanywhere'. "))


if __name__ == "__main__":
    main()
