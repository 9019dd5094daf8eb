"""durable_rules is fenced: one test for each guard (docs/decisions/0003)."""

from __future__ import annotations

import ast
import locale
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import durable_rules_engine as rete
import pytest

from engine.errors import ExecutorError, RuleError
from engine.executors import durable, durable_grammar
from engine.executors.durable import Durable
from engine.executors.durable_grammar import encoded, fnv1a
from engine.executors.reference import Reference
from engine.ruleset import Ruleset
from tests.ruletext import INDICATORS, rule, rules, ruleset

FEW = rules(rule("fails > 2"), rule("known(incidents) and incidents > 1", name="two"))
RECORD = {"fails": 3, "incidents": None}


@pytest.fixture
def few() -> Ruleset:
    return ruleset(FEW)


def many(number: int) -> Ruleset:
    return ruleset(rules(*(rule(f"fails >= {n % 20}", name=f"rule-{n}") for n in range(number))))


def test_only_the_c_module_is_used_and_no_thread_starts() -> None:
    """No Host, no durable.lang; the process keeps its one thread."""
    tree = ast.parse(Path(durable.__file__).read_text(encoding="utf-8"))
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert "durable_rules_engine" in names
    before = threading.active_count()
    Durable(many(3)).truths({"fails": 3})
    assert threading.active_count() == before
    assert "durable.engine" not in sys.modules


def test_the_engine_is_empty_after_each_record(few: Ruleset) -> None:
    """A fact is always retracted, so equal facts fire again and again alike."""
    engine = Durable(few)
    assert [engine.truths(RECORD) for _ in range(50)] == [Reference(few).truths(RECORD)] * 50
    assert rete.get_facts(engine._handle, "0") == "[]"


def test_an_engine_that_did_not_run_is_no_answer(
    few: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the sentinel there is an error, never "nothing holds"."""
    engine = Durable(few)
    monkeypatch.setattr(rete, "start_action_for_state", lambda *_: None)
    with pytest.raises(ExecutorError) as caught:
        engine.truths(RECORD)
    assert said(caught.value) == ("durable", "durable_rules did not run: no sentinel")


def said(error: ExecutorError) -> tuple[str, str]:
    (problem,) = error.problems
    return problem.code, problem.message


def test_an_engine_that_contradicts_itself_is_no_answer(
    few: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clause that fires as surely true and surely false is an error, whichever comes last."""
    engine = Durable(few)
    for signs in ("tf", "ft"):
        nonce = next(engine._nonces) + 1
        named = [f'{{"{name}":{{"m":{{"id": {nonce}, ' for name in ("sentinel0", *signs)]
        waiting = [text.replace('"t"', '"t0"').replace('"f"', '"f0"') for text in named]
        answers = iter([*waiting[1:], None])
        monkeypatch.setattr(rete, "start_action_for_state", lambda *_, w=waiting: ("{}", w[0]))
        monkeypatch.setattr(rete, "complete_and_start_action", lambda *_, a=answers: next(a))
        with pytest.raises(ExecutorError) as caught:
            engine.truths(RECORD)
        assert said(caught.value) == ("durable", "a clause is both true and false")


def test_a_shard_that_did_not_run_is_no_answer() -> None:
    """Each shard has a sentinel of its own: a part that is silent is not taken for "false"."""
    engine = Durable(many(60))
    engine._markers = '"_s0": 1, "_s1": 1'
    assert engine._shards == 3
    with pytest.raises(ExecutorError, match="no sentinel"):
        engine.truths({"fails": 1})


def test_an_activation_of_another_snapshot_is_an_error(
    few: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nonce in the fact proves whose activation it is."""
    engine = Durable(few)
    stray = '{"t0":{"m":{"id": 999, "fails": 3}}}'
    monkeypatch.setattr(rete, "start_action_for_state", lambda *_: ("{}", stray))
    with pytest.raises(ExecutorError) as caught:
        engine.truths(RECORD)
    assert said(caught.value) == ("durable", "an activation belongs to another snapshot")


CALLS = ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"]


@pytest.mark.parametrize("used", [0, 1, 5])
@pytest.mark.parametrize("broken", CALLS)
def test_after_any_error_the_engine_is_rebuilt(
    few: Ruleset, monkeypatch: pytest.MonkeyPatch, broken: str, used: int
) -> None:
    """An error is raised, the handle thrown away, and the next record is answered rightly."""
    engine = Durable(few)
    for _ in range(used):
        engine.truths(RECORD)

    def fail(*_: object) -> None:
        raise rete.error("broken")

    with monkeypatch.context() as patch:
        patch.setattr(rete, broken, fail)
        for _ in range(2):  # the second time in an engine that has never fired
            with pytest.raises(ExecutorError, match=r"durable_rules failed \(error\)") as caught:
                engine.truths(RECORD)
            assert caught.value.problems[0].code == "durable"
    assert engine._handle is None
    assert engine.truths(RECORD) == Reference(few).truths(RECORD)
    assert engine._handle is not None


def test_a_refused_fact_is_an_error(few: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code other than 0 from the engine is never taken for an answer."""
    engine = Durable(few)
    monkeypatch.setattr(rete, "assert_fact", lambda *_: (1, 0))
    with pytest.raises(ExecutorError) as caught:
        engine.truths(RECORD)
    assert said(caught.value) == ("durable", "durable_rules refused the fact (code 1)")


def test_every_pattern_may_match_at_once() -> None:
    """The worst-off pupil: all of 200 conditions hold, over nine shards."""
    engine = Durable(many(200))
    assert engine._shards == 9
    assert engine.truths({"fails": 20}) == (True,) * 200
    assert engine.truths({"fails": None}) == (None,) * 200


def test_twelve_shards_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest ruleset that is let in is answered whole."""
    monkeypatch.setattr(durable_grammar, "NODES_A_SHARD", 4)
    engine = Durable(many(24))
    assert engine._shards == 12
    assert engine.truths({"fails": 20}) == (True,) * 24


def test_more_than_twelve_shards_are_refused(few: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would loop for ever inside the engine is refused when compiling."""
    monkeypatch.setattr(durable_grammar, "NODES_A_SHARD", 0.25)
    with pytest.raises(RuleError, match="shards") as caught:
        Durable(few)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("too-large", "split the ruleset into two")


def test_the_language_admits_no_condition_that_the_engine_cannot_hold() -> None:
    """The largest condition of the language runs; one comparison more is refused."""
    alternatives = " and ".join(f"(fails >= {n} or incidents >= {n})" for n in range(6))
    largest = ruleset(rules(rule(alternatives)))
    assert Durable(largest).truths({"fails": 20, "incidents": 90}) == (True,)
    assert Durable(largest).truths({"fails": 0, "incidents": 0}) == (False,)
    with pytest.raises(RuleError, match="comparisons"):
        ruleset(rules(rule(alternatives + " and fails > 1")))


@pytest.mark.parametrize("number", [1e-07, 1e-300, 5e-324, 1.5e-07, 0.1, 3, -2, 123456789.5])
def test_numbers_are_written_as_the_engine_reads_them(number: float) -> None:
    """A point stands before every exponent, and the value stays the same."""
    shown = encoded(number)
    assert "e" not in shown or "." in shown.split("e", maxsplit=1)[0]
    assert float(shown) == number


def test_long_texts_are_refused() -> None:
    """Beyond a thousand characters the engine's equality cannot be trusted."""
    assert encoded("x" * 1000) == '"' + "x" * 1000 + '"'
    with pytest.raises(ExecutorError, match="1000") as caught:
        encoded("x" * 1001)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("durable", "shorten the category's id")


def test_names_with_one_hash_are_refused() -> None:
    """Two names that the engine would mix up do not pass compiling."""
    assert fnv1a("dkfornd") == fnv1a("attendance_rate")
    text = INDICATORS.replace("attendance_rate_45d:", "attendance_rate:").replace(
        "  fails:", "  dkfornd:"
    )
    both = rules(rule("attendance_rate < 0.9"), rule("dkfornd > 2", name="two"))
    with pytest.raises(RuleError, match="'attendance_rate' and 'dkfornd' apart") as caught:
        Durable(ruleset(both, indicators=text))
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("name-collision", "rename one indicator")


def test_only_declared_names_reach_the_engine(few: Ruleset) -> None:
    """Whatever else a record holds, a fact has the names that the ruleset reads."""
    said, unfired = Durable(few)._snapshot({**RECORD, "id": "x", "sid": "x", "pupil_key": "p"})
    assert said == '"_s0": 1, "fails": 3, "_u1": 1, "_k_incidents": false'
    assert [number for number, truth in enumerate(unfired) if truth is None] == [1]


def test_known_needs_no_pattern_that_could_loop(few: Ruleset) -> None:
    """``known`` reads a companion field; ``$ex`` and ``$nex`` are never emitted."""
    assert "ex" not in Durable(few)._definition.replace("$and", "")


def test_latvian_text_is_compared_in_one_form() -> None:
    """Facts and patterns are ASCII JSON, so that equal texts are equal bytes."""
    text = INDICATORS.replace("use: audit", "use: scoring").replace(
        "f: {lv: sieviete", '"ā ž": {lv: sieviete'
    )
    latvian = ruleset(rules(rule('sex == "ā ž"')), indicators=text)
    engine = Durable(latvian)
    assert engine._definition.isascii()
    assert [engine.truths({"sex": value}) for value in ("ā ž", "m", None)] == [
        (True,),
        (False,),
        (None,),
    ]


def test_a_decimal_comma_locale_is_refused(few: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine reads numbers with atof, which would stop at the point."""
    monkeypatch.setattr(locale, "localeconv", lambda: {"decimal_point": ","})
    with pytest.raises(ExecutorError, match="decimal comma") as caught:
        Durable(few)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("locale", "set LC_NUMERIC=C")


def test_threads_take_turns(few: Ruleset) -> None:
    """Several threads on one engine get the right answers."""
    engine, expected = Durable(few), {}
    found: list[bool] = []

    def ask(fails: int) -> Callable[[], None]:
        expected[fails] = Reference(few).truths({"fails": fails, "incidents": 2})

        def run() -> None:
            answers = (engine.truths({"fails": fails, "incidents": 2}) for _ in range(300))
            found.append(all(answer == expected[fails] for answer in answers))

        return run

    threads = [threading.Thread(target=ask(fails)) for fails in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 6


def test_engines_come_and_go_without_leaving_memory() -> None:
    """A hot reload disposes of the old engine: hundreds of cycles stay within a few megabytes."""
    script = """
import resource
from tests.engine.test_durable import many
from engine.executors.durable import Durable
rules = many(40)
def cycles(n):
    for _ in range(n):
        engine = Durable(rules)
        engine.truths({"fails": 3})
        engine.close()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = cycles(100)
assert cycles(500) - first < 4096, "kB"
"""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
