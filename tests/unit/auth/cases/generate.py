#!/usr/bin/env python3
"""Writes signature_v4.cases: requests signed with Signature Version 4 and every stage on the way.

Nothing here is shared with the program: canonical forms, hashes and keys come from Python's own
urllib, hashlib and hmac. The situations are those of AWS's public signature test suite, and what
has gone wrong between clients and servers since.

    python3 tests/unit/auth/cases/generate.py > tests/unit/auth/cases/signature_v4.cases
"""
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = "20150830T123600Z"
TOKEN = "IQoJb3JpZ2luX2Vj//////////wEaDGV4YW1wbGUtcmVnaW9u+token=="


def sha256(text):
    return hashlib.sha256(text).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_path(path):
    segments = []
    for segment in path.split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(quote(segment, safe="-_.~"))
    slash = "/" if path.endswith("/") and segments else ""
    return "/" + "/".join(segments) + slash


def canonical_query(query, left_out):
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = [(quote(name, safe="-_.~"), quote(value, safe="-_.~"))
               for name, value in pairs if name != left_out]
    return "&".join(name + "=" + value for name, value in sorted(encoded))


def canonical_headers(headers, signed):
    lines = []
    for name in sorted(set(signed.lower().split(";"))):
        values = [re.sub(r"[ \t]+", " ", value).strip()
                  for other, value in headers if other.lower() == name]
        lines.append(name + ":" + ",".join(values) + "\n")
    return "".join(lines)


class Case:
    """A request to be signed. The path and the query are as they go over the wire."""

    def __init__(self, title, path="/", query="", headers=(), body="", method="POST",
                 signed="host;x-amz-date", date=("X-Amz-Date", NOW), host="example.amazonaws.com",
                 region="us-east-1", service="dynamodb", presigned=False, expires="300",
                 token=None, token_in="header", payload=None, secure=False, template=None,
                 stamp=NOW, signature_at="end", refused=False):
        self.__dict__.update(locals())
        self.headers = [("Host", host)] + list(headers)
        if date and not presigned:
            self.headers.append(date)
        if token and token_in == "header":
            self.headers.append(("X-Amz-Security-Token", token))

    def scope(self):
        return "/".join([self.stamp[:8], self.region, self.service, "aws4_request"])

    def presign(self):
        pairs = [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                 ("X-Amz-Credential", KEY_ID + "/" + self.scope()),
                 ("X-Amz-Date", NOW)]
        if self.expires:
            pairs.append(("X-Amz-Expires", self.expires))
        pairs.append(("X-Amz-SignedHeaders", self.signed))
        if self.token and self.token_in == "query":
            pairs.append(("X-Amz-Security-Token", self.token))
        text = "&".join(name + "=" + quote(value, safe="-_.~") for name, value in pairs)
        self.query = self.query + "&" + text if self.query else text

    def stages(self, payload):
        names = ";".join(sorted(set(self.signed.lower().split(";"))))
        canonical = "\n".join([
            self.method, canonical_path(self.path),
            canonical_query(self.query, "X-Amz-Signature" if self.presigned else None),
            canonical_headers(self.headers, self.signed), names, payload])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", self.stamp, self.scope(),
                             sha256(canonical.encode())])
        key = ("AWS4" + SECRET).encode()
        for part in self.scope().split("/"):
            key = mac(key, part)
        return canonical, to_sign, mac(key, to_sign).hex()

    def target(self, signature):
        query = self.query
        if self.presigned and self.signature_at == "end":
            query += "&X-Amz-Signature=" + signature
        elif self.presigned:
            query = "X-Amz-Signature=" + signature + "&" + query
        return self.path + ("?" + query if query else "")

    def authorization(self, signature):
        template = self.template or ("AWS4-HMAC-SHA256 Credential={credential}, "
                                     "SignedHeaders={signed}, Signature={signature}")
        return template.format(credential=KEY_ID + "/" + self.scope(), signed=self.signed,
                               signature=signature)

    def text(self):
        if self.presigned:
            self.presign()
        payload = sha256(self.body.encode())
        canonical, to_sign, signature = self.stages(self.payload or payload)
        if self.refused:  # what the server calculates does not follow the client's payload
            canonical, to_sign, _ = self.stages(payload)
        lines = [self.method + " " + self.target(signature)]
        lines += [name + ":" + value for name, value in self.headers]
        if not self.presigned:
            lines.append("Authorization:" + self.authorization(signature))
        facts = ["=== " + self.title, "service " + self.service]
        if self.token:
            facts.append("token " + self.token)
        if self.secure:
            facts.append("secure")
        if self.refused:
            facts.append("refused")
        return "\n".join(facts + ["--- request"] + lines + ["", self.body,
                         "--- canonical request", canonical, "--- string to sign", to_sign,
                         "--- signature", signature, ""])


GET_ITEM = '{"TableName":"Music","Key":{"Artist":{"S":"No One You Know"}}}'
AMZ = [("Content-Type", "application/x-amz-json-1.0"),
       ("X-Amz-Target", "DynamoDB_20120810.GetItem")]
AMZ_SIGNED = "content-type;host;x-amz-date;x-amz-target"

CASES = [
    Case("a GetItem as an SDK sends it", headers=AMZ, signed=AMZ_SIGNED, body=GET_ITEM,
         host="127.0.0.1:8000"),
    Case("nothing but what must be", method="GET"),
    Case("STS", service="sts", body="Action=GetCallerIdentity&Version=2011-06-15",
         headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
         signed="content-type;host;x-amz-date"),
    Case("IAM, in another region", service="iam", region="cn-north-1",
         body="Action=ListUsers&Version=2010-05-08"),
    Case("a body in UTF-8", body='{"N":"\u1234 \U0001f600"}', headers=AMZ, signed=AMZ_SIGNED),
    # Authorization
    Case("commas without blanks", template="AWS4-HMAC-SHA256 Credential={credential},"
         "SignedHeaders={signed},Signature={signature}"),
    Case("parts in another order, blanks instead of commas",
         template="  AWS4-HMAC-SHA256   Signature={signature}   SignedHeaders={signed}  "
         "Credential={credential}  "),
    Case("slashes after the credential", template="AWS4-HMAC-SHA256 Credential={credential}//, "
         "SignedHeaders={signed}, Signature={signature}"),
    # dates
    Case("a Date header in the basic format", date=("Date", NOW), signed="date;host"),
    Case("a Date header as HTTP has it", date=("Date", "Sun, 30 Aug 2015 12:36:00 GMT"),
         signed="date;host"),
    Case("X-Amz-Date goes before Date", headers=[("Date", "Mon, 01 Jan 2001 00:00:00 GMT")]),
    # headers
    Case("names in any case", headers=[("CONTENT-type", "a/b"), ("x-AMZ-meta", "M")],
         signed="content-type;host;x-amz-date;x-amz-meta"),
    Case("runs of blanks", headers=[("My-Header1", "   a   b   c  "),
                                    ("My-Header2", "  \"a \t  b\"  ")],
         signed="host;my-header1;my-header2;x-amz-date"),
    Case("the same header several times", headers=[("My-Header1", "value2"),
         ("My-Header1", " value2 "), ("my-header1", "value1")],
         signed="host;my-header1;x-amz-date"),
    Case("a value that is a list", headers=[("My-Header1", "4,1,3, 2")],
         signed="host;my-header1;x-amz-date"),
    Case("an empty value, and one of blanks", headers=[("a", ""), ("b", "   ")],
         signed="a;b;host;x-amz-date"),
    Case("a signed header that is not there", signed="connection;host;x-amz-date"),
    Case("signed headers out of order", headers=AMZ,
         signed="x-amz-target;host;x-amz-date;content-type"),
    Case("signed headers named twice and in capitals", signed="Host;host;X-Amz-Date;host"),
    Case("more headers than are signed", headers=[("User-Agent", "x"), ("Accept", "*/*")]),
    Case("a header in Latin and UTF-8", headers=[("My-Header1", "caf\u00e9")],
         signed="host;my-header1;x-amz-date"),
    # session tokens
    Case("a session token", token=TOKEN, signed="host;x-amz-date;x-amz-security-token"),
    Case("a session token that is not signed", token=TOKEN),
    # paths
    Case("an empty path", path="", method="GET"),
    Case("slashes", path="//", method="GET"),
    Case("a dot", path="/./", method="GET"),
    Case("dots inside", path="/./example", method="GET"),
    Case("one up", path="/example/..", method="GET"),
    Case("two up", path="/example1/example2/../..", method="GET"),
    Case("further up than there is", path="/../../example/", method="GET"),
    Case("slashes inside, one at the end", path="//example//path//", method="GET"),
    Case("a dot at the end", path="/a/b/.", method="GET"),
    Case("one up in the middle", path="/a/b/../c", method="GET"),
    Case("a path in UTF-8", path="/\u1234", method="GET"),
    Case("a path that is encoded is encoded again", path="/%E1%88%B4/a%20b", method="GET"),
    Case("a path of all that is unreserved", method="GET",
         path="/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    Case("a path of what is reserved", method="GET", path="/a:b@c!d$e&f'g(h)i*j+k,l;m=n"),
    # queries
    Case("a query", query="Param1=value1", method="GET"),
    Case("parameters out of order", query="Param2=value2&Param1=value1", method="GET"),
    Case("order by name before value", query="foo=Zoo&foo-a=1&foo=aha", method="GET"),
    Case("the same parameter twice", query="Param1=value2&Param1=Value1", method="GET"),
    Case("order is by the encoded text", query="%41=1&%C3%A4=2&~=3&a=4", method="GET"),
    Case("an empty value, a name without one, an empty name",
         query="Param1=&Param2&=x", method="GET"),
    Case("empty pairs", query="&&a=b&&", method="GET"),
    Case("an equal sign in a value", query="a=b=c", method="GET"),
    Case("a plus is a blank", query="a=b+c&d=e%20f&g=h%2Bi", method="GET"),
    Case("triplets in lower case", query="a=%2f%3a%e1%88%b4", method="GET"),
    Case("what need not be encoded is not", query="%41%2D%5F%2E%7E=%61", method="GET"),
    Case("a query in UTF-8", query="\u1234=bar", method="GET"),
    Case("slashes and question marks", query="a=/?b", method="GET"),
    Case("a parameter called like the signature is one as others are", method="GET",
         query="X-Amz-Signature=0a"),
    # payloads
    Case("the payload's hash as a header", body="x", signed="host;x-amz-content-sha256;x-amz-date",
         headers=[("X-Amz-Content-Sha256", sha256(b"x"))]),
    Case("an unsigned payload over TLS", body="x", secure=True, payload="UNSIGNED-PAYLOAD",
         headers=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")],
         signed="host;x-amz-content-sha256;x-amz-date"),
    Case("an unsigned payload without TLS", body="x", refused=True, payload="UNSIGNED-PAYLOAD",
         headers=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")],
         signed="host;x-amz-content-sha256;x-amz-date"),
    Case("a payload's hash that is another's", body="x", refused=True,
         headers=[("X-Amz-Content-Sha256", sha256(b"y"))],
         signed="host;x-amz-content-sha256;x-amz-date"),
    Case("a payload's hash that is another's and signed", body="x", refused=True,
         payload=sha256(b"y"), headers=[("X-Amz-Content-Sha256", sha256(b"y"))],
         signed="host;x-amz-content-sha256;x-amz-date"),
    Case("a payload in chunks", body="x", refused=True, secure=True,
         payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
         headers=[("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")],
         signed="host;x-amz-content-sha256;x-amz-date"),
    # presigned
    Case("presigned", presigned=True, signed="host", method="GET"),
    Case("presigned, the signature first", presigned=True, signed="host", signature_at="begin"),
    Case("presigned, without X-Amz-Expires", presigned=True, signed="host", expires=None),
    Case("presigned, for a week", presigned=True, signed="host", expires="604800"),
    Case("presigned, with a body and headers", presigned=True, headers=AMZ, body=GET_ITEM,
         signed="content-type;host;x-amz-target"),
    Case("presigned, with parameters of its own", presigned=True, signed="host", method="GET",
         service="sts", query="Action=GetCallerIdentity&Version=2011-06-15"),
    Case("presigned, the session token in the query", presigned=True, signed="host", token=TOKEN,
         token_in="query"),
    Case("presigned, the session token in a header", presigned=True, token=TOKEN,
         signed="host;x-amz-security-token"),
    Case("presigned, an unsigned payload without TLS", presigned=True, signed="host", refused=True,
         query="X-Amz-Content-Sha256=UNSIGNED-PAYLOAD", payload="UNSIGNED-PAYLOAD", body="any"),
    Case("presigned, an unsigned payload over TLS", presigned=True, signed="host", secure=True,
         query="X-Amz-Content-Sha256=UNSIGNED-PAYLOAD", payload="UNSIGNED-PAYLOAD", body="any"),
]

if __name__ == "__main__":
    print("# Made by generate.py. Key " + KEY_ID + ", secret " + SECRET + ", now " + NOW + ".")
    print()
    print("\n".join(case.text() for case in CASES), end="")
