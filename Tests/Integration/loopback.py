# Servers on the loopback that speak TLS, with a certificate of their own.

import http.server
import ssl
import subprocess
import threading


class TLSServer:
    """Answers with a handler until it is stopped; `certificate` is what a client has to trust."""

    def __init__(self, home, handler):
        folder = home.folder("tls")
        self.certificate = f"{folder}/tls.crt"
        home.file("tls/tls.key", b"")
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key",
             "-out", "tls.crt"], cwd=folder, capture_output=True)
        if made.returncode != 0:
            raise AssertionError(f"no certificate: {made.stderr}")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, f"{folder}/tls.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.place = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
