package io.alldocs.http.contract;

import static io.alldocs.http.contract.Frames.ACK;
import static io.alldocs.http.contract.Frames.CONTINUATION;
import static io.alldocs.http.contract.Frames.DATA;
import static io.alldocs.http.contract.Frames.END_HEADERS;
import static io.alldocs.http.contract.Frames.END_STREAM;
import static io.alldocs.http.contract.Frames.GOAWAY;
import static io.alldocs.http.contract.Frames.HEADERS;
import static io.alldocs.http.contract.Frames.PADDED;
import static io.alldocs.http.contract.Frames.PING;
import static io.alldocs.http.contract.Frames.PRIORITY;
import static io.alldocs.http.contract.Frames.RST_STREAM;
import static io.alldocs.http.contract.Frames.SETTINGS;
import static io.alldocs.http.contract.Frames.WINDOW_UPDATE;
import static io.alldocs.http.contract.Frames.WITH_PRIORITY;
import static io.alldocs.http.contract.Frames.block;
import static io.alldocs.http.contract.Frames.bytes;
import static io.alldocs.http.contract.Frames.data;
import static io.alldocs.http.contract.Frames.frame;
import static io.alldocs.http.contract.Frames.frameOfLength;
import static io.alldocs.http.contract.Frames.headers;
import static io.alldocs.http.contract.Frames.int32;
import static io.alldocs.http.contract.Frames.join;
import static io.alldocs.http.contract.Frames.ok;
import static io.alldocs.http.contract.Frames.settings;
import static io.alldocs.http.contract.Frames.times;
import static io.alldocs.http.contract.Frames.whole;
import static io.alldocs.http.contract.ScriptedResponse.scripted;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.alldocs.http.contract.ScriptedResponse.After;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The invalid frames of {@link Http2Contract}, grouped by defect. Section numbers refer to RFC 9113. */
final class Http2Responses {

    private Http2Responses() {}

    static ScriptedResponse response(String name, IntFunction<byte[]> ofStream) {
        return scripted(name, wire -> wire.write(ofStream.apply(wire.stream())));
    }

    /** Returns an answer with an unusual frame before a valid response. */
    static ScriptedResponse before(String name, IntFunction<byte[]> ofStream) {
        return response(name, stream -> join(ofStream.apply(stream), whole(stream, "body")))
                .wholeIfTaken("body");
    }

    /** Returns frames with invalid or unusual lengths, paddings and types. */
    static Stream<ScriptedResponse> frames() {
        String large = "x".repeat(16_385);
        Stream<ScriptedResponse> wrongLengths = Stream.of(
                        bytes(SETTINGS, 0, 5),
                        bytes(SETTINGS, ACK, 6),
                        bytes(PING, 0, 7),
                        bytes(PING, 0, 0),
                        bytes(GOAWAY, 0, 4),
                        bytes(PRIORITY, 1, 4),
                        bytes(RST_STREAM, 1, 3),
                        bytes(WINDOW_UPDATE, 0, 3),
                        bytes(WINDOW_UPDATE, 1, 5))
                .map(kind -> before("frame of type " + kind[0] + " with " + kind[2] + " bytes", stream -> {
                    boolean ofConnection = kind[0] == SETTINGS || kind[0] == PING || kind[0] == GOAWAY || kind[1] == 0;
                    return frame(
                            kind[0], kind[0] == SETTINGS ? kind[1] : 0, ofConnection ? 0 : stream, new byte[kind[2]]);
                }));
        Stream<ScriptedResponse> inOrder = Stream.of(
                response("a whole answer", stream -> whole(stream, "body")),
                before("a frame of an unknown type", stream -> frame(0xfa, 0xff, stream, new byte[100])),
                before("SETTINGS once more", stream -> settings(3, 50)),
                before("PING", stream -> frame(PING, 0, 0, new byte[8])),
                before("WINDOW_UPDATE", stream -> frame(WINDOW_UPDATE, 0, 0, int32(1_000))),
                response(
                        "padding",
                        stream -> join(
                                ok(stream),
                                frame(DATA, PADDED | END_STREAM, stream, join(bytes(3), text("body"), new byte[3])))),
                response(
                        "HEADERS with priority and padding",
                        stream -> join(
                                frame(
                                        HEADERS,
                                        PADDED | WITH_PRIORITY | END_HEADERS,
                                        stream,
                                        join(bytes(2, 0, 0, 0, 0, 16), block(":status", "200"), new byte[2])),
                                data(stream, END_STREAM, "body"))),
                response(
                        "100 empty DATA frames",
                        stream -> join(ok(stream), times(100, data(stream, 0, "")), data(stream, END_STREAM, "body"))),
                response(
                        "header block in frames of one byte",
                        stream -> join(oneByOne(stream, block(":status", "200")), data(stream, END_STREAM, "body"))));
        return Stream.of(
                        wrongLengths,
                        inOrder.map(answer -> answer.whole("body")),
                        Stream.of(
                                before("PRIORITY", stream -> frame(PRIORITY, 0, stream, new byte[5])),
                                response(
                                                "DATA longer than the client allows",
                                                stream -> join(
                                                        headers(stream, 0, ":status", "200"),
                                                        data(stream, END_STREAM, large)))
                                        .wholeIfTaken(large),
                                response(
                                                "HEADERS longer than the client allows",
                                                stream -> join(
                                                        headers(stream, 0, ":status", "200", "x", "y".repeat(70_000)),
                                                        data(stream, END_STREAM, "body")))
                                        .wholeIfTaken("body"),
                                response(
                                        "padding longer than its DATA",
                                        stream -> join(
                                                ok(stream),
                                                frame(
                                                        DATA,
                                                        PADDED | END_STREAM,
                                                        stream,
                                                        join(bytes(200), text("body"))))),
                                response(
                                        "padding of DATA without a byte",
                                        stream -> join(ok(stream), frame(DATA, PADDED | END_STREAM, stream))),
                                response(
                                        "padding longer than its HEADERS",
                                        stream -> join(
                                                frame(
                                                        HEADERS,
                                                        PADDED | END_HEADERS,
                                                        stream,
                                                        join(bytes(200), block(":status", "200"))),
                                                data(stream, END_STREAM, "body"))),
                                response(
                                        "HEADERS without a byte",
                                        stream -> join(
                                                frame(HEADERS, END_HEADERS, stream),
                                                data(stream, END_STREAM, "body")))),
                        Stream.of(After.KEEP, After.CLOSE, After.SILENCE)
                                .flatMap(end -> IntStream.of(DATA, HEADERS, SETTINGS, CONTINUATION, 0xfa)
                                        .mapToObj(type -> response(
                                                        "frame of type " + type + " that never ends",
                                                        stream -> join(
                                                                ok(stream),
                                                                frameOfLength(
                                                                        type == DATA ? 16_384 : 0xffffff,
                                                                        type,
                                                                        0,
                                                                        stream,
                                                                        text("body"))))
                                                .then(end))))
                .flatMap(answers -> answers);
    }

    /** Returns bodies that differ from their declared length, and invalid lengths (§8.1.1). */
    static Stream<ScriptedResponse> lengths() {
        return Stream.concat(
                Stream.of(
                                "3",
                                "5",
                                "0",
                                "999999999999999999",
                                "9223372036854775807",
                                "99999999999999999999",
                                "abc",
                                "4x",
                                "+4",
                                "4, 5")
                        .flatMap(length -> Stream.of(false, true)
                                .map(endsApart -> response(
                                        "four bytes of length " + length + (endsApart ? ", with an end apart" : ""),
                                        stream -> join(
                                                headers(stream, 0, ":status", "200", "content-length", length),
                                                endsApart
                                                        ? join(data(stream, 0, "body"), data(stream, END_STREAM, ""))
                                                        : data(stream, END_STREAM, "body"))))),
                Stream.of(
                        response(
                                "two lengths",
                                stream -> join(
                                        headers(
                                                stream,
                                                0,
                                                ":status",
                                                "200",
                                                "content-length",
                                                "4",
                                                "content-length",
                                                "5"),
                                        data(stream, END_STREAM, "body"))),
                        response(
                                "length, and no DATA",
                                stream -> headers(stream, END_STREAM, ":status", "200", "content-length", "4")),
                        response(
                                        "no length",
                                        stream -> join(
                                                headers(stream, 0, ":status", "200"), data(stream, END_STREAM, "body")))
                                .whole("body"),
                        response("no length and no DATA", stream -> headers(stream, END_STREAM, ":status", "200"))
                                .whole(""),
                        response(
                                        "DATA behind the end of the stream",
                                        stream -> join(whole(stream, "body"), data(stream, END_STREAM, "evil")))
                                .wholeIfTaken("body"),
                        response(
                                        "an answer behind the end of the stream",
                                        stream -> join(whole(stream, "body"), whole(stream, "evil")))
                                .wholeIfTaken("body")));
    }

    /** Returns windows and settings outside the allowed range (§6.5.2, §6.9). */
    static Stream<ScriptedResponse> windowsAndSettings() {
        Stream<ScriptedResponse> windows = Stream.of(true, false)
                .flatMap(ofStream -> Stream.of(
                        before(
                                "WINDOW_UPDATE of 0, " + ofStream,
                                stream -> frame(WINDOW_UPDATE, 0, ofStream ? stream : 0, int32(0))),
                        before(
                                "windows that do not fit an int, " + ofStream,
                                stream -> times(
                                        3, frame(WINDOW_UPDATE, 0, ofStream ? stream : 0, int32(Integer.MAX_VALUE))))));
        Stream<ScriptedResponse> values = Stream.of(
                        new long[] {1, 0},
                        new long[] {1, 0xffffffffL},
                        new long[] {2, 1},
                        new long[] {2, 2},
                        new long[] {3, 0},
                        new long[] {3, 0xffffffffL},
                        new long[] {4, 0},
                        new long[] {4, 0x80000000L},
                        new long[] {4, 0xffffffffL},
                        new long[] {5, 0},
                        new long[] {5, 16_383},
                        new long[] {5, 0x1000000},
                        new long[] {5, 0xffffffffL},
                        new long[] {6, 0},
                        new long[] {0, 1},
                        new long[] {0xffff, 1})
                .map(setting -> before("SETTINGS " + Arrays.toString(setting), stream -> settings(setting)));
        return Stream.of(
                        windows,
                        values,
                        Stream.of(before("1,000 SETTINGS", stream -> times(1_000, settings(pairs(10))))))
                .flatMap(answers -> answers);
    }

    /** Returns {@code count} copies of a valid setting (MAX_CONCURRENT_STREAMS). */
    static long[] pairs(int count) {
        long[] pairs = new long[2 * count];
        for (int i = 0; i < pairs.length; i += 2) {
            pairs[i] = 3;
            pairs[i + 1] = 100;
        }
        return pairs;
    }

    /** Splits {@code fields} into as few frames as the smallest limit of a client allows. */
    private static byte[] oneByOne(int stream, byte[] fields) {
        byte[][] frames = new byte[fields.length][];
        for (int i = 0; i < fields.length; i++) {
            frames[i] =
                    frame(i == 0 ? HEADERS : CONTINUATION, i == fields.length - 1 ? END_HEADERS : 0, stream, fields[i]);
        }
        return join(frames);
    }

    static byte[] text(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
