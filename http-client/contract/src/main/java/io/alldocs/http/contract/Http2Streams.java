package io.alldocs.http.contract;

import static io.alldocs.http.contract.Frames.CONTINUATION;
import static io.alldocs.http.contract.Frames.END_HEADERS;
import static io.alldocs.http.contract.Frames.END_STREAM;
import static io.alldocs.http.contract.Frames.GOAWAY;
import static io.alldocs.http.contract.Frames.HEADERS;
import static io.alldocs.http.contract.Frames.PING;
import static io.alldocs.http.contract.Frames.PRIORITY;
import static io.alldocs.http.contract.Frames.PUSH_PROMISE;
import static io.alldocs.http.contract.Frames.SETTINGS;
import static io.alldocs.http.contract.Frames.WINDOW_UPDATE;
import static io.alldocs.http.contract.Frames.block;
import static io.alldocs.http.contract.Frames.data;
import static io.alldocs.http.contract.Frames.frame;
import static io.alldocs.http.contract.Frames.headers;
import static io.alldocs.http.contract.Frames.int32;
import static io.alldocs.http.contract.Frames.join;
import static io.alldocs.http.contract.Frames.ok;
import static io.alldocs.http.contract.Frames.reset;
import static io.alldocs.http.contract.Frames.whole;
import static io.alldocs.http.contract.Http2Responses.before;
import static io.alldocs.http.contract.Http2Responses.response;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Frames of {@link Http2Contract} in an invalid order, or for invalid streams. Section numbers refer to RFC 9113. */
final class Http2Streams {

    private Http2Streams() {}

    /** Returns frames in an order that is not allowed, or for streams that are not open (§5.1). */
    static Stream<ScriptedResponse> streams() {
        Stream<ScriptedResponse> ofOthers = IntStream.of(0, 2, 99, Integer.MAX_VALUE)
                .boxed()
                .flatMap(other -> Stream.of(
                        before("DATA of stream " + other, stream -> data(other, 0, "evil")),
                        before("a whole answer of stream " + other, stream -> whole(other, "evil")),
                        before("RST_STREAM of stream " + other, stream -> reset(other, 8)),
                        before("PRIORITY of stream " + other, stream -> frame(PRIORITY, 0, other, new byte[5])),
                        before(
                                "WINDOW_UPDATE of stream " + other,
                                stream -> frame(WINDOW_UPDATE, 0, other, int32(1_000))),
                        before(
                                "CONTINUATION of stream " + other,
                                stream -> frame(CONTINUATION, END_HEADERS, other, block("x", "1"))),
                        response(
                                        "CONTINUATION of stream " + other + " in a header block",
                                        stream -> join(
                                                frame(HEADERS, 0, stream, block(":status", "200")),
                                                frame(CONTINUATION, END_HEADERS, other, block("x", "1")),
                                                data(stream, END_STREAM, "body")))
                                .wholeIfTaken("body")));
        return Stream.concat(
                ofOthers,
                Stream.of(
                        before("SETTINGS of a stream", stream -> frame(SETTINGS, 0, stream)),
                        before("PING of a stream", stream -> frame(PING, 0, stream, new byte[8])),
                        before("GOAWAY of a stream", stream -> frame(GOAWAY, 0, stream, new byte[8])),
                        before(
                                "CONTINUATION without HEADERS",
                                stream -> frame(CONTINUATION, END_HEADERS, stream, block("x", "1"))),
                        response("DATA before HEADERS", stream -> join(data(stream, 0, "evil"), whole(stream, "body")))
                                .wholeIfTaken("body"),
                        response("DATA without HEADERS", stream -> data(stream, END_STREAM, "evil")),
                        response(
                                        "HEADERS twice",
                                        stream -> join(ok(stream), ok(stream), data(stream, END_STREAM, "body")))
                                .wholeIfTaken("body"),
                        response(
                                        "DATA in a header block",
                                        stream -> join(
                                                frame(HEADERS, 0, stream, block(":status", "200")),
                                                data(stream, END_STREAM, "body")))
                                .wholeIfTaken("body"),
                        response(
                                        "HEADERS in a header block",
                                        stream ->
                                                join(frame(HEADERS, 0, stream, block("x", "1")), whole(stream, "body")))
                                .wholeIfTaken("body"),
                        response(
                                        "CONTINUATION behind a whole header block",
                                        stream -> join(
                                                ok(stream),
                                                frame(CONTINUATION, END_HEADERS, stream, block("x", "1")),
                                                data(stream, END_STREAM, "body")))
                                .wholeIfTaken("body"),
                        before(
                                "a promise",
                                stream -> join(
                                        promise(stream, 2),
                                        headers(2, 0, ":status", "200"),
                                        data(2, END_STREAM, "evil"))),
                        before("a promise of an odd stream", stream -> promise(stream, stream + 2)),
                        before("a promise of this stream", stream -> promise(stream, stream)),
                        before("a promise of stream 0", stream -> promise(stream, 0)),
                        before(
                                "1,000 promises",
                                stream -> join(IntStream.rangeClosed(1, 1_000)
                                        .mapToObj(i -> promise(stream, 2 * i))
                                        .toArray(byte[][]::new)))));
    }

    private static byte[] promise(int stream, int promised) {
        return frame(
                PUSH_PROMISE,
                END_HEADERS,
                stream,
                join(
                        int32(promised),
                        block(":method", "GET", ":scheme", "https", ":authority", "127.0.0.1", ":path", "/pushed")));
    }
}
