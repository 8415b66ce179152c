package io.alldocs.http.contract;

import static io.alldocs.http.contract.Frames.CONTINUATION;
import static io.alldocs.http.contract.Frames.END_HEADERS;
import static io.alldocs.http.contract.Frames.END_STREAM;
import static io.alldocs.http.contract.Frames.HEADERS;
import static io.alldocs.http.contract.Frames.block;
import static io.alldocs.http.contract.Frames.bytes;
import static io.alldocs.http.contract.Frames.data;
import static io.alldocs.http.contract.Frames.frame;
import static io.alldocs.http.contract.Frames.headers;
import static io.alldocs.http.contract.Frames.indexed;
import static io.alldocs.http.contract.Frames.join;
import static io.alldocs.http.contract.Frames.ok;
import static io.alldocs.http.contract.Frames.times;
import static io.alldocs.http.contract.Frames.whole;
import static io.alldocs.http.contract.Http2Responses.before;
import static io.alldocs.http.contract.Http2Responses.response;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The invalid, unusual or huge header fields of {@link Http2Contract}. Section numbers refer to RFC 9113. */
final class Http2Fields {

    private Http2Fields() {}

    /** Returns bytes that are not a header block (RFC 7541), followed by a body. */
    static Stream<ScriptedResponse> headerBlocks() {
        return Stream.of(
                        "80", // index 0
                        "ff ff ff ff ff 0f", // index far above the table
                        "ff ff ff ff ff ff ff ff ff ff ff", // an endless index
                        "be", // the newest field of an empty dynamic table
                        "7f ff ff ff ff 07 01 61", // a name with an index far above the table
                        "00 01 78 7f ff ff ff ff 07 61", // a string of 2 GB
                        "00 01 78 7f ff ff ff ff 7f 61", // a string whose length does not fit an int
                        "00 01 78 05 61", // a truncated string
                        "00 01 78", // no value
                        "00", // no name
                        "00 81 ff 81 ff", // Huffman coding: the padding is too long
                        "00 01 78 84 ff ff ff ff", // Huffman coding: end of string
                        "00 01 78 81 00", // Huffman coding: the padding does not consist of ones
                        "3f e1 ff ff ff 07", // a table of 128 MB
                        "3f ff ff ff ff 7f", // a table whose size does not fit an int
                        "20 20 20 20 20") // five changes of the table size
                .map(hex -> HexFormat.ofDelimiter(" ").parseHex(hex))
                .flatMap(bad -> Stream.of(join(block(":status", "200"), bad), bad, join(bad, block(":status", "200")))
                        .map(fields -> response(
                                        "header block " + HexFormat.of().formatHex(fields),
                                        stream -> join(
                                                frame(HEADERS, END_HEADERS, stream, fields),
                                                data(stream, END_STREAM, "body")))
                                .wholeIfTaken("body")));
    }

    /** Returns fields that HTTP/2 does not allow (§8.2, §8.3). */
    static Stream<ScriptedResponse> fields() {
        Stream<ScriptedResponse> badStatus = Stream.of("", "abc", "2", "20", "2000", "-200", "99999999999")
                .map(status -> response(
                        "status \"" + status + "\"",
                        stream -> join(headers(stream, 0, ":status", status), data(stream, END_STREAM, "body"))));
        Stream<ScriptedResponse> odd = Stream.of(
                        List.of(":status", "200", ":status", "200"),
                        List.of(":status", "+200"),
                        List.of(":status", " 200"),
                        List.of(":status", "200", ":path", "/"),
                        List.of(":status", "200", ":unknown", "1"),
                        List.of("x", "1", ":status", "200"),
                        List.of(":status", "200", "", "1"),
                        List.of(":status", "200", ":", "1"),
                        List.of(":status", "200", "X-Upper", "1"),
                        List.of(":status", "200", "a name", "1"),
                        List.of(":status", "200", "nul\0", "1"),
                        List.of(":status", "200", "nul", "a\0b"),
                        List.of(":status", "200", "crlf", "a\r\nb: c"),
                        List.of(":status", "200", "lf\nb", "c"),
                        List.of(":status", "200", "space", " a "),
                        List.of(":status", "200", "latin-1", "caf\u00e9"),
                        List.of(":status", "200", "connection", "close"),
                        List.of(":status", "200", "keep-alive", "timeout=5"),
                        List.of(":status", "200", "upgrade", "h2c"),
                        List.of(":status", "200", "set-cookie", "a=b"),
                        List.of(":status", "200", "retry-after", "99999999999999999999"))
                .map(fields -> response(
                                "fields " + fields,
                                stream -> join(
                                        headers(stream, 0, fields.toArray(String[]::new)),
                                        data(stream, END_STREAM, "body")))
                        .wholeIfTaken("body"));
        return Stream.of(
                        badStatus,
                        odd,
                        Stream.of(
                                response(
                                        "no status",
                                        stream -> join(headers(stream, 0, "x", "1"), data(stream, END_STREAM, "body"))),
                                response(
                                                "two statuses",
                                                stream -> join(
                                                        headers(stream, 0, ":status", "404", ":status", "200"),
                                                        data(stream, END_STREAM, "body")))
                                        .wholeIfTaken("body"),
                                response(
                                                "Transfer-Encoding",
                                                stream -> join(
                                                        headers(
                                                                stream,
                                                                0,
                                                                ":status",
                                                                "200",
                                                                "transfer-encoding",
                                                                "chunked"),
                                                        data(stream, END_STREAM, "4\r\nbody\r\n0\r\n\r\n")))
                                        .wholeIfTaken("4\r\nbody\r\n0\r\n\r\n")))
                .flatMap(answers -> answers);
    }

    /** Returns interim answers (1xx) and trailers, valid and invalid. */
    static Stream<ScriptedResponse> interimAndTrailers() {
        return Stream.of(
                before("100", stream -> headers(stream, 0, ":status", "100")),
                before("103", stream -> headers(stream, 0, ":status", "103", "link", "</a>")),
                before("101", stream -> headers(stream, 0, ":status", "101")),
                before("10,000 times 103", stream -> times(10_000, headers(stream, 0, ":status", "103"))),
                before("100 with DATA", stream -> join(headers(stream, 0, ":status", "100"), data(stream, 0, "evil"))),
                response("100 that ends the stream", stream -> headers(stream, END_STREAM, ":status", "100"))
                        .wholeIfTaken(""),
                response(
                                "trailers",
                                stream -> join(
                                        ok(stream),
                                        data(stream, 0, "body"),
                                        headers(stream, END_STREAM, "x-check", "1")))
                        .wholeIfTaken("body"),
                response(
                        "trailers, and half of the body",
                        stream -> join(ok(stream), data(stream, 0, "bo"), headers(stream, END_STREAM, "x-check", "1"))),
                response(
                                "trailers without the end of the stream",
                                stream -> join(ok(stream), data(stream, 0, "body"), headers(stream, 0, "x-check", "1")))
                        .wholeIfTaken("body"),
                response(
                                "trailers with a status",
                                stream -> join(
                                        ok(stream),
                                        data(stream, 0, "body"),
                                        headers(stream, END_STREAM, ":status", "500")))
                        .wholeIfTaken("body"),
                response(
                                "trailers with a length",
                                stream -> join(
                                        ok(stream),
                                        data(stream, 0, "body"),
                                        headers(stream, END_STREAM, "content-length", "9")))
                        .wholeIfTaken("body"));
    }

    /** Returns bodies where HTTP allows none. */
    static Stream<ScriptedResponse> forbiddenBodies() {
        Stream<ScriptedResponse> statuses = Stream.of("204", "304")
                .map(status -> response(
                        status + " with DATA",
                        stream -> join(
                                headers(stream, 0, ":status", status, "content-length", "4"),
                                data(stream, END_STREAM, "body"))));
        Stream<ScriptedResponse> heads = Stream.of(
                response("with DATA", stream -> whole(stream, "body")),
                response("without the end of the stream", Frames::ok),
                response(
                        "without DATA",
                        stream -> headers(stream, END_STREAM, ":status", "200", "content-length", "4")));
        return Stream.concat(statuses, heads.map(answer -> answer.to("HEAD"))).map(answer -> answer.wholeIfTaken(""));
    }

    /** Returns headers that are large, or become large when they are decoded. */
    static Stream<ScriptedResponse> headerBombs() {
        byte[] status = block(":status", "200");
        return Stream.of(
                        bomb("a value of 1 MiB", join(status, block("x", "y".repeat(1 << 20)))),
                        bomb("a name of 1 MiB", join(status, block("x".repeat(1 << 20), "y"))),
                        bomb("10,000 fields", join(status, times(10_000, block("x", "1")))),
                        bomb(
                                "200,000 fields of one byte",
                                join(status, indexed("x", "1"), times(200_000, bytes(0xbe)))),
                        bomb(
                                "100 MB in 25 KB",
                                join(status, indexed("x", "y".repeat(4_000)), times(25_000, bytes(0xbe)))))
                .flatMap(answer -> answer);
    }

    private static Stream<ScriptedResponse> bomb(String name, byte[] fields) {
        return Stream.of(
                response(name, stream -> join(inFrames(stream, 0, fields), data(stream, END_STREAM, "body")))
                        .wholeIfTaken("body"),
                response(
                                "trailers of " + name,
                                stream ->
                                        join(ok(stream), data(stream, 0, "body"), inFrames(stream, END_STREAM, fields)))
                        .wholeIfTaken("body"));
    }

    private static byte[] inFrames(int stream, int flags, byte[] fields) {
        List<byte[]> frames = new ArrayList<>();
        for (int at = 0; at < fields.length; at += 16_384) {
            int end = Math.min(fields.length, at + 16_384);
            int last = end == fields.length ? END_HEADERS : 0;
            byte[] part = Arrays.copyOfRange(fields, at, end);
            frames.add(at == 0 ? frame(HEADERS, flags | last, stream, part) : frame(CONTINUATION, last, stream, part));
        }
        return join(frames.toArray(byte[][]::new));
    }
}
