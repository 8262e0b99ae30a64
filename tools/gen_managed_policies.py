#!/usr/bin/env python3
"""Makes the table of iam/managed_policies.h from the files of src/iam/managed_policies/.

    gen_managed_policies.py <out.c> <policy.json>...

Each file has the members of IAM's data types Policy and PolicyVersion. A policy whose unique id is
not known gets one that is made of its name.
"""

import base64
import calendar
import hashlib
import json
import pathlib
import sys
import time

UNIQUE_ID_BYTES = 21


def milliseconds(date):
    return calendar.timegm(time.strptime(date, "%Y-%m-%dT%H:%M:%SZ")) * 1000


def made_id(name):
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()
    return ("ANPA" + digest)[:UNIQUE_ID_BYTES]


def literal(text):
    return "SLICE_INIT(%s)" % json.dumps(text)


def array(text):
    data = ["0x%02x," % byte for byte in text.encode()]
    return "\n".join("    " + " ".join(data[i:i + 16]) for i in range(0, len(data), 16))


def main():
    out, *files = sys.argv[1:]
    policies = [json.loads(pathlib.Path(file).read_text()) for file in sorted(files)]
    lines = ["/* Made by tools/gen_managed_policies.py. */", "", '#include "iam/managed_policies.h"', ""]
    for number, policy in enumerate(policies):
        document = json.dumps(policy["Document"], indent=2)
        lines += ["static const uint8_t document_%d[] = {" % number, array(document), "};"]
    lines += ["", "const struct iam_managed_policy iam_managed_policies[] = {"]
    for number, policy in enumerate(policies):
        lines += [
            "    {",
            "        .name = %s," % literal(policy["PolicyName"]),
            "        .path = %s," % literal(policy["Path"]),
            "        .id = %s," % literal(policy.get("PolicyId") or made_id(policy["PolicyName"])),
            "        .description = %s," % literal(policy["Description"]),
            "        .document = {document_%d, sizeof(document_%d)}," % (number, number),
            "        .version = %s," % policy["VersionId"].removeprefix("v"),
            "        .created_ms = %dLL," % milliseconds(policy["CreateDate"]),
            "        .updated_ms = %dLL," % milliseconds(policy["UpdateDate"]),
            "    },",
        ]
    lines += ["};", "const size_t iam_managed_policy_count =",
              "    sizeof(iam_managed_policies) / sizeof(iam_managed_policies[0]);", ""]
    target = pathlib.Path(out)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
