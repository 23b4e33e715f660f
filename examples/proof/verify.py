#!/usr/bin/env python3
"""A second verifier of tallyman's proof, written from docs/formats/proof.md alone, with nothing but Python's standard library.

    python3 verify.py --root SHA256:... [--strict] export.json ...
    python3 verify.py --batch

It reads Splunk's export as JSON lines, prints what it finds as JSON, and ends with 0 (clean), 1 (findings) or 2 (undecided). With
--batch it answers each line of standard input, {"roots": [...], "strict": false, "files": [...]}, with a line, so that many are checked
without a start for each.

It is for checking tallyman's own verifier, and does less: it holds the whole export in memory; it does not look for where a
moved event belongs (that is ALTERED or MISSING here); it reads no CSV, no compressed files and no archives; it knows neither
--retained-from nor --until nor --json-equal; its arithmetic is slow, and not safe for secrets, of which it has none.
"""
import argparse
import base64
import functools
import hashlib
import itertools
import json
import struct
import sys
from datetime import datetime

# Ed25519 (RFC 8032, 5.1), verification alone. Points are (X, Y, Z, T).
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verifies(key, message, signature):
    a, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


@functools.lru_cache(maxsize=100_000)
def is_signed(text, signature, name, key):
    try:
        data = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    if base64.b64encode(data).decode() != signature or len(data) != 68:
        return False
    return data[:4] == sha256(name.encode(), b"\n\x01", key)[:4] and verifies(key, text.encode(), data[4:])


def time_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


findings = []


def find(kind, where, first, count=1):
    findings.append({"class": kind, "where": where, "first": first, "count": count})


def find_numbers(kind, lane, numbers):
    """Ranges of numbers."""
    for _, group in itertools.groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        find(kind, lane, run[0], len(run))


def read(files):
    """The events of the export, and what is wrong with the files."""
    events, obstacles = [], []
    for name in files:
        is_ended = False
        for line in open(name, encoding="utf-8", newline="\n"):
            try:
                value = json.loads(line)
            except ValueError:
                obstacles.append(name)
                continue
            if any(each.get("type") in ("FATAL", "ERROR", "WARN") for each in value.get("messages", [])):
                obstacles.append(name)
            if value.get("preview"):
                continue
            is_ended = is_ended or value.get("lastrow", False)
            if "result" in value:
                events.append(value["result"])
        if not is_ended:
            obstacles.append(name)
    return events, obstacles


def trusted_keys(seals, roots):
    """(agent, name, key) to periods, from the roots on."""
    trusted, certificates, open_keys = {}, {}, []
    for seal, body, signature in seals:
        if not signature or not seal.get("keys"):
            continue
        root, *others = seal["keys"]
        key = base64.b64decode(root["key"])
        if "SHA256:" + base64.b64encode(sha256(key)).decode().rstrip("=") in roots:
            open_keys.append((seal["agent"], root["name"], root["key"], None))
        for each in others:
            certificates.setdefault((seal["agent"], each["by"]), {})[json.dumps(each)] = each
    for agent, name, key, end in open_keys:
        for each in certificates.get((agent, name), {}).values():
            lines = ["tallyman key certificate v1", agent, each["name"], each["key"], each["from"], each["to"]]
            period, known = (time_of(each["from"]), time_of(each["to"])), (agent, each["name"], each["key"])
            if period in trusted.get(known, []) or (end and period[0] < end):
                continue
            if is_signed("\n".join(lines) + "\n", each["sig"], name, base64.b64decode(key)):
                trusted.setdefault(known, []).append(period)
                open_keys.append((*known, period[1]))
    return trusted


def holds(seal, body, signature, trusted):
    name, key = seal["key"]["name"], seal["key"]["key"]
    start = f"— {name} "
    if not (signature or "").startswith(start):
        return False
    periods = trusted.get((seal["agent"], name, key), [])
    if not any(begin <= time_of(seal["to"]) < end for begin, end in periods):
        return False
    return is_signed(body + "\n", signature[len(start):], name, base64.b64decode(key))


def judge_chain(agent, by_number, trusted):
    """The seals of a chain that hold, and whether any between them do not."""
    held, gaps, is_broken, following = [], [], False, 0
    for number in sorted(by_number):
        if number > following:
            gaps.append((following, number - following))
        following = number + 1
        rivals = [each for each in by_number[number] if holds(*each, trusted)]
        for _ in range(len(by_number[number]) - len(rivals) + (len(rivals) > 1)):
            find("SEAL ALTERED", agent, number)
        if not rivals:
            is_broken = True
            continue
        for gap in gaps:
            find("SEAL MISSING", agent, *gap)
        is_broken, gaps = is_broken or bool(gaps), []
        after = [seal["prev"] for seal, _, _ in by_number.get(number + 1, [])]
        seal, body, _ = next((each for each in rivals if base64.b64encode(sha256(each[1].encode())).decode() in after), rivals[0])
        if held and held[-1][0]["seal"] == number - 1:
            before, before_body = held[-1]
            if seal["prev"] != base64.b64encode(sha256(before_body.encode())).decode() or time_of(seal["to"]) < time_of(before["to"]):
                find("SEAL ALTERED", agent, number)
        held.append((seal, body))
    return [seal for seal, _ in held], is_broken


def frame(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data


def judge_piece(piece, texts, optional, holes):
    """Missing and altered numbers of a piece; and numbers of which the right text is known."""
    first, end = piece["first"], piece["first"] + piece["count"]
    leaves, events = base64.b64decode(piece["leaves"]), base64.b64decode(piece.get("events", ""))
    missing, altered, known, digests, start = [], [], {}, [], first
    while start < end:
        stop = min((start // 16 + 1) * 16, end)
        numbers, at = range(start, stop), 8 * len(digests)
        absent = [number for number in numbers if number not in texts and number not in holes]
        missing += [number for number in absent if not optional(number)]
        digest = None
        if not absent and not any(number in holes for number in numbers):
            for choice in itertools.product(*(texts[number] for number in numbers)):
                digest = sha256(b"\0", *(frame(text) for text in choice))
                if digest[:8] == leaves[at:at + 8]:
                    known.update(zip(numbers, choice))
                    break
                digest = None
        digests.append(digest)
        for number in numbers if digest is None and events else ():
            locator = events[8 * (number - first):8 * (number - first) + 8]
            right = [text for text in texts.get(number, []) if sha256(frame(text))[:8] == locator]
            known.update({number: text for text in right})
            if number in texts and number not in holes and not right:
                altered.append(number)
        if digest is None and not events and not absent and not any(number in holes for number in numbers):
            altered += numbers
        start = stop
    if None not in digests and sha256(b"\1", *digests) != base64.b64decode(piece["sum"]):
        altered += range(first, end)
    return missing, altered, known


def check(roots, is_strict, files):
    """The verdict on an export, and what was found in it."""
    findings.clear()
    events, obstacles = read(files)
    chains, seals, repeats, foreign, places, indexes = {}, [], 0, 0, {}, {}
    for event in events:
        if "tally_sig" in event or event.get("sourcetype") == "tallyman:seal":
            try:
                found = (json.loads(event["_raw"]), event["_raw"], event.get("tally_sig"))
                if found[0]["v"] != 1:
                    raise ValueError
                rivals = chains.setdefault((found[0]["agent"], found[0]["chain"]), {}).setdefault(found[0]["seal"], [])
            except (ValueError, KeyError, TypeError):
                find("SEAL ALTERED", "", 0)
                continue
            repeats += found in rivals
            if found not in rivals:
                rivals.append(found)
                seals.append(found)
        elif "tally_lane" in event:
            lane, number = event["tally_lane"], 1024 * int(event["tally_block"]) + int(event["tally_i"])
            texts = places.setdefault(lane, {}).setdefault(number, [])
            repeats += event["_raw"] in texts
            if event["_raw"] not in texts:
                texts.append(event["_raw"])
            indexes.setdefault((lane, event.get("index")), []).append(number)
        else:
            foreign += 1
    trusted = trusted_keys(seals, roots)
    pieces, about, optional, holes, broken = {}, {}, {}, {}, False
    is_any = False
    for (agent, _), by_number in chains.items():
        held, is_broken = judge_chain(agent, by_number, trusted)
        broken, is_any = broken or is_broken, is_any or bool(held)
        for seal in held:
            for each in seal.get("lanes", []):
                about[f"{each['lane']}.{each['epoch']}"] = each
            for each in seal.get("blocks", []):
                pieces.setdefault(each["lane"], []).append(each)
            for each in seal.get("tails", []):
                optional.setdefault(each["lane"], []).append(each)
            for each in seal.get("holes", []):
                holes.setdefault(each["lane"], set()).update(range(each["first"], each["first"] + each["count"]))
    if not is_any:
        return {"verdict": "undecided", "findings": findings}
    for lane in {*pieces, *places}:
        texts, gone = places.get(lane, {}), holes.get(lane, set())
        tail = lambda number: any(each["from"] <= number < each["to"] for each in optional.get(lane, []))
        missing, altered, known = [], [], {}
        for piece in pieces.get(lane, []):
            for total, more in zip((missing, altered), judged := judge_piece(piece, texts, tail, gone)):
                total += more
            known.update(judged[2])
        find_numbers("MISSING", lane, missing)
        find_numbers("ALTERED", lane, altered)
        covered = {n for piece in pieces.get(lane, []) for n in range(piece["first"], piece["first"] + piece["count"])}
        find_numbers("ALTERED", lane, [n for n in texts if len(texts[n]) > 1 and n in covered and n not in gone])
        loose, end = [n for n in texts if n not in covered and n not in gone], max(covered, default=-1) + 1
        is_known = lane in pieces or lane in about
        kin = any(name.split(".")[0] == lane.split(".")[0] for name in {*pieces, *about})
        if is_known:
            find_numbers("UNSEALED TAIL", lane, [n for n in loose if n >= end or broken])
            find_numbers("UNKNOWN", lane, [n for n in loose if n < end and not broken])
        elif loose:
            find("UNSEALED TAIL" if kin or broken else "UNKNOWN", lane, min(loose), len(loose))
    for (lane, index), numbers in indexes.items():
        expected = about.get(lane, {}).get("index") or "*"
        if index and expected != "*" and index != expected:
            find_numbers("MOVED", lane, numbers)
    if is_strict and (repeats or foreign):
        find("DUPLICATE" if repeats else "UNKNOWN", "", 0, repeats + foreign)
    notes = set() if is_strict else {"UNSEALED TAIL"}
    is_clean = all(each["class"] in notes for each in findings)
    verdict = "undecided" if obstacles else "clean" if is_clean else "findings"
    return {"verdict": verdict, "findings": findings}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--batch", action="store_true")
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    if asked.batch:
        for line in sys.stdin:
            each = json.loads(line)
            print(json.dumps(check(each["roots"], each["strict"], each["files"])), flush=True)
        return 0
    if not asked.root or not asked.files:
        parser.error("a --root and files of an export are needed")
    found = check(asked.root, asked.strict, asked.files)
    print(json.dumps(found))
    return {"clean": 0, "findings": 1, "undecided": 2}[found["verdict"]]


if __name__ == "__main__":
    sys.exit(main())
