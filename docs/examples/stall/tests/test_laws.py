from pathlib import Path

import credit_engine as ce
from credit_engine.testing import laws


def test_every_law_holds() -> None:
    laws.all(ce.load_policy(Path(__file__).parents[1]))
