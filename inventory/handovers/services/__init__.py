"""Acts on a batch: each checks who may follow whom, moves the state by the one table, and is written beside it."""

from inventory.handovers.services.answer import answer
from inventory.handovers.services.approval import approve, send_back
from inventory.handovers.services.draft import add_dear_lines, add_line, change_batch, open_batch, remove_line, submit
from inventory.handovers.services.ending import cancel, withdraw
from inventory.handovers.services.inspection import inspect_line
from inventory.handovers.services.sealing import begin_seal, finish_seal, print_again, unseal
from inventory.handovers.services.signing import sign, sign_beside

__all__ = [
    "add_dear_lines",
    "add_line",
    "answer",
    "approve",
    "begin_seal",
    "cancel",
    "change_batch",
    "finish_seal",
    "inspect_line",
    "open_batch",
    "print_again",
    "remove_line",
    "send_back",
    "sign",
    "sign_beside",
    "submit",
    "unseal",
    "withdraw",
]
