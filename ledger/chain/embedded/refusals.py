"""What the node refuses, with the code and words that geth uses, so that clients recognise them."""

from __future__ import annotations

from typing import Any

from eth_abi import abi
from eth_abi.exceptions import DecodingError

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_ERROR = -32000
LIMIT_EXCEEDED = -32005
REVERTED = 3

_ERROR_STRING = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)


class Refusal(Exception):
    """An error object of JSON-RPC 2.0, section 5.1."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def as_object(self) -> dict[str, Any]:
        rendered = {"code": self.code, "message": self.message}
        return rendered if self.data is None else {**rendered, "data": self.data}


def refused(message: str) -> Refusal:
    """A transaction or call that the node will not take."""
    return Refusal(SERVER_ERROR, message)


def invalid(message: str) -> Refusal:
    """A parameter that is not what the method takes."""
    return Refusal(INVALID_PARAMS, message)


def reverted(output: bytes) -> Refusal:
    """The contract refused; `data` is all that it returned; the message has its reason if that is a string or panic."""
    message = "execution reverted"
    try:
        if output[:4] == _ERROR_STRING:
            message += f": {abi.decode(['string'], output[4:])[0]}"
        elif output[:4] == _PANIC:
            message += f": panic: code {abi.decode(['uint256'], output[4:])[0]:#04x}"
    except (DecodingError, UnicodeDecodeError):
        pass  # it only looks like one: the data says what it is
    return Refusal(REVERTED, message, "0x" + output.hex())
