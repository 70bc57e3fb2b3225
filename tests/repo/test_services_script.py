"""deploy/services, in what it decides without a service: its state, whose processes it may end, what it prints for tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.native import cache, cli
from deploy.native.errors import StateDamaged, Unavailable
from deploy.native.process import Process, alive, describe, parse_stat, stop
from deploy.native.state import Service, State, decode, encode, environment_lines

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """One that listens to every signal, whatever the tests were started by ignores (nohup: SIGHUP)."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    signal.signal(signal.SIGHUP, before)
    yield child
    child.kill()
    child.wait()


def described(pid: int) -> Process:
    process = describe(pid, "sleeper")
    assert process is not None
    return process


def browser(program: str) -> Service:
    return Service(
        name="chromium",
        ready=True,
        variables={"ZHIXI_TEST_CHROMIUM": program},
        program=program,
        version="1",
        installed="by hand",
    )


def test_a_command_with_spaces_and_brackets_does_not_shift_the_fields() -> None:
    fields = ["S", "1", "40", "40", *(str(number) for number in range(7, 22)), "98765", "0"]
    line = f"42 (odd ) name (x) {' '.join(fields)}"

    stat = parse_stat(line)

    assert (stat.state, stat.session, stat.started) == ("S", 40, 98765)


def test_a_running_process_is_alive_and_an_ended_one_is_not(sleeper: subprocess.Popen[bytes]) -> None:
    process = described(sleeper.pid)

    before = alive(process)
    sleeper.kill()
    sleeper.wait()

    assert before
    assert not alive(process)


def test_a_process_that_ended_but_was_not_yet_collected_is_not_alive(
    sleeper: subprocess.Popen[bytes],
) -> None:
    process = described(sleeper.pid)

    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)

    assert not alive(process)


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another boot"}])
def test_a_recycled_pid_is_neither_alive_nor_stopped(
    sleeper: subprocess.Popen[bytes], change: dict[str, str | int]
) -> None:
    stranger = replace(described(sleeper.pid), **change)  # type: ignore[arg-type]

    killed = stop(stranger, grace=1)

    assert not killed
    assert not alive(stranger)
    assert sleeper.poll() is None


def test_stop_ends_a_process_by_the_signal_it_asks_for(sleeper: subprocess.Popen[bytes]) -> None:
    process = replace(described(sleeper.pid), ends_on="SIGHUP")

    killed = stop(process, grace=10)

    assert not killed
    assert sleeper.wait() == -signal.SIGHUP


def test_stop_kills_a_process_that_does_not_listen() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()

        killed = stop(described(child.pid), grace=0.2)

        assert killed
        assert child.wait() == -signal.SIGKILL


def test_the_state_is_read_back_as_it_was_written(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    state = State(tmp_path)
    postgres = Service(
        name="postgres",
        ready=True,
        version="15.18",
        installed="by hand",
        variables={"ZHIXI_TEST_POSTGRES": "postgresql://a:b@127.0.0.1:1/c"},
        processes=(described(sleeper.pid),),
    )

    state.put(postgres)
    state.put(browser(sys.executable))
    both = state.services()
    state.drop("chromium")

    assert both == {"postgres": postgres, "chromium": browser(sys.executable)}
    assert state.services() == {"postgres": postgres}
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def test_no_state_file_means_that_nothing_was_started(tmp_path: Path) -> None:
    assert State(tmp_path).services() == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"neo4j": {}}', '{"neo4j": {"name": "neo4j", "processes": [7]}}']
)
def test_a_damaged_state_is_an_error_and_not_an_empty_one(text: str) -> None:
    with pytest.raises(StateDamaged):
        decode(text)


def test_the_variables_of_what_runs_are_printed_for_a_shell(sleeper: subprocess.Popen[bytes]) -> None:
    url = "amqp://zhixi:secret@127.0.0.1:5672//"
    broker = Service(
        name="rabbitmq",
        ready=True,
        variables={"ZHIXI_TEST_RABBITMQ": url},
        processes=(described(sleeper.pid),),
    )

    lines = environment_lines([broker, browser(sys.executable)])

    assert lines == [f"ZHIXI_TEST_RABBITMQ={url}", f"ZHIXI_TEST_CHROMIUM={sys.executable}"]


def test_a_value_with_a_space_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "my browser"
    program.touch()

    assert environment_lines([browser(str(program))]) == [f"ZHIXI_TEST_CHROMIUM='{program}'"]


def test_nothing_is_printed_for_what_has_fallen_or_is_still_starting(
    sleeper: subprocess.Popen[bytes],
) -> None:
    process = described(sleeper.pid)
    variables = {"ZHIXI_TEST_NEO4J": "bolt://neo4j:secret@127.0.0.1:1"}
    starting = Service(name="neo4j", variables=variables, processes=(process,))
    fallen = Service(
        name="neo4j", ready=True, variables=variables, processes=(process, replace(process, started=1))
    )

    lines = environment_lines([starting, fallen, browser("/nowhere/chromium")])

    assert lines == []


def test_a_helper_that_ended_does_not_make_its_service_fallen(sleeper: subprocess.Popen[bytes]) -> None:
    leader = described(sleeper.pid)
    helper = replace(leader, started=1, leader=False)

    assert Service(name="rabbitmq", ready=True, processes=(leader, helper)).running()


def test_the_state_can_be_written_and_parsed_without_losing_a_field() -> None:
    service = Service(
        name="neo4j", ready=True, version="5", installed="by hand", url="bolt://x", secrets={"a": "b"}, data="/d", log="/l",
        processes=(Process(pid=1, started=2, boot="b", role="neo4j", ends_on="SIGINT", leader=False),),
    )  # fmt: skip

    assert decode(encode([service])) == {"neo4j": service}


def test_an_interrupted_installation_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def half(folder: Path) -> None:
        (folder / "half").touch()
        raise Unavailable("interrupted")

    def whole(folder: Path) -> None:
        (folder / "program").touch()

    with pytest.raises(Unavailable):
        cache.artefact("minio", "minio-1", half)
    left = [path.name for path in cache.cache_folder().iterdir() if path.is_dir()]
    folder = cache.artefact("minio", "minio-1", whole)
    again = cache.artefact("minio", "minio-1", half)

    assert left == []
    assert folder == again
    assert [path.name for path in folder.iterdir()] == ["program"]


@pytest.mark.parametrize(("value", "required"), [("true", True), ("1", True), ("", False), ("false", False)])
def test_every_service_is_required_in_ci_alone(value: str, required: bool) -> None:
    assert cli.in_ci(value) is required


def test_an_unknown_service_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["start", "oracle"])

    assert "no such service: oracle" in capsys.readouterr().err


def test_the_script_can_be_run_from_anywhere(tmp_path: Path) -> None:
    script = ROOT / "deploy" / "services"

    shown = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "start" in shown.stdout
