"""squad.py: predictions scored by SQuAD's own functions, as transformers keeps them; writes squad.json beside itself."""
import json
import pathlib

import transformers
from transformers.data.metrics.squad_metrics import compute_exact, compute_f1, normalize_answer

PAIRS = [
    ("the red garden", ["The Red Garden"]), ("Red Garden,", ["The Red Garden", "garden"]), ("a an the", ["the a"]), ("1,234 metres", ["1234 metres"]),
    ("", []), ("something", []), ("", ["an answer"]), ("in the year 1889", ["1889"]), ("Élan vital", ["élan  vital"]), ("the\u00a0prism", ["prism"]),
    ("rays of rays", ["rays of light rays"]), ("thé theory a-b", ["theory ab"]), ("a the an apple", ["apple"]), ("“the” light", ["light"]), ("!", ["?"]),
    ("the the cat", ["cat", "dog"]), ("x", ["the"]), ("A", ["a"]), ("the_cat", ["cat"]),
]


def score(prediction, answers):
    kept = [a for a in answers if normalize_answer(a)] or [""]
    return max(compute_exact(a, prediction) for a in kept) * 100, max(compute_f1(a, prediction) for a in kept) * 100


cases = [dict(prediction=p, answers=a, exact=score(p, a)[0], f1=score(p, a)[1], even=normalize_answer(p)) for p, a in PAIRS]
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(dict(version="transformers " + transformers.__version__, cases=cases)) + "\n")
