"""Mails as they travel, for the tests that read them."""

from pathlib import Path

DATA = Path(__file__).parent / "data" / "mail"


def case(name: str) -> bytes:
    """A mail of `tests/data/mail/`, by the beginning of its name."""
    [path] = DATA.glob(f"{name}*.eml")
    return path.read_bytes()


def made(body: str | bytes, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """A mail of one part, as its sender writes it; a header of two words is `In_Reply_To`."""
    said = {
        "From": "Service technique <service@example.org>", "To": "reponses@example.org",
        "Subject": "Re: Signalement", "Message-ID": "<un@example.org>", "MIME-Version": "1.0",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    if kind:
        said["Content-Type"] = kind
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    content = body if isinstance(body, bytes) else body.encode()
    return head.encode() + b"\r\n" + content


def several(
    kind: str, *parts: tuple[str, str | bytes], boundary: str = "BBB", **headers: str
) -> bytes:
    """A mail of several parts: each its headers after « Content-Type: », and what it holds."""
    return made(parts_of(*parts, boundary=boundary), f"{kind}; boundary={boundary}", **headers)


def parts_of(*parts: tuple[str, str | bytes], boundary: str = "BBB") -> bytes:
    said = b""
    for head, body in parts:
        content = body if isinstance(body, bytes) else body.encode()
        said += f"--{boundary}\r\nContent-Type: {head}\r\n\r\n".encode() + content + b"\r\n"
    return said + f"--{boundary}--\r\n".encode()


PLAIN, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
