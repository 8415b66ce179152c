package io.alldocs.http.contract;

import static io.alldocs.http.contract.Frames.ACK;
import static io.alldocs.http.contract.Frames.CONTINUATION;
import static io.alldocs.http.contract.Frames.DATA;
import static io.alldocs.http.contract.Frames.END_STREAM;
import static io.alldocs.http.contract.Frames.GOAWAY;
import static io.alldocs.http.contract.Frames.HEADERS;
import static io.alldocs.http.contract.Frames.PADDED;
import static io.alldocs.http.contract.Frames.PING;
import static io.alldocs.http.contract.Frames.PRIORITY;
import static io.alldocs.http.contract.Frames.SETTINGS;
import static io.alldocs.http.contract.Frames.WINDOW_UPDATE;
import static io.alldocs.http.contract.Frames.block;
import static io.alldocs.http.contract.Frames.bytes;
import static io.alldocs.http.contract.Frames.data;
import static io.alldocs.http.contract.Frames.frame;
import static io.alldocs.http.contract.Frames.frameOfLength;
import static io.alldocs.http.contract.Frames.goAway;
import static io.alldocs.http.contract.Frames.headers;
import static io.alldocs.http.contract.Frames.int32;
import static io.alldocs.http.contract.Frames.join;
import static io.alldocs.http.contract.Frames.ok;
import static io.alldocs.http.contract.Frames.reset;
import static io.alldocs.http.contract.Frames.settings;
import static io.alldocs.http.contract.Frames.times;
import static io.alldocs.http.contract.Frames.whole;
import static io.alldocs.http.contract.Http2Responses.before;
import static io.alldocs.http.contract.Http2Responses.pairs;
import static io.alldocs.http.contract.Http2Responses.response;
import static io.alldocs.http.contract.Http2Responses.text;
import static io.alldocs.http.contract.ScriptedResponse.scripted;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.alldocs.http.contract.ScriptedResponse.After;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The answers of {@link Http2Contract} that end too early, too late or never, grouped by kind. */
final class Http2Endings {

    private static final byte[] NOTHING = {};

    /**
     * Pause between two frames that are sent one by one. Each pause is shorter than the stall timeout, but all frames
     * together take longer than any timeout of the contract.
     */
    private static final Duration TRICKLE = Duration.ofMillis(30);

    private Http2Endings() {}

    /** Returns RST_STREAM with each kind of code, in each phase. */
    static Stream<ScriptedResponse> resets() {
        return LongStream.of(0, 1, 2, 3, 5, 7, 8, 11, 13, 0xffffffffL)
                .boxed()
                .flatMap(code -> Stream.of(
                                response("before the headers", stream -> NOTHING),
                                response("behind the headers", Frames::ok),
                                response("in the body", stream -> join(ok(stream), data(stream, 0, "bo"))),
                                response("behind the whole body", stream -> join(ok(stream), data(stream, 0, "body")))
                                        .wholeIfTaken("body"),
                                response("behind the end", stream -> whole(stream, "body"))
                                        .wholeIfTaken("body"))
                        .map(phase -> new ScriptedResponse(
                                "RST_STREAM " + code + " " + phase.name(),
                                "GET",
                                wire -> {
                                    phase.send(wire);
                                    wire.write(reset(wire.stream(), code));
                                },
                                After.KEEP,
                                phase.whole(),
                                true)));
    }

    /** Returns GOAWAY frames that do or do not cover the request, in each phase; a covered answer continues. */
    static Stream<ScriptedResponse> goAways() {
        List<ScriptedResponse> answers = new ArrayList<>();
        for (long code : new long[] {0, 2, 11}) {
            for (int last : new int[] {0, 3, Integer.MAX_VALUE}) {
                for (After end : List.of(After.KEEP, After.CLOSE, After.SILENCE)) {
                    String name = "GOAWAY " + code + ", last stream " + last;
                    answers.add(response(name + ", before the headers", stream -> goAway(last, code))
                            .then(end));
                    answers.add(response(
                                    name + ", in the body",
                                    stream -> join(ok(stream), data(stream, 0, "bo"), goAway(last, code)))
                            .then(end));
                    answers.add(response(
                                    name + ", and the answer",
                                    stream -> join(goAway(last, code), whole(stream, "body")))
                            .wholeIfTaken("body")
                            .then(end));
                }
            }
        }
        answers.add(before("1,000 GOAWAY", stream -> times(1_000, goAway(stream, 0))));
        answers.add(before(
                "GOAWAY with 16 KB of text",
                stream -> frame(GOAWAY, 0, 0, join(int32(stream), int32(0), new byte[16_000]))));
        return answers.stream();
    }

    /** Returns silence on the stream, and on the whole connection. */
    static Stream<ScriptedResponse> silences() {
        return Stream.of(After.KEEP, After.SILENCE)
                .flatMap(end -> Stream.of(
                                response("nothing", stream -> NOTHING),
                                response("a part of a frame's header", stream -> bytes(0, 0)),
                                response(
                                        "a header block without end",
                                        stream -> frame(HEADERS, 0, stream, block(":status", "200"))),
                                response("headers", Frames::ok),
                                response("an interim answer", stream -> headers(stream, 0, ":status", "103")),
                                response("half the body", stream -> join(ok(stream), data(stream, 0, "bo"))),
                                response(
                                        "a body without its end",
                                        stream -> join(headers(stream, 0, ":status", "200"), data(stream, 0, "body"))),
                                response(
                                                "a body with its length and without its end",
                                                stream -> join(ok(stream), data(stream, 0, "body")))
                                        .wholeIfTaken("body"))
                        .map(answer -> answer.then(end)));
    }

    /** Returns answers of single frames at short intervals, so that no silence exceeds the stall timeout. */
    static Stream<ScriptedResponse> trickles() {
        return Stream.of(
                slow("body", Frames::ok, stream -> data(stream, 0, "")),
                slow(
                        "body of one byte a frame",
                        stream -> headers(stream, 0, ":status", "200"),
                        stream -> data(stream, 0, "x")),
                slow("PING", stream -> NOTHING, stream -> frame(PING, 0, 0, new byte[8])),
                slow("PING in the body", Frames::ok, stream -> frame(PING, 0, 0, new byte[8])),
                slow("interim answers", stream -> NOTHING, stream -> headers(stream, 0, ":status", "103")),
                slow(
                        "header block",
                        stream -> frame(HEADERS, 0, stream, block(":status", "200")),
                        stream -> frame(CONTINUATION, 0, stream, block("x", "1"))),
                slow("SETTINGS", stream -> NOTHING, stream -> settings(3, 100)));
    }

    private static ScriptedResponse slow(String name, IntFunction<byte[]> start, IntFunction<byte[]> again) {
        return scripted("slow " + name, wire -> {
            wire.write(start.apply(wire.stream()));
            wire.repeat(again.apply(wire.stream()), TRICKLE);
        });
    }

    /** Returns endless frames, sent as fast as the client reads them. */
    static Stream<ScriptedResponse> floods() {
        return Stream.of(
                endless("PING", stream -> NOTHING, stream -> frame(PING, 0, 0, new byte[8])),
                endless("confirmed PING", stream -> NOTHING, stream -> frame(PING, ACK, 0, new byte[8])),
                endless("SETTINGS", stream -> NOTHING, stream -> settings()),
                endless("SETTINGS of 2,000 values", stream -> NOTHING, stream -> settings(pairs(2_000))),
                endless("WINDOW_UPDATE", stream -> NOTHING, stream -> frame(WINDOW_UPDATE, 0, stream, int32(1))),
                endless("PRIORITY", stream -> NOTHING, stream -> frame(PRIORITY, 0, stream, new byte[5])),
                endless("unknown frames", stream -> NOTHING, stream -> frame(0xfa, 0, stream, new byte[100])),
                endless("GOAWAY", stream -> NOTHING, stream -> goAway(stream, 0)),
                endless("RST_STREAM of other streams", stream -> NOTHING, stream -> reset(stream + 100, 8)),
                endless("interim answers", stream -> NOTHING, stream -> headers(stream, 0, ":status", "103")),
                endless("empty DATA", Frames::ok, stream -> data(stream, 0, "")),
                endless(
                        "DATA that respects no window",
                        stream -> headers(stream, 0, ":status", "200"),
                        stream -> data(stream, 0, "x".repeat(16_000))),
                endless(
                        "DATA of one byte that respects no window",
                        stream -> headers(stream, 0, ":status", "200"),
                        stream -> frame(DATA, PADDED, stream, join(bytes(255), text("x"), new byte[255]))),
                endless(
                        "empty CONTINUATION",
                        stream -> frame(HEADERS, 0, stream, block(":status", "200")),
                        stream -> frame(CONTINUATION, 0, stream)),
                endless(
                        "CONTINUATION",
                        stream -> frame(HEADERS, 0, stream, block(":status", "200")),
                        stream -> frame(CONTINUATION, 0, stream, times(1_000, block("x", "123456789")))),
                endless(
                                "trailers",
                                stream -> join(ok(stream), data(stream, 0, "body"), frame(HEADERS, END_STREAM, stream)),
                                stream -> frame(CONTINUATION, 0, stream, times(1_000, block("x", "123456789"))))
                        .wholeIfTaken("body"));
    }

    private static ScriptedResponse endless(String name, IntFunction<byte[]> start, IntFunction<byte[]> again) {
        return scripted(
                name + " without end",
                wire -> wire.writeForEver(start.apply(wire.stream()), again.apply(wire.stream())));
    }

    /** Returns connections that end after each frame and within some frames: by an orderly close and by a reset. */
    static Stream<ScriptedResponse> cuts() {
        byte[] whole = join(ok(1), data(1, 0, "bo"), data(1, END_STREAM, "dy"));
        return IntStream.of(0, 3, 9, 20, ok(1).length, whole.length - 11, whole.length - 2, whole.length - 1)
                .boxed()
                .flatMap(length -> Stream.of(After.CLOSE, After.RESET)
                        .map(how -> response(
                                        "cut behind " + length + " bytes",
                                        stream -> Arrays.copyOf(
                                                join(ok(stream), data(stream, 0, "bo"), data(stream, END_STREAM, "dy")),
                                                length))
                                .then(how)));
    }

    /** Returns first bytes of a connection. Where they contain the answer to a request, that answer is valid. */
    static Stream<ScriptedResponse> greetings() {
        return Stream.concat(
                        Stream.of(
                                        NOTHING,
                                        text("HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\n\r\nevil"),
                                        text("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"),
                                        text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                                        text("SSH-2.0-OpenSSH_9.2\r\n"),
                                        new byte[100],
                                        times(100, bytes(0xff)),
                                        frame(PING, 0, 0, new byte[8]),
                                        goAway(0, 0),
                                        goAway(0, 1),
                                        frame(SETTINGS, ACK, 0),
                                        frameOfLength(0xffffff, SETTINGS, 0, 0, new byte[6]),
                                        settings(3, 0),
                                        settings(4, 0),
                                        settings(5, 0),
                                        settings(1, 0xffffffffL),
                                        join(settings(), settings(4, 0x80000000L)))
                                .flatMap(first -> Stream.of(After.KEEP, After.CLOSE, After.SILENCE)
                                        .map(end -> scripted(
                                                        "greeting \"" + new String(first, ISO_8859_1).strip() + '"',
                                                        wire -> wire.write(first))
                                                .then(end))),
                        Stream.of(
                                response("an answer before the request", stream -> whole(1, "body")),
                                endless("zeros", stream -> NOTHING, stream -> new byte[100]),
                                endless("SETTINGS", stream -> NOTHING, stream -> settings(3, 100)),
                                endless("PING", stream -> settings(), stream -> frame(PING, 0, 0, new byte[8]))))
                .map(answer -> answer.wholeIfTaken("body"));
    }
}
