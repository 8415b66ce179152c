package io.alldocs.cli.chaos;

import io.alldocs.examples.registry.ExactServer.Exact;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Changes an HTTP response at random: its status line, its header, its framing or its body. The same seed makes the
 * same changes.
 */
final class Mutation implements Function<byte[], Exact> {
    private static final List<String> STATUS_LINES = List.of(
            "",
            "HTTP/1.1",
            "HTTP/1.1 ",
            "HTTP/1.1 abc OK",
            "HTTP/1.1 99999 X",
            "HTTP/1.1 -1 X",
            "HTTP/1.0 200 OK",
            "HTTP/2 200",
            "HTTP/9.9 200 OK",
            "ICY 200 OK",
            "<html>",
            "HTTP/1.1  200  OK",
            "HTTP/1.1 200",
            "\0\0\0",
            "SSH-2.0-OpenSSH");

    private static final int[] STATUSES = {
        100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402,
        403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 416, 418, 421, 425, 429, 431, 451, 499, 500, 501, 502,
        503, 504, 505, 511, 520, 599, 600, 999
    };

    private static final List<String> LINES = List.of(
            "Content-Length: abc",
            "Content-Length: 5, 5",
            "Content-Length: -1",
            "Content-Length:",
            "Content-Length: 0",
            "Content-Length: 99999999999999999999",
            "Content-Length: 1",
            "Content-Length: 100000",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: x",
            "Content-Encoding: br",
            "Content-Encoding: gzip",
            "Content-Encoding: deflate",
            "Content-Encoding: gzip, gzip",
            "Content-Encoding: zstd",
            "Content-Encoding: \u00ff",
            "Content-Type: text/html",
            "Content-Type: ;;;",
            "Content-Type: application/json; charset=utf-16",
            "Location: http://127.0.0.1:1/",
            "Location: /",
            "Location: \\\\",
            "Location: ftp://x/",
            "Location: http://[::1",
            "Location:",
            "Location: http://127.0.0.1:99999/",
            "Location: https://127.0.0.1:65536/a",
            "Location: //127.0.0.1:99999",
            "Location: http://:1/",
            "Location: http:///",
            "Location: http://127.0.0.1:-1/",
            "Location: http://user:secret@127.0.0.1:1/",
            "Location: ?",
            "Location: #",
            "Location: %",
            "Location: javascript:alert(1)",
            "Location: http://h:99999/" + "token".repeat(3_200),
            "Location: " + "//a@".repeat(4_000),
            "Retry-After: 0",
            "Retry-After: -5",
            "Retry-After: abc",
            "Retry-After: 99999999999999999999",
            "Retry-After: 1e9",
            "Retry-After: 2147483648",
            "Retry-After: " + "9".repeat(8_000),
            "Retry-After: " + " ".repeat(8_000) + "x",
            "Retry-After: Sun, 31 Feb 2027 25:61:61 GMT",
            "Retry-After: Sunday, 31-Dec-99 23:59:59 GMT",
            "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
            "Retry-After: Sun, " + "1 ".repeat(4_000),
            "Date: yesterday",
            "Age: x",
            "ETag: ",
            "ETag: \u00e9",
            "Last-Modified: 0",
            "Expires: 0",
            "Cache-Control: max-age=99999999999999999999",
            "Cache-Control: " + "a=\"".repeat(4_000),
            "Cache-Control: " + "no-cache,".repeat(2_000),
            "Connection: upgrade",
            "Upgrade: h2c",
            "WWW-Authenticate: Negotiate",
            "Proxy-Authenticate: x",
            "Set-Cookie: a=b",
            "Vary: *",
            ": no name",
            "no colon",
            " folded",
            "X\u0000Y: z",
            "Trailer: X",
            "x-amz-meta-head: %",
            "x-goog-hash: crc32c=AAAAAA==",
            "x-goog-stored-content-length: x",
            "metadata: {",
            "X-Long: " + "x".repeat(70_000));

    /** Bodies of error responses: texts in which a search for secrets can be slow. */
    private static final List<String> ERROR_BODIES = List.of(
            "token".repeat(819),
            "token=".repeat(2_000),
            "_auth-".repeat(2_000),
            "Bearer ".repeat(1_000),
            "npm_".repeat(3_000),
            "//a:b".repeat(2_000),
            "//@".repeat(3_000),
            "secret \"".repeat(1_000),
            "password" + " ".repeat(10_000) + "=",
            " \n".repeat(5_000),
            "\u0000\u001b[2J".repeat(1_000),
            "{\"error\":\"" + "a-token".repeat(5_000) + "\"}");

    /** Chunk sizes that exceed an int, are negative as an int, or are not numbers. */
    private static final List<String> CHUNK_SIZES = List.of(
            "7fffffff",
            "80000000",
            "ffffff00",
            "fffffff0",
            "fffffffe",
            "ffffffff",
            "100000000",
            "1234567812345678",
            "ffffffffffffffff",
            "10000000000000000",
            "-1",
            "",
            "g",
            "5;x",
            "0",
            "1",
            " 5",
            "0".repeat(10_000) + "5");

    private static final List<String> BODIES = List.of(
            "",
            "<!DOCTYPE html><html></html>",
            "null",
            "[]",
            "{}",
            "{",
            "[",
            "\"",
            "0",
            "NaN",
            "{\"rows\":null}",
            "{\"results\":[{}]}",
            "{\"rows\":[{\"id\":1}]}",
            "{\"last_seq\":{}}",
            "{\"success\":true,\"result\":null}",
            "{\"success\":false,\"errors\":[{}]}",
            "\ufeff{}",
            "<Error><Code>X</Code></Error>",
            "<ListBucketResult>",
            "[".repeat(100_000),
            "{\"a\":".repeat(20_000),
            "\0",
            "{\"a\":1e999999999}",
            "{\"a\":" + "9".repeat(200_000) + "}",
            "{\"rows\":[],\"total_rows\":99999999999999999999,\"offset\":-1}",
            "{\"rows\":[{\"id\":\"\",\"key\":\"\"}],\"total_rows\":9223372036854775807,\"offset\":9223372036854775807}",
            "{\"rows\":[{\"id\":\"\\ud800\"}]}",
            "{\"db_name\":1,\"doc_count\":99999999999999999999,\"update_seq\":99999999999999999999}",
            "{\"results\":[],\"last_seq\":99999999999999999999}",
            "{\"results\":[{\"seq\":-1,\"id\":\"\",\"changes\":[{\"rev\":\"\"}]}],\"last_seq\":\"\"}",
            "{\"results\":[{\"seq\":null,\"id\":{},\"changes\":[]}],\"last_seq\":1.5}",
            "{\"\\ud800\":1}",
            "\u001f\u008b\u0008");

    private final Random random;
    private final boolean staysOpen;

    /** @param staysOpen whether some connections stay open after the response, for clients with short timeouts */
    Mutation(long seed, boolean staysOpen) {
        this.random = new Random(seed);
        this.staysOpen = staysOpen;
    }

    @Override
    public Exact apply(byte[] answer) {
        int end = headEnd(answer);
        List<String> head =
                new ArrayList<>(Arrays.asList(new String(answer, 0, end, StandardCharsets.ISO_8859_1).split("\r\n")));
        byte[] body = Arrays.copyOfRange(answer, Math.min(answer.length, end + 4), answer.length);
        int changes = 1 + random.nextInt(2);
        for (int i = 0; i < changes; i++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> statusLine(head);
                case 2, 3 -> header(head);
                case 4 -> {
                    redirectOrRefusal(head);
                    body = random.nextBoolean() ? pick(ERROR_BODIES).getBytes(StandardCharsets.UTF_8) : body;
                }
                case 5 -> body = chunked(head, body);
                default -> body = body(body);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String lineEnd = random.nextInt(30) == 0 ? "\n" : "\r\n";
        out.writeBytes((String.join(lineEnd, head) + lineEnd + lineEnd).getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(body);
        return new Exact(framed(out.toByteArray()), random.nextInt(25) != 0 || !staysOpen);
    }

    private static int headEnd(byte[] answer) {
        for (int i = 0; i + 3 < answer.length; i++) {
            if (answer[i] == '\r' && answer[i + 1] == '\n' && answer[i + 2] == '\r' && answer[i + 3] == '\n') {
                return i;
            }
        }
        return answer.length;
    }

    private void statusLine(List<String> head) {
        String line = random.nextInt(4) == 0
                ? pick(STATUS_LINES)
                : "HTTP/1.1 " + STATUSES[random.nextInt(STATUSES.length)] + " Status";
        head.set(0, line);
    }

    /** Adds a redirect or an error status, with a header line that the client reads for this status. */
    private void redirectOrRefusal(List<String> head) {
        int[] statuses = {301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 429, 500, 503};
        head.set(0, "HTTP/1.1 " + statuses[random.nextInt(statuses.length)] + " Status");
        String field = random.nextBoolean() ? "Location" : "Retry-After";
        List<String> lines =
                LINES.stream().filter(line -> line.startsWith(field + ":")).toList();
        head.add(pick(lines));
    }

    /** Returns the body in chunks. One chunk has a wrong or too large size, or no end. */
    private byte[] chunked(List<String> head, byte[] body) {
        head.removeIf(line -> line.regionMatches(true, 0, "content-length:", 0, 15)
                || line.regionMatches(true, 0, "transfer-encoding:", 0, 18));
        head.add("Transfer-Encoding: chunked");
        int half = random.nextInt(body.length + 1);
        String size = pick(CHUNK_SIZES);
        String first = random.nextInt(3) == 0 ? size : Integer.toHexString(half);
        String end = random.nextInt(3) == 0 ? "" : "\r\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((first + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(body, 0, half);
        out.writeBytes((end + size + (random.nextInt(8) == 0 ? "\n" : "\r\n")).getBytes(StandardCharsets.US_ASCII));
        out.write(body, half, body.length - half);
        out.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private void header(List<String> head) {
        int at = head.size() == 1 ? 1 : 1 + random.nextInt(head.size() - 1);
        switch (random.nextInt(4)) {
            case 0 -> {
                if (at < head.size()) {
                    head.remove(at);
                }
            }
            case 1 -> head.add(Math.min(at, head.size()), head.get(Math.min(at, head.size() - 1)));
            default -> head.add(Math.min(at, head.size()), pick(LINES));
        }
    }

    private byte[] body(byte[] body) {
        switch (random.nextInt(6)) {
            case 0 -> {
                return pick(BODIES).getBytes(StandardCharsets.UTF_8);
            }
            case 1 -> {
                return Arrays.copyOf(body, random.nextInt(body.length + 1));
            }
            case 2 -> {
                return Arrays.copyOf(body, body.length + 1 + random.nextInt(1_000));
            }
            case 3 -> {
                byte[] noise = new byte[random.nextInt(2_000)];
                random.nextBytes(noise);
                return noise;
            }
            default -> {
                byte[] flipped = body.clone();
                for (int i = 0; i < 1 + random.nextInt(4) && flipped.length > 0; i++) {
                    flipped[random.nextInt(flipped.length)] = (byte) random.nextInt(256);
                }
                return flipped;
            }
        }
    }

    private byte[] framed(byte[] answer) {
        return switch (random.nextInt(12)) {
            case 0 -> Arrays.copyOf(answer, random.nextInt(answer.length + 1));
            case 1 -> Arrays.copyOf(answer, answer.length + random.nextInt(5_000));
            default -> answer;
        };
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
