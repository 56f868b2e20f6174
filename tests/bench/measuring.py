"""What each act costs: its statements, its time for one client alone, how many a second for several at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from flask import Flask

from tests.bench.acts import ACTS, Act, Evening, Job, Staff
from tests.bench.serving import Server
from tests.bench.visiting import Inside, Wire

CLIENTS = 8
MOST_S = 30.0  # of one act with one number of clients: what is not begun by then is left out


@dataclass(frozen=True)
class Effort:
    """How often each act is done."""

    alone: int = 100
    together: int = 200
    first: int = 5


@dataclass(frozen=True)
class Cost:
    """One act as it was measured; the memory is the server's peak up to then."""

    name: str
    statements: int
    p50_ms: float
    p95_ms: float
    done_alone: int
    per_second: float
    done_together: int
    peak_mb: int
    peer: str


def measure(app: Flask, server: Server, effort: Effort, say: Callable[[str], None]) -> list[Cost]:
    """Measure every act on one server."""
    evening, costs = Evening(app), []
    inside = Staff(evening, lambda: Inside(app))
    clients = [Staff(evening, lambda: Wire(server.port)) for _ in range(CLIENTS)]
    try:
        for act in ACTS:
            costs.append(_measure(act, evening, inside, clients, server, effort))
            say(f"  {act.name:<22}{costs[-1].p50_ms:>8.1f} ms")
    finally:
        for client in clients:
            client.leave()
    return costs


def _measure(
    act: Act, evening: Evening, inside: Staff, clients: Sequence[Staff], server: Server, effort: Effort
) -> Cost:
    jobs = act.arrange(evening, 1 + effort.first + effort.alone + CLIENTS + effort.together)
    statements = _statements(act, inside, jobs[0])
    warm, jobs = jobs[1 : 1 + effort.first], jobs[1 + effort.first :]
    for job in warm:
        act.do(clients[0], job)
    times = _alone(act, clients[0], jobs[: effort.alone])
    done, took = _together(act, clients, jobs[effort.alone :])
    return Cost(
        name=act.name,
        statements=statements,
        p50_ms=1000 * median(times),
        p95_ms=1000 * sorted(times)[int(0.95 * (len(times) - 1))],
        done_alone=len(times),
        per_second=done / took,
        done_together=done,
        peak_mb=server.peak_mb(),
        peer=act.peer,
    )


def _statements(act: Act, inside: Staff, job: Job) -> int:
    act.do(inside, job)
    return inside.taken()[1]


def _alone(act: Act, client: Staff, jobs: Sequence[Job]) -> list[float]:
    client.taken()
    times: list[float] = []
    deadline = perf_counter() + MOST_S
    for job in jobs:
        if times and perf_counter() > deadline:
            break
        act.do(client, job)
        times.append(client.taken()[0])
    return times


def _together(act: Act, clients: Sequence[Staff], jobs: Sequence[Job]) -> tuple[int, float]:
    """Return how many were done and in which time, every client going through its own share."""
    for client, job in zip(clients, jobs, strict=False):
        act.do(client, job)  # signed in, and its connection open, before the watch starts
    rest, deadline = jobs[len(clients) :], perf_counter() + MOST_S

    def work(place: int) -> tuple[int, float]:
        done = 0
        for job in rest[place :: len(clients)]:
            if perf_counter() > deadline:
                break
            act.do(clients[place], job)
            done += 1
        return done, perf_counter()

    began = perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        shares = list(pool.map(work, range(len(clients))))
    return sum(done for done, _ in shares), max(ended for _, ended in shares) - began
