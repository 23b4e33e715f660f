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
import bisect
import functools
import hashlib
import itertools
import json
import re
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


# What a seal may say. Its numbers may come from whoever has the agent's key: nothing here may take as long as they are large.
NUMBER_END = 2**53 - 1
LANE = re.compile(r"[a-z2-7]{8}\.[1-9][0-9]{0,14}")
TIME = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
SEAL_MAX = 16 * 1024 * 1024
TEXTS_MAX, CHOICES_MAX, VALUES_MAX = 4, 4096, 16


def refuse(_):
    raise ValueError


def parse(text):
    """JSON as everybody reads it: 1.0 is 1, and NaN is nothing."""
    return json.loads(text, parse_float=lambda t: int(float(t)) if float(t).is_integer() else float(t), parse_constant=refuse)


def is_number(value, least=0, most=NUMBER_END):
    return type(value) is int and least <= value <= most


def is_text(value, pattern=r"(?s).*"):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_time(value):
    return isinstance(value, str) and TIME.fullmatch(value) is not None and time_of(value) is not None


def is_bytes(value, length=None):
    data = base64.b64decode(value, validate=True) if isinstance(value, str) else None
    return data is not None and length in (None, len(data))


def is_key(each):
    return is_text(each["name"], r"[^\s+]+") and is_bytes(each["key"], 32)


def is_certificate(each):
    return is_key(each) and is_time(each["from"]) and is_time(each["to"]) and is_text(each["by"], r"[^\s+]+") and is_bytes(each["sig"])


def is_moved(each):
    texts = [each["input"], each["stream"], each["output"], each.get("source", ""), each.get("index", "")]
    lane = f"{each['lane']}.{each['epoch']}" if is_number(each["epoch"], 1) else ""
    span = is_number(each["first"]) and is_number(each["next"]) and each["first"] <= each["next"]
    return all(map(is_text, texts)) and LANE.fullmatch(lane) and span


def is_range(each, most=NUMBER_END):
    if not (is_text(each["lane"], LANE) and is_number(each["first"]) and is_number(each["count"], 1, most)):
        return False
    return each["first"] + each["count"] <= NUMBER_END


def is_piece(each):
    if not is_range(each, 1024) or each["first"] % 1024 + each["count"] > 1024:
        return False
    leaves = (each["first"] + each["count"] - 1) // 16 - each["first"] // 16 + 1
    events = "events" not in each or is_bytes(each["events"], 8 * each["count"])
    return is_bytes(each["sum"], 32) and is_bytes(each["leaves"], 8 * leaves) and events


def is_tail(each):
    return is_text(each["lane"], LANE) and is_number(each["from"]) and is_number(each["to"]) and each["from"] <= each["to"]


def are_books(books):
    counts = [books.get(name, {}) for name in ("delivered", "filtered", "quarantined", "dropped", "lost_bytes")]
    totals = [books[name] for name in ("received", "made", "replayed", "in_flight")]
    return all(map(is_number, totals)) and all(map(is_number, itertools.chain(*(each.values() for each in counts))))


def read_seal(body):
    """The seal with this body. Raises an error for what is none."""
    seal = parse(body) if len(body) <= SEAL_MAX else None
    why = ("start", "interval", "size", "stop", "reload", "key")
    ends = {}
    for each in seal.get("lanes", []):
        lane = f"{each['lane']}.{each['epoch']}"
        ends[lane] = max(ends.get(lane, 0), each["next"])
    parts = [
        is_number(seal["v"], 1, 1) and is_text(seal["agent"], r"[^\n]+") and is_text(seal["chain"], r"[0-9a-f]{16}"),
        is_number(seal["seal"]) and is_time(seal["from"]) and is_time(seal["to"]) and seal["why"] in why,
        seal["prev"] == "" or is_bytes(seal["prev"], 32),
        is_text(seal.get("config", "")) and is_text(seal.get("version", "")) and is_key(seal["key"]),
        "keys" not in seal or (is_key(seal["keys"][0]) and all(map(is_certificate, seal["keys"][1:]))),
        "books" not in seal or are_books(seal["books"]),
        all(map(is_moved, seal.get("lanes", []))) and all(map(is_tail, seal.get("tails", []))),
        all(is_range(each) and is_text(each["reason"]) for each in seal.get("holes", [])),
        all(each["first"] + each["count"] <= ends.get(each["lane"], 0) for each in seal.get("holes", [])),
        all(map(is_piece, seal.get("blocks", []))),
    ]
    if not all(parts):
        raise ValueError
    return seal


class Numbers:
    """Numbers as ranges, each of which costs the same however long it is."""

    def __init__(self, ranges):
        self.starts, self.ends = [], []
        for start, end in sorted(ranges):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def __contains__(self, number):
        at = bisect.bisect_right(self.starts, number) - 1
        return at >= 0 and number < self.ends[at]


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
                value = parse(line)
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
    trusted, certificates, open_keys, known_roots = {}, {}, [], set()
    for seal, body, signature in seals:
        if not signature or not seal.get("keys"):
            continue
        root, *others = seal["keys"]
        key = base64.b64decode(root["key"])
        known = (seal["agent"], root["name"], root["key"], None)
        if known not in known_roots and "SHA256:" + base64.b64encode(sha256(key)).decode().rstrip("=") in roots:
            known_roots.add(known)
            open_keys.append(known)
        for each in others:
            by = (seal["agent"], each["by"], base64.b64decode(each["sig"])[:4])
            certificates.setdefault(by, {})[json.dumps(each)] = each
    for agent, name, key, end in open_keys:
        by = (agent, name, sha256(name.encode(), b"\n\x01", base64.b64decode(key))[:4])
        for each in certificates.get(by, {}).values():
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
    if not (signature or "").startswith(start) or time_of(seal["to"]) < time_of(seal["from"]):
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
        if number == 0 and seal["prev"] != "":
            find("SEAL ALTERED", agent, number)
        if held and held[-1][0]["seal"] == number - 1:
            before, before_body = held[-1]
            if seal["prev"] != base64.b64encode(sha256(before_body.encode())).decode() or time_of(seal["to"]) < time_of(before["to"]):
                find("SEAL ALTERED", agent, number)
        held.append((seal, body))
    return [seal for seal, _ in held], is_broken


def frame(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data


def values_of(value):
    values = [] if value in (None, "") else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(str(each) for each in values[:VALUES_MAX]))


def first_of(value):
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) and value else None


def places_of(event):
    """The places that the three fields may mean, of which each may have several values; None where there are no such fields."""
    fields = [values_of(event.get(name)) for name in ("tally_lane", "tally_block", "tally_i")]
    places = []
    for lane, block, at in itertools.product(*fields):
        if not (LANE.fullmatch(lane) and is_text(block, "[0-9]{1,13}") and is_text(at, "[0-9]{1,13}")):
            continue
        number = 1024 * int(block) + int(at)
        if int(at) < 1024 and number < NUMBER_END and len(places) < VALUES_MAX:
            places.append((lane, number))
    return places if any(fields) else None


def moment_of(event):
    """The time of an event in seconds, if it has one."""
    try:
        return float(event.get("_time"))
    except (TypeError, ValueError):
        return time_of(event["_time"]).timestamp() if is_text(event.get("_time"), r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)") else None


def judge_piece(piece, texts, optional, holes):
    """Missing and altered numbers of a piece; and numbers of which the right text is known."""
    first, end = piece["first"], piece["first"] + piece["count"]
    leaves, events = base64.b64decode(piece["leaves"]), base64.b64decode(piece.get("events", ""))
    missing, altered, known, digests, start = [], [], {}, [], first
    while start < end:
        stop = min((start // 16 + 1) * 16, end)
        numbers, at = range(start, stop), 8 * len(digests)
        absent = [number for number in numbers if number not in texts and number not in holes]
        missing += [number for number in absent if number not in optional]
        digest = None
        if not absent and not any(number in holes for number in numbers):
            choices = itertools.product(*(texts[number] for number in reversed(numbers)))
            for choice in itertools.islice(choices, CHOICES_MAX):
                choice = choice[::-1]
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
    chains, seals, placed, repeats, foreign, impossible = {}, [], [], 0, 0, 0
    for event in events:
        if not isinstance(event.get("_raw"), str):
            obstacles += ["an event without _raw"] if "tally_lane" in event else []
            continue
        # Half a pair of UTF-16 stands for no character.
        raw = event["_raw"].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        signature, possible = first_of(event.get("tally_sig")), places_of(event)
        is_seal = signature is not None or first_of(event.get("sourcetype")) == "tallyman:seal"
        if possible:
            placed.append((possible, raw, event))
        elif not is_seal and possible is None:
            foreign += 1
        elif not is_seal:
            impossible += 1
        if is_seal:
            try:
                found = (read_seal(raw), raw, signature)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                find("SEAL ALTERED", "", 0)
                continue
            rivals = chains.setdefault((found[0]["agent"], found[0]["chain"]), {}).setdefault(found[0]["seal"], [])
            repeats += found in rivals
            if found not in rivals:
                rivals.append(found)
                seals.append(found)
    trusted = trusted_keys(seals, roots)
    pieces, about, tails, holes, broken, ends = {}, {}, {}, {}, False, []
    for (agent, _), by_number in chains.items():
        held, is_broken = judge_chain(agent, by_number, trusted)
        broken = broken or is_broken
        ends += [time_of(held[-1]["to"]).timestamp()] if held else []
        for seal in held:
            for each in seal.get("lanes", []):
                about[f"{each['lane']}.{each['epoch']}"] = each
            for each in seal.get("blocks", []):
                pieces.setdefault(each["lane"], []).append(each)
            for each in seal.get("tails", []):
                tails.setdefault(each["lane"], []).append((each["from"], each["to"]))
            for each in seal.get("holes", []):
                holes.setdefault(each["lane"], []).append((each["first"], each["first"] + each["count"]))
    if not ends:
        return {"verdict": "undecided", "findings": findings}
    tails, holes = ({lane: Numbers(of) for lane, of in each.items()} for each in (tails, holes))
    covered_of = {lane: {n for each in of for n in range(each["first"], each["first"] + each["count"])} for lane, of in pieces.items()}
    places, indexes, moments = {}, {}, {}
    for possible, raw, event in placed:
        sealed = [(lane, n) for lane, n in possible if n in covered_of.get(lane, ()) and n not in holes.get(lane, ())]
        lane, number = (sealed or possible)[0]
        texts = places.setdefault(lane, {}).setdefault(number, [])
        repeats += raw in texts
        if raw not in texts and len(texts) < TEXTS_MAX:
            texts.append(raw)
        indexes.setdefault((lane, first_of(event.get("index"))), []).append(number)
        moment = moment_of(event)
        if moment is not None:
            moments[lane] = min(moment, moments.get(lane, moment))
    for lane in {*pieces, *places}:
        texts, gone, tail = places.get(lane, {}), holes.get(lane, ()), tails.get(lane, ())
        missing, altered, known = [], [], {}
        for piece in pieces.get(lane, []):
            for total, more in zip((missing, altered), judged := judge_piece(piece, texts, tail, gone)):
                total += more
            known.update(judged[2])
        find_numbers("MISSING", lane, missing)
        find_numbers("ALTERED", lane, altered)
        covered = covered_of.get(lane, set())
        find_numbers("ALTERED", lane, [n for n in texts if len(texts[n]) > 1 and n in covered and n not in gone])
        loose, end = [n for n in texts if n not in covered and n not in gone], max(covered, default=-1) + 1
        named = {*pieces, *about, *tails, *holes}
        is_known, is_young = lane in named, moments.get(lane, float("-inf")) >= min(ends) - 300
        kin = any(name.split(".")[0] == lane.split(".")[0] for name in named)
        if is_known:
            find_numbers("UNSEALED TAIL", lane, [n for n in loose if n >= end or broken])
            find_numbers("UNKNOWN", lane, [n for n in loose if n < end and not broken])
        elif loose:
            find("UNSEALED TAIL" if kin or broken or is_young else "UNKNOWN", lane, min(loose), len(loose))
    for (lane, index), numbers in indexes.items():
        expected = about.get(lane, {}).get("index") or "*"
        if index and expected != "*" and index != expected:
            find_numbers("MOVED", lane, numbers)
    if impossible:
        find("UNKNOWN", "", 0, impossible)
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
