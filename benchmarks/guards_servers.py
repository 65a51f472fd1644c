"""Guards of ``benchmarks.guards_others`` against servers: rows of the same form."""

Row = tuple[str, str, str, str]

_HOSTILE = "tests/test_vlm_server_hostile.py"
_GONE = "tests/test_server_gone.py"
_REFUSED = "tests/test_vlm_server_refusals.py"
SERVERS: tuple[Row, ...] = (
    (
        "vlm/server/bounded.py",
        "piece = inflater.decompress(piece, MOST_BYTES + 1)",
        "piece = inflater.decompress(piece)",
        _HOSTILE,
    ),
    (
        "vlm/server/bounded.py",
        "pool._network_backend = _Network(pool._network_backend, self._clock)",
        "pass",
        _HOSTILE,
    ),
    ("vlm/server/bounded.py", "follow_redirects=False", "follow_redirects=True", _HOSTILE),
    (
        "vlm/server/client.py",
        'text.replace(self._secret, "***") if self._secret else text',
        "text",
        "tests/test_planted_key.py",
    ),
    (
        "vlm/server/client.py",
        "return whole_text(self._clean(value))",
        "return whole_text(value)",
        _HOSTILE,
    ),
    (
        "vlm/server/client.py",
        "return whole_text(self._clean(value))",
        "return self._clean(value)",
        _HOSTILE,
    ),
    (
        "vlm/server/words.py",
        "0 < len(found) <= LONGEST_NAME and found.isprintable()",
        "len(found) > 0",
        _HOSTILE,
    ),
    (
        "vlm/server/words.py",
        'return " ".join("".join(c if c.isprintable() else " " for c in text).split())',
        "return text",
        _HOSTILE,
    ),
    (
        "vlm/server/client.py",
        "return min(longest, max(asked, wait_random_exponential(0.5, max=longest)(state)))",
        "return max(asked, wait_random_exponential(0.5, max=longest)(state))",
        _HOSTILE,
    ),
    (
        "vlm/server/client.py",
        "kind = _AwayError if status in GATEWAY else _PassingError",
        "kind = _PassingError",
        f"{_GONE}::test_a_g",
    ),
    ("vlm/server/client.py", "if away and self._is_there():", "if False:", f"{_GONE}::test_q"),
    ("vlm/server/silence.py", "SILENT = 12", "SILENT = 10**9", f"{_GONE}::test_a_server_that_h"),
    ("vlm/server/silence.py", "self.tries, self.final = 0, False", "pass", f"{_REFUSED}::test_sil"),
    (
        "vlm/server/values.py",
        "min(0.0, found) if found <= ROUNDING else None",
        "found",
        _HOSTILE,
    ),
    (
        "vlm/server/decisions.py",
        "not all(0 <= p <= 1.001 for p in row) or not 0 < mass <= 1.001",
        "False",
        f"{_REFUSED}::test_chances",
    ),
    (
        "vlm/server/letters.py",
        "return found if len(found) == len(told) else []",
        "return found",
        f"{_HOSTILE}::test_log_prob",
    ),
    (
        "vlm/server/talk.py",
        "if logprob is None or math.isinf(logprob):",
        "if logprob is None:",
        f"{_REFUSED}::test_the_chance",
    ),
    ("vlm/server/values.py", "whole and 0 <= value < MOST", "whole", f"{_REFUSED}::test_a_number"),
)
