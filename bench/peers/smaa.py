"""scikit-criteria: TOPSIS of the same alternatives, draw by draw. Runs in a venv of its own."""

import json
import sys
import time
import warnings

import numpy as np
import skcriteria
from skcriteria.agg.similarity import TOPSIS

warnings.simplefilter("ignore")


def main():
    work = json.load(sys.stdin)
    with np.load(work["path"]) as held:
        values, draws = held["values"], held["draws"][: work["draws"]]
    method, first = TOPSIS(), []
    start = time.perf_counter()
    for weights in draws:
        matrix = skcriteria.mkdm(values, [max] * values.shape[1], weights=weights)
        first.append(int(np.argmax(method.evaluate(matrix).e_.similarity)))
    took = (time.perf_counter() - start) * work["of"] / len(draws)
    wanted = work["first"][: len(draws)]
    differ = sum(a != b for a, b in zip(first, wanted, strict=True))
    note = f"{differ} 次抽样的第一名不同" if differ else ""
    version = skcriteria.VERSION if isinstance(skcriteria.VERSION, str) else ".".join(map(str, skcriteria.VERSION))
    name = f"scikit-criteria {version}（抽样 {len(draws)} 次，按 {work['of']:,} 次折算）"
    sys.stdout.write(json.dumps([{"name": name, "seconds": [took], "note": note}]) + "\n")


main()
