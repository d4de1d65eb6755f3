"""The least application that answers: what granian itself costs."""

BODY = b'{"status": "ok"}'


def application(environ, start_response):
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
    )
    return [BODY]
