package io.alldocs.http.contract;

import static io.alldocs.http.contract.ScriptedResponse.broken;
import static io.alldocs.http.contract.ScriptedResponse.scripted;
import static io.alldocs.http.contract.ScriptedResponse.slow;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.alldocs.http.contract.ScriptedResponse.After;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The hostile answers of {@link TransportContract}, grouped by defect. */
final class HostileResponses {

    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "transfer-encoding: chunked\r\n\r\n";
    private static final String LENGTH_4 = OK + "content-length: 4\r\n";

    /** An unsolicited answer. A client that treats it as the answer to its next request returns the wrong document. */
    private static final String UNASKED = OK + "content-length: 4\r\n\r\nevil";

    /**
     * Pause between two bytes that are sent one by one. Each pause is shorter than the stall timeout, but all bytes
     * together take longer than any timeout of the contract.
     */
    private static final Duration TRICKLE = Duration.ofMillis(30);

    private HostileResponses() {}

    /**
     * Returns chunk sizes that do not fit an int or a long, are negative, missing or not a number. Five bytes follow
     * each one.
     */
    static Stream<ScriptedResponse> chunkSizes() {
        List<ScriptedResponse> answers = new ArrayList<>();
        for (String size : List.of(
                "7fffffff",
                "80000000",
                "80000001",
                "ffffff00",
                "fffffff0",
                "fffffffe",
                "ffffffff",
                "100000000",
                "7fffffffffffffff",
                "1234567812345678",
                "8000000000000000",
                "ffffffffffffffff",
                "10000000000000000",
                "-1",
                "",
                "g",
                "0x5",
                "+5",
                " 5")) {
            String rest = size + "\r\nhello\r\n0\r\n\r\n";
            answers.add(broken("first chunk of size \"" + size + "\"", CHUNKED + rest));
            answers.add(broken("second chunk of size \"" + size + "\"", CHUNKED + "4\r\nbody\r\n" + rest));
            answers.add(broken("size \"" + size + "\" after a missing CRLF", CHUNKED + "4\r\nbody" + rest));
            answers.add(broken("second chunk of size \"" + size + "\"", CHUNKED + "4\r\nbody\r\n" + rest)
                    .then(After.CLOSE));
            answers.add(scripted("second chunk of size \"" + size + "\", in two parts", wire -> {
                wire.write(CHUNKED + "4\r\nbody\r\n");
                wire.writeSlowly(rest, Duration.ofMillis(2));
            }));
        }
        return answers.stream();
    }

    /** Returns other defects and unusual forms between chunks. */
    static Stream<ScriptedResponse> chunks() {
        return Stream.of(
                broken("chunk extension", CHUNKED + "5;x=y\r\nhello\r\n0\r\n\r\n")
                        .whole("hello"),
                broken("chunk extension of the last chunk", CHUNKED + "5\r\nhello\r\n0;x\r\n\r\n")
                        .whole("hello"),
                broken("size with zeros before it", CHUNKED + "00000005\r\nhello\r\n0\r\n\r\n")
                        .whole("hello"),
                broken("trailer fields", CHUNKED + "5\r\nhello\r\n0\r\nx-check: 1\r\n\r\n")
                        .wholeIfTaken("hello"),
                broken("LF only", CHUNKED + "5\nhello\n0\n\n").wholeIfTaken("hello"),
                broken("chunk extension of 1 MiB", CHUNKED + "5;" + "x".repeat(1 << 20) + "\r\nhello\r\n0\r\n\r\n")
                        .wholeIfTaken("hello"),
                broken("size of 1 MiB of zeros", CHUNKED + "0".repeat(1 << 20) + "5\r\nhello\r\n0\r\n\r\n")
                        .wholeIfTaken("hello"),
                broken("5;x after a missing CRLF", CHUNKED + "4\r\nbody5;x\r\nhello\r\n0\r\n\r\n"),
                broken("no last chunk", CHUNKED + "4\r\nbody\r\n").then(After.CLOSE),
                broken("no last chunk", CHUNKED + "4\r\nbody\r\n").then(After.SILENCE),
                broken("no end of the last chunk", CHUNKED + "4\r\nbody\r\n0").then(After.CLOSE),
                broken("an answer behind the last chunk", CHUNKED + "4\r\nbody\r\n0\r\n\r\n" + UNASKED)
                        .wholeIfTaken("body"));
    }

    /** Returns lengths that contradict each other, the body or the number format. */
    static Stream<ScriptedResponse> lengths() {
        Stream<ScriptedResponse> fields = Stream.of(
                        "Content-Length: 4\r\nContent-Length: 5",
                        "Content-Length: 5\r\nContent-Length: 4",
                        "Content-Length: abc",
                        "Content-Length: 4x",
                        "Content-Length: 0x4",
                        "Content-Length: +4",
                        "Content-Length: 4.0",
                        "Content-Length: 4;",
                        "Content-Length: 4, 5",
                        "Content-Length:",
                        "Content-Length: 99999999999999999999",
                        "Content-Length: 9223372036854775807",
                        "Content-Length: 999999999999999999",
                        "Content-Length: 14\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: gzip, chunked",
                        "Transfer-Encoding: gzip",
                        "Transfer-Encoding: identity",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")
                .flatMap(field -> Stream.of(After.KEEP, After.CLOSE)
                        .map(end -> broken(
                                        field.replace("\r\n", ", "), OK + field + "\r\n\r\n" + "4\r\nbody\r\n0\r\n\r\n")
                                .then(end)));
        return Stream.concat(
                fields,
                Stream.of(
                        broken("no length", OK + "\r\nbody").then(After.CLOSE).whole("body"),
                        broken("no length", OK + "\r\nbody").then(After.SILENCE),
                        broken("no length", OK + "\r\nbody").then(After.RESET).wholeIfTaken("body"),
                        broken("negative length", OK + "content-length: -1\r\n\r\nbody")
                                .then(After.CLOSE)
                                .wholeIfTaken("body"),
                        broken("the same length twice", LENGTH_4 + "content-length: 4\r\n\r\nbody")
                                .whole("body"),
                        broken("the same length twice in one line", OK + "content-length: 4, 4\r\n\r\nbody")
                                .wholeIfTaken("body"),
                        broken("body shorter than its length", LENGTH_4 + "\r\nbod")
                                .then(After.CLOSE),
                        broken("body shorter than its length", LENGTH_4 + "\r\nbod")
                                .then(After.SILENCE),
                        broken("no byte of the body", LENGTH_4 + "\r\n").then(After.CLOSE),
                        broken("body longer than its length", LENGTH_4 + "\r\nbodyandmore")
                                .wholeIfTaken("body"),
                        broken("an answer behind the body", LENGTH_4 + "\r\nbody" + UNASKED)
                                .wholeIfTaken("body")));
    }

    /** Returns unusual and huge header fields with a body of four bytes. */
    static Stream<ScriptedResponse> headers() {
        Stream<ScriptedResponse> odd = Stream.of(
                        "no-colon",
                        ": no-name",
                        "space-before-colon : 1",
                        "nul: a\0b",
                        "control: a\u0007b",
                        "latin-1: caf\u00e9",
                        "n\u00e4me: 1",
                        "obs-fold: 1\r\n 2",
                        "obs-fold: 1\r\n\t2",
                        " starts-with-space: 1",
                        "cr: a\rb",
                        "lf: 1\nlf2: 2",
                        "empty:",
                        "connection: close",
                        "connection: \u0000",
                        "set-cookie: a=b; expires=never",
                        "location: http://[",
                        "content-encoding: br",
                        "retry-after: 99999999999999999999",
                        "x".repeat(1 << 20) + ": 1",
                        "x: " + "y".repeat(1 << 20))
                .map(field -> broken(
                                "header " + field.substring(0, Math.min(field.length(), 30)),
                                LENGTH_4 + field + "\r\n\r\nbody")
                        .wholeIfTaken("body"));
        return Stream.concat(
                odd,
                Stream.of(
                        broken("10,000 header lines", LENGTH_4 + "x: 1\r\n".repeat(10_000) + "\r\nbody")
                                .wholeIfTaken("body"),
                        broken("10,000 names of headers", LENGTH_4 + many(10_000, "x-%d: 1\r\n") + "\r\nbody")
                                .wholeIfTaken("body"),
                        scripted("header lines without end", wire -> endless(wire, LENGTH_4, "x: 1\r\n")),
                        scripted("a header line without end", wire -> endless(wire, LENGTH_4 + "x: ", "y"))));
    }

    /** Returns status lines that are not HTTP, or that are unusual HTTP. */
    static Stream<ScriptedResponse> statusLines() {
        Stream<ScriptedResponse> broken = Stream.of(
                        "",
                        "\r\n",
                        "SSH-2.0-OpenSSH_9.2\r\n",
                        "<html>\r\n\r\n",
                        "\u0016\u0003\u0001\u0002\u0000",
                        "HTTP/1.1\r\n\r\n",
                        "HTTP/1.1 \r\n\r\n",
                        "HTTP/1.1 abc OK\r\n\r\n",
                        "HTTP/1.1 99999 OK\r\n\r\n",
                        "HTTP/1.1 -1 OK\r\n\r\n",
                        "HTTP/1.1 2 OK\r\n\r\n",
                        "HTTP/2.0 abc\r\n\r\n",
                        "HTTP/1.1 101 Switching Protocols\r\n\r\n")
                .flatMap(line -> Stream.of(After.CLOSE, After.SILENCE)
                        .map(end -> broken("\"" + line.strip() + "\"", line).then(end)));
        Stream<ScriptedResponse> refused = Stream.of(
                        "000 None",
                        "401 Unauthorized",
                        "407 Proxy Authentication Required",
                        "408 Request Timeout",
                        "421 Misdirected Request",
                        "503 Unavailable",
                        "600 Beyond",
                        "999 Denied")
                .flatMap(status -> Stream.of(After.CLOSE, After.KEEP)
                        .map(end -> broken(status, "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\n\r\n")
                                .then(end)));
        return Stream.concat(
                Stream.concat(broken, refused),
                Stream.of(
                        broken("no reason", "HTTP/1.1 200\r\ncontent-length: 4\r\n\r\nbody")
                                .wholeIfTaken("body"),
                        broken("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nbody")
                                .then(After.CLOSE)
                                .whole("body"),
                        broken("HTTP/9.9", "HTTP/9.9 200 OK\r\ncontent-length: 4\r\n\r\nbody")
                                .wholeIfTaken("body"),
                        broken("ICY", "ICY 200 OK\r\ncontent-length: 4\r\n\r\nbody")
                                .then(After.CLOSE)
                                .wholeIfTaken("body"),
                        broken("empty line first", "\r\n" + LENGTH_4 + "\r\nbody")
                                .wholeIfTaken("body"),
                        broken("LF only", "HTTP/1.1 200 OK\ncontent-length: 4\n\nbody")
                                .wholeIfTaken("body"),
                        broken(
                                        "1 MiB of reason",
                                        "HTTP/1.1 200 " + "x".repeat(1 << 20) + "\r\ncontent-length: 4\r\n\r\nbody")
                                .wholeIfTaken("body"),
                        scripted("a first line without end", wire -> endless(wire, "HTTP/1.1 200 ", "x"))));
    }

    /** Returns interim answers (1xx): one, many, and an endless series. */
    static Stream<ScriptedResponse> interim() {
        String last = LENGTH_4 + "\r\nbody";
        return Stream.of(
                broken("100 first", "HTTP/1.1 100 Continue\r\n\r\n" + last).whole("body"),
                broken("103 first", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + last)
                        .wholeIfTaken("body"),
                broken("100 with a length", "HTTP/1.1 100 Continue\r\ncontent-length: 4\r\n\r\n" + last)
                        .wholeIfTaken("body"),
                broken("10,000 times 100", "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000) + last)
                        .wholeIfTaken("body"),
                broken("10,000 times 102", "HTTP/1.1 102 Processing\r\n\r\n".repeat(10_000) + last)
                        .wholeIfTaken("body"),
                broken("100 and nothing more", "HTTP/1.1 100 Continue\r\n\r\n").then(After.SILENCE),
                broken("100 and nothing more", "HTTP/1.1 100 Continue\r\n\r\n").then(After.CLOSE),
                scripted("100 without end", wire -> endless(wire, "", "HTTP/1.1 100 Continue\r\n\r\n")),
                scripted("103 without end", wire -> endless(wire, "", "HTTP/1.1 103 Early Hints\r\n\r\n")));
    }

    /** Returns answers that end at every position: by an orderly close, by a reset, and by silence. */
    static Stream<ScriptedResponse> cuts() {
        return Stream.of(
                        "",
                        "HTTP",
                        "HTTP/1.1 200 OK\r",
                        OK,
                        OK + "content-length: 4",
                        LENGTH_4,
                        LENGTH_4 + "\r",
                        LENGTH_4 + "\r\n",
                        LENGTH_4 + "\r\nbod",
                        CHUNKED,
                        CHUNKED + "4",
                        CHUNKED + "4\r",
                        CHUNKED + "4\r\n",
                        CHUNKED + "4\r\nbod",
                        CHUNKED + "4\r\nbody",
                        CHUNKED + "4\r\nbody\r\n",
                        CHUNKED + "4\r\nbody\r\n0",
                        CHUNKED + "4\r\nbody\r\n0\r\n")
                .flatMap(start -> Stream.of(After.CLOSE, After.RESET, After.SILENCE)
                        .map(end -> broken("cut after " + start.length() + " bytes" + kind(start), start)
                                .then(end)));
    }

    /** Returns answers of single bytes at short intervals, so that no silence exceeds the stall timeout. */
    static Stream<ScriptedResponse> trickles() {
        String filler = "x".repeat(1_000);
        return Stream.of(
                slow("status line", "HTTP/1.1 200 " + filler, TRICKLE),
                slow("headers", OK + "x: " + filler, TRICKLE),
                slow("interim answers", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100), TRICKLE),
                slow("body", OK + "content-length: 2000\r\n\r\n" + filler, TRICKLE),
                slow("chunk size", CHUNKED + "0".repeat(1_000), TRICKLE),
                slow("chunk extension", CHUNKED + "4;" + filler, TRICKLE),
                slow("chunks", CHUNKED + "1\r\nx\r\n".repeat(200), TRICKLE),
                slow("body without length", OK + "\r\n" + filler, TRICKLE),
                slow("whole answer", LENGTH_4 + "\r\nbody", Duration.ofMillis(1))
                        .whole("body"));
    }

    /** Returns bodies where HTTP allows none; the bytes must not become the next answer. */
    static Stream<ScriptedResponse> forbiddenBodies() {
        return Stream.of("HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n")
                .flatMap(status -> Stream.of(
                                "\r\n", "content-length: 4\r\n\r\nbody", "transfer-encoding: chunked\r\n\r\n")
                        .flatMap(rest -> Stream.of("", UNASKED).map(more -> status + rest + more)))
                .map(bytes -> broken(bytes.replace("\r\n", "|"), bytes).wholeIfTaken(""))
                .flatMap(answer -> Stream.of(answer, answer.to("HEAD")));
    }

    /** Returns answers to HEAD with a body. */
    static Stream<ScriptedResponse> headBodies() {
        return Stream.of("", "body", "body" + UNASKED, UNASKED)
                .map(body -> broken("with \"" + body.replace("\r\n", "|") + "\"", LENGTH_4 + "\r\n" + body)
                        .wholeIfTaken("")
                        .to("HEAD"));
    }

    private static String kind(String start) {
        return start.startsWith(CHUNKED) ? " of chunks" : "";
    }

    private static String many(int count, String line) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(String.format(Locale.ROOT, line, i));
        }
        return lines.toString();
    }

    /** Writes until the client closes the connection. */
    private static void endless(Wire wire, String start, String again) throws IOException {
        wire.writeForEver(start.getBytes(ISO_8859_1), again.getBytes(ISO_8859_1));
    }
}
