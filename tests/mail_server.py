"""A real SMTP server on loopback, with the faults that real ones have."""
# ruff: noqa: N802 (aiosmtpd names its hooks by the commands)

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class SmtpServer:
    """Accepts, refuses, postpones or hangs up, as its attributes say.

    `refused`: address → the answer to RCPT. `greylisted`: addresses put off once. `chance`: of
    each failure being at random, temporary all of them. `before_accepting` runs with a mail whole,
    before the server says what becomes of it.
    """

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.messages: list[Any] = []
        self.refuse = False
        self.answer_to_data = ""
        self.refused: dict[str, str] = {}
        self.greylisted: set[str] = set()
        self.chance, self.random = 0.0, random.Random(4)
        self.before_accepting: Callable[[Any], None] | None = None
        self.failures: Counter[str] = Counter()
        self.tries = 0
        self._controller: Controller | None = None

    def up(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def down(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def read(self, number: int = -1) -> EmailMessage:
        """An accepted mail, parsed."""
        content = self.messages[number].content
        parsed: Any = message_from_bytes(content, policy=policy.default)
        return parsed

    def subject(self, number: int = -1) -> str:
        return str(self.read(number)["Subject"]).replace("\u00a0", " ").strip()

    def accepted(self) -> Counter[tuple[str, str]]:
        """How often each mail was taken, by address and Message-ID."""
        return Counter(
            (envelope.rcpt_tos[0], message_from_bytes(envelope.content)["Message-ID"])
            for envelope in self.messages
        )

    def _fails(self, where: str) -> bool:
        if self.random.random() >= self.chance:
            return False
        self.failures[where] += 1
        return True

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str,
                          options: list[str]) -> str:  # fmt: skip
        self.tries += 1
        if self._fails("421 on MAIL"):
            return "421 4.3.2 shutting down"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str,
                          options: list[str]) -> str:  # fmt: skip
        if address in self.refused:
            return self.refused[address]
        if address in self.greylisted:
            self.greylisted.discard(address)
            return "451 4.7.1 greylisted, try again later"
        if self._fails("450 on RCPT"):
            return "450 4.2.0 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.before_accepting is not None:
            await asyncio.to_thread(self.before_accepting, envelope)
        if self.refuse:
            return "451 try later"
        if self.answer_to_data:
            return self.answer_to_data
        if self._fails("451 on DATA"):
            return "451 4.3.0 try later"
        if self._fails("hung up in DATA"):
            server.transport.abort()
            return "451 gone"
        self.messages.append(envelope)
        return "250 OK"
