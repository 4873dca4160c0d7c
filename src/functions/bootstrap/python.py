"""Runs a Python handler in a process of its own, as Lambda's Python runtime does.

Speaks frames (see frames.ts) on file descriptor 3; stdout and stderr belong to the function.
"""

import decimal
import importlib
import json
import logging
import os
import resource
import socket
import struct
import sys
import time
import traceback
import uuid

PREFIX = struct.Struct("<II")
RESPONSE_BYTES_MAX = int(os.environ.pop("TREADLE_RESPONSE_BYTES_MAX"))
ADDRESS_SPACE_BYTES_MAX = int(os.environ.pop("TREADLE_ADDRESS_SPACE_BYTES_MAX"))


class Fault(Exception):
    """An error of the runtime itself, with Lambda's name for it."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


# --- frames


def read_exactly(channel, size):
    parts = []
    while size > 0:
        part = channel.recv(min(size, 1 << 20))
        if not part:
            os._exit(0)  # the server is gone, or wants this process to go
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_frame(channel):
    size, header_size = PREFIX.unpack(read_exactly(channel, PREFIX.size))
    frame = read_exactly(channel, size)
    return json.loads(frame[:header_size]), frame[header_size:]


def send_frame(channel, header, body):
    head = json.dumps(header).encode()
    channel.sendall(PREFIX.pack(len(head) + len(body), len(head)) + head + body)


# --- JSON as Lambda writes it: json.dumps' separators, Decimals as they are

MARK = "decimal-" + uuid.uuid4().hex


class Encoder(json.JSONEncoder):
    def __init__(self):
        # Up to Python 3.11 Lambda escapes what is not ASCII; the runtime asked for decides.
        version = os.environ["AWS_EXECUTION_ENV"].rpartition("python")[2]
        minor = int(version.split(".")[1])
        super().__init__(ensure_ascii=minor < 12, allow_nan=False)
        self.decimals = False

    def default(self, o):
        if isinstance(o, decimal.Decimal):
            if not o.is_finite():
                raise ValueError("Out of range decimal values are not JSON compliant: " + str(o))
            self.decimals = True
            return MARK + str(o)
        return super().default(o)


def to_json(value):
    encoder = Encoder()
    text = encoder.encode(value)
    if encoder.decimals:
        pieces = text.split('"' + MARK)
        text = pieces[0] + "".join("".join(piece.split('"', 1)) for piece in pieces[1:])
    return text.encode("utf-8")


def marshal(response):
    try:
        if isinstance(response, bytes):
            json.loads(response)
            return response
        return to_json(response)
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(error))


# --- errors


def make_error(message, error_type, trace, request_id=""):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def describe(error, request_id=""):
    if isinstance(error, Fault):
        return make_error(error.message, error.error_type, error.trace, request_id)
    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
    foreign = (__file__, importlib.__file__)
    own = [f for f in frames if f[0] not in foreign and not f[0].startswith("<frozen importlib")]
    try:
        message = str(error)
    except Exception as second:
        message = "The error's text cannot be read: {}".format(type(second).__name__)
    return make_error(message, type(error).__name__, traceback.format_list(own), request_id)


def error_text(described):
    try:
        return to_json(described)
    except ValueError:  # lone surrogates in a message
        return json.dumps(described).encode()


def log_error(error):
    lines = ["[ERROR] {}: {}".format(error["errorType"], error["errorMessage"]), "Traceback (most recent call last):"]
    for entry in error["stackTrace"]:
        lines.extend(entry.splitlines())
    # One line is one log event; the server turns \r back.
    text = "\r".join(line.replace("\n", "\r") for line in lines) + "\n"
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode())
    sys.stdout.flush()


# --- loading


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '{}': not enough values to unpack (expected 2, got 1)".format(name),
        )
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module {} as a handler module".format(module_name),
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = "Unable to import module '{}': {}".format(module_name, error)
        if (getattr(error, "name", None) or "").split(".")[0] in ("boto3", "botocore"):
            message += ". The AWS SDK is not installed on this machine: {} -m pip install boto3".format(sys.executable)
        raise Fault("Runtime.ImportModuleError", message)
    except SyntaxError as error:
        trace = ['  File "{}" Line {}\n    {}'.format(error.filename, error.lineno, error.text)]
        message = "Syntax error in module '{}': {}".format(module_name, error)
        raise Fault("Runtime.UserCodeSyntaxError", message, trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            "Handler '{}' missing on module '{}'".format(function_name, module_name),
        )


# --- one call


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    def __init__(self, header):
        self.aws_request_id = header["requestId"]
        self.invoked_function_arn = header["arn"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.client_context = None
        self.identity = CognitoIdentity()
        self._deadline_ms = header["deadlineMs"]

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class RequestFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestFilter.request_id
        return True


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    handler.addFilter(RequestFilter())
    logging.getLogger().addHandler(handler)


def max_rss_kb():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // 1024 if sys.platform == "darwin" else used


def perform_call(channel, handler, header, body):
    request_id = RequestFilter.request_id = header["requestId"]
    os.environ.pop("_X_AMZN_TRACE_ID", None)
    if header["traceHeader"] is not None:
        os.environ["_X_AMZN_TRACE_ID"] = header["traceHeader"]
    kind, answer = "succeeded", b""
    started = time.monotonic()
    try:
        answer = marshal(handler(json.loads(body), LambdaContext(header)))
        if len(answer) > RESPONSE_BYTES_MAX:
            kind, answer = "tooLarge", b""
    except Exception as error:
        described = describe(error, request_id)
        log_error(described)
        kind, answer = "failed", error_text(described)
    sys.stdout.flush()
    sys.stderr.flush()
    duration_ms = (time.monotonic() - started) * 1000
    header = {"type": kind, "requestId": request_id, "maxRssKb": max_rss_kb(), "durationMs": duration_ms}
    send_frame(channel, header, answer)


def limit_memory():
    try:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES_MAX, ADDRESS_SPACE_BYTES_MAX))
    except (ValueError, OSError):
        pass  # not every system has the limit; the server watches the memory as well


def main():
    channel = socket.socket(fileno=3)
    channel.setblocking(True)
    channel.set_inheritable(False)
    limit_memory()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.argv = [sys.argv[0]]
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        described = describe(error)
        log_error(described)
        send_frame(channel, {"type": "initFailed"}, error_text(described))
        sys.exit(1)
    sys.stdout.flush()
    sys.stderr.flush()
    send_frame(channel, {"type": "ready"}, b"")
    while True:
        header, body = read_frame(channel)
        perform_call(channel, handler, header, body)


main()
