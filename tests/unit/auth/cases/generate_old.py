#!/usr/bin/env python3
"""Writes aws3.cases and signature_v2.cases: requests signed in the two older ways, what was signed
and the signature.

Requests marked so were recorded from aws2js 0.8.3; their signatures are checked here, not made. The
others are made with Python's own hmac and urllib.

    python3 tests/unit/auth/cases/generate_old.py tests/unit/auth/cases
"""
import base64
import hashlib
import hmac
import pathlib
import sys
from urllib.parse import parse_qsl, quote

KEY_ID = "AKIDEXAMPLE"
SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2Vj//////////wEaDGV4YW1wbGUtcmVnaW9u+token=="
DATE = "Sat, 28 Nov 2026 22:55:10 GMT"
STAMP = "2026-11-28T22:55:10"


def mac(text, algorithm="sha256"):
    return base64.b64encode(hmac.new(SECRET, text, algorithm).digest()).decode()


def block(title, facts, request, to_sign, signature):
    return "\n".join(["=== " + title] + facts + ["--- request", request, "--- string to sign",
                     to_sign, "--- signature", signature, "", ""])


def aws3(title, headers, body="{}", signed=None, host=None, prefix="AWS3", token=None,
         recorded=None, region="us-east-1", secure=False, joint=", ", date=DATE, query=""):
    """host: what is signed, where that is not what is sent."""
    names = signed.lower().split(";") if signed else [
        name.lower() for name, _ in headers
        if name.lower() in ("date", "host") or name.lower().startswith("x-amz-")]
    lines = []
    for name in sorted(set(names)):
        value = ",".join(value.strip() for other, value in headers if other.lower() == name)
        lines.append(name + ":" + (host if host and name == "host" else value) + "\n")
    to_sign = "POST\n/\n" + query + "\n" + "".join(lines) + "\n" + body
    signature = mac(hashlib.sha256(to_sign.encode()).digest())
    if prefix == "AWS3-HTTPS":
        to_sign, signature = date, mac(date.encode())
    assert recorded in (None, signature), title
    parts = ["AWSAccessKeyId=" + KEY_ID, "Algorithm=HmacSHA256"]
    if signed:
        parts.append("SignedHeaders=" + signed)
    parts.append("Signature=" + signature)
    sent = headers + [("x-amzn-authorization", prefix + " " + joint.join(parts))]
    facts = ["region " + region] + (["token " + token] if token else [])
    facts += ["secure"] if secure else []
    request = "\n".join(["POST /" + ("?" + query if query else "")] +
                        [name + ":" + value for name, value in sent] + ["", body])
    return block(title, facts, request, to_sign, signature)


def v2(title, pairs, host, signed_host=None, method="POST", recorded=None, service="sts",
       algorithm="sha256", as_sent=None, path="/", query_pairs=()):
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~"))
                     for name, value in list(pairs) + list(query_pairs) if name != "Signature")
    to_sign = "\n".join([method, signed_host or host.lower(), path,
                         "&".join(name + "=" + value for name, value in encoded)])
    signature = mac(to_sign.encode(), algorithm)
    assert recorded in (None, signature), title
    body = as_sent or "&".join(quote(name, safe="-_.~") + "=" + quote(value, safe="-_.~")
                               for name, value in list(pairs) + [("Signature", signature)])
    target = path
    if query_pairs:
        target += "?" + "&".join(name + "=" + quote(value) for name, value in query_pairs)
    lines = [method + " " + (target + "?" + body if method == "GET" else target), "Host:" + host]
    if method == "POST":
        lines.append("content-type:application/x-www-form-urlencoded; charset=utf-8")
    request = "\n".join(lines + ["", "" if method == "GET" else body])
    return block(title, ["service " + service], request, to_sign, signature)


def aws2js_headers(target):
    return [("host", "dynamodb.us-east-1.amazonaws.com"), ("date", DATE),
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "DynamoDB_20111205." + target), ("x-amz-security-token", TOKEN)]


def boto_headers(host, date=DATE):
    return [("Host", host), ("X-Amz-Date", date), ("X-Amz-Target", "DynamoDB_20111205.ListTables")]


BOTO_SIGNED = "Host;X-Amz-Date;X-Amz-Target"

AWS3_CASES = [
    aws3("recorded from aws2js: ListTables", aws2js_headers("ListTables"), token=TOKEN,
         recorded="UgioSpggYrmqk5yd5B4WdZzP0YsznnpcIRP8v3Y3rwo="),
    aws3("recorded from aws2js: PutItem in UTF-8", aws2js_headers("PutItem"), token=TOKEN,
         body='{"TableName":"Musik","Item":{"n":{"S":"K\u00e4se \u1234"}}}',
         recorded="ScAcLdq33uIIVh40cwtmXeppVGoeXEc4Oc0bo6GYreE="),
    aws3("signed headers named, as boto does", boto_headers("dynamodb.eu-west-1.amazonaws.com"),
         signed=BOTO_SIGNED, joint=",", region="eu-west-1"),
    aws3("a host that is no region", boto_headers("127.0.0.1:8443"), signed=BOTO_SIGNED),
    aws3("a host whose port is not signed", boto_headers("127.0.0.1:8443"), signed=BOTO_SIGNED,
         host="127.0.0.1"),
    aws3("a date in the basic format", boto_headers("localhost", "20261128T225510Z"),
         signed=BOTO_SIGNED),
    aws3("a query", boto_headers("localhost"), signed=BOTO_SIGNED, query="a=b"),
    aws3("the date alone, over TLS", [("Host", "localhost"), ("Date", DATE)],
         prefix="AWS3-HTTPS", secure=True),
]

RECORDED = [
    ("DurationSeconds=3600&Action=GetSessionToken&Timestamp=2026-11-28T22%3A55%3A10.033Z"
     "&AWSAccessKeyId=AKIDEXAMPLE&Signature=k5GT7AnqHBXz95C60AHwpVh0nPkRCq7zNEj4P5%2B2VrI%3D"),
    ("Name=a%20(b)*!'~%20%C3%A9%2B&Policy=%7B%22a%22%3A%22b%20c%22%7D&Action=GetFederationToken"
     "&Timestamp=2026-11-28T22%3A55%3A10.045Z"
     "&AWSAccessKeyId=AKIDEXAMPLE&Signature=dC6PcCanKxdtzhbZxlWFSeVA2QyHPNYqkaDXj2iLlMI%3D"),
]


def recorded_v2(title, text):
    text = "Version=2011-06-15&SignatureMethod=HmacSHA256&SignatureVersion=2&" + text
    pairs = parse_qsl(text)
    return v2(title, pairs, "127.0.0.1:46193", signed_host="sts.amazonaws.com", as_sent=text,
              recorded=dict(pairs)["Signature"])


def query_of(action, method="HmacSHA256", date="Timestamp", **more):
    pairs = {"Action": action, "AWSAccessKeyId": KEY_ID, "SignatureMethod": method,
             "SignatureVersion": "2", "Version": "2011-06-15", date: STAMP + "Z"}
    return list({**pairs, **more}.items())


V2_CASES = [
    recorded_v2("recorded from aws2js: GetSessionToken", RECORDED[0]),
    recorded_v2("recorded from aws2js: what is reserved and UTF-8", RECORDED[1]),
    v2("a host in capitals", query_of("GetCallerIdentity"), "LocalHost:8000"),
    v2("a host whose port is not signed", query_of("GetCallerIdentity"), "localhost:8000",
       signed_host="localhost"),
    v2("in the query", query_of("GetCallerIdentity"), "localhost:8000", method="GET"),
    v2("in body and query", query_of("GetCallerIdentity"), "localhost",
       query_pairs=[("Version", "2011-06-15"), ("b", "c d")]),
    v2("SHA-1", query_of("GetCallerIdentity", method="HmacSHA1"), "localhost", algorithm="sha1"),
    v2("IAM, signed for its own name", query_of("ListUsers", Version="2010-05-08"),
       "localhost:8000", signed_host="iam.amazonaws.com", service="iam"),
    v2("Expires", query_of("GetCallerIdentity", date="Expires"), "localhost"),
    v2("a date without its Z", query_of("GetCallerIdentity", Timestamp=STAMP), "localhost"),
    v2("a session token", query_of("GetCallerIdentity", SecurityToken=TOKEN), "localhost"),
    v2("sorted by bytes, not letters", query_of("AssumeRole", a="1", B="2", _c="3"), "localhost"),
]

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    head = f"# Made by generate_old.py. Key {KEY_ID}, secret {SECRET.decode()}, now {STAMP}Z.\n\n"
    for name, cases in (("aws3", AWS3_CASES), ("signature_v2", V2_CASES)):
        (folder / (name + ".cases")).write_text(head + "".join(cases), encoding="utf-8")
