"""A mail server on this machine, for tests that really send."""

import socketserver
import threading
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the mails that it was handed in ``mails``.

    ``answers`` maps a command (``RCPT``) to what it says instead of *yes*; without an answer (None)
    it hangs up. Each mail waits for ``open`` before it is accepted, and says so in ``asked``.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails, self.answers = [], {}
        self.open, self.asked = threading.Event(), threading.Event()
        self.open.set()


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 here")
        for line in self.rfile:
            command = line[:4].decode().strip().upper()
            if command == "DATA" and "DATA" not in self.server.answers:
                self.say("354 go on")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(mail.decode())
                self.server.asked.set()
                self.server.open.wait(20)
            answer = self.server.answers.get(command, "250 well")
            if answer is None:
                return
            self.say(answer)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server(settings):
    """Let Django's mail go to a server of our own, and give it back."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server
        server.open.set()
        server.shutdown()
