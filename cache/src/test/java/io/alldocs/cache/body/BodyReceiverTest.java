package io.alldocs.cache.body;

import static io.alldocs.cache.Samples.gunzip;
import static io.alldocs.cache.Samples.gzip;
import static io.alldocs.cache.Samples.packument;
import static io.alldocs.cache.Samples.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.Samples;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.internal.body.GunzipStream;
import io.alldocs.cache.internal.body.Integrity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BodyReceiverTest {
    private final ByteBudget budget = ByteBudget.of(16 << 20);

    @TempDir
    Path folder;

    private BodyReceiver receiver() {
        return new BodyReceiver(budget, folder.resolve("spool"), BodyReceiver.DEFAULT_MAX_DECODED_BYTES);
    }

    private static BodyReceiver.Received receive(BodyReceiver receiver, byte[] bytes, String encoding)
            throws IOException {
        return receiver.receive(new ByteArrayInputStream(bytes), encoding, OptionalLong.empty());
    }

    @Test
    void receive_realPackuments_keepsTheBytesAndProvesThem() throws IOException {
        BodyReceiver receiver = receiver();
        for (String name : Samples.PACKUMENTS) {
            byte[] wire = packument(name);
            for (OptionalLong length : List.of(OptionalLong.empty(), OptionalLong.of(wire.length))) {
                try (Body body = check(receiver.receive(new Trickle(wire), "gzip", length), wire)) {
                    assertThat(body.openStream().readAllBytes()).isEqualTo(wire);
                }
            }
        }
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
        assertThat(folder.resolve("spool")).doesNotExist();
    }

    private static Body check(BodyReceiver.Received received, byte[] wire) throws IOException {
        assertThat(received.encoding()).isEqualTo("gzip");
        assertThat(received.json()).isEqualTo(JsonText.OBJECT);
        assertThat(received.decodedSizeBytes()).isEqualTo(gunzip(wire).length);
        assertThat(received.integrity()).isEqualTo(Integrity.sriOf(wire));
        assertThat(received.body().sizeBytes()).isEqualTo(wire.length);
        assertThat(received.body().toByteArray()).isEqualTo(wire);
        return received.body();
    }

    @Test
    void receive_withAReader_showsItTheTextOnce_andProvesWhatItLeft() throws IOException {
        BodyReceiver receiver = receiver();
        for (String name : Samples.PACKUMENTS) {
            byte[] wire = packument(name);
            byte[] text = gunzip(wire);
            for (int wanted : new int[] {0, 1, text.length / 2, text.length, Integer.MAX_VALUE}) {
                BodyReceiver.Read<byte[]> zipped = receiver.receive(
                        new Trickle(wire), "gzip", OptionalLong.of(wire.length), in -> in.readNBytes(wanted));
                check(zipped.received(), wire).close();
                BodyReceiver.Read<byte[]> plain = receiver.receive(
                        new Trickle(text), null, OptionalLong.of(text.length), in -> in.readNBytes(wanted));
                assertThat(plain.received().integrity()).isEqualTo(Integrity.sriOf(text));
                plain.received().body().close();

                byte[] seen = Arrays.copyOf(text, Math.min(wanted, text.length));
                assertThat(zipped.value()).isEqualTo(seen);
                assertThat(plain.value()).isEqualTo(seen);
            }
        }
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    @Test
    void receive_readerRefusesAWholeBody_throwsItsReasonAndFreesTheBody() {
        byte[] wire = packument("noop-fn");
        IOException refusal = new IOException("not what was requested");

        assertThatThrownBy(() -> receiver().receive(new Trickle(wire), "gzip", OptionalLong.of(wire.length), in -> {
                    throw refusal;
                }))
                .isSameAs(refusal);
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    @Test
    void receive_readerRefusesACutBody_saysThatItIsCut() {
        byte[] wire = packument("noop-fn");
        byte[] text = gunzip(wire);
        for (boolean swallowing : new boolean[] {true, false}) {
            BodyReceiver.TextReader<String> reader = in -> {
                try {
                    in.transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    if (swallowing) {
                        return "whatever";
                    }
                }
                throw new IOException("not what was requested");
            };
            assertThatThrownBy(() -> receiver()
                            .receive(
                                    new ByteArrayInputStream(wire, 0, wire.length - 9),
                                    "gzip",
                                    OptionalLong.of(wire.length),
                                    reader))
                    .isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> receiver()
                            .receive(
                                    new ByteArrayInputStream(text, 0, text.length - 9),
                                    null,
                                    OptionalLong.of(text.length),
                                    reader))
                    .isInstanceOf(EOFException.class);
        }
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    @Test
    void receive_plainBody_isKeptAsItIs() throws IOException {
        byte[] wire = utf8(" \r\n{\"rows\":[]}\t\n");
        for (String encoding : Arrays.asList(null, "", "identity", " Identity ")) {
            BodyReceiver.Received received = receive(receiver(), wire, encoding);
            assertThat(received.encoding()).isNull();
            assertThat(received.json()).isEqualTo(JsonText.OBJECT);
            assertThat(received.decodedSizeBytes()).isEqualTo(wire.length);
        }
    }

    @Test
    void receive_otherCodings_areRefusedInTheHeadersWords() {
        for (String encoding : List.of("br", "zstd", "gzip, br", "aws-chunked,gzip", "gzip;q=1")) {
            assertThatThrownBy(() -> receive(receiver(), utf8("{}"), encoding))
                    .isInstanceOf(UnknownContentCodingException.class)
                    .hasMessageContaining("Content-Encoding ")
                    .hasMessageContaining(encoding);
        }
    }

    @Test
    void receive_everyCodingThatNpmDecodes_isTakenOff_orKeptAsOneGzip() throws IOException {
        byte[] text = utf8("{\"name\":\"" + "x".repeat(50_000) + "\"}");
        byte[] gzip = gzip(text);
        byte[] padded = Arrays.copyOf(gzip, gzip.length + 700);
        assertCoded(text, gzip, "GZIP", gzip);
        assertCoded(text, gzip, "gzip, identity", gzip);
        assertCoded(text, gzip, " ,gzip, ", gzip);
        assertCoded(text, gzip, null, gzip);
        assertCoded(text, gzip, "identity", gzip);
        assertCoded(text, padded, "gzip", padded);
        assertCoded(text, gzip(gzip), "gzip, x-gzip", gzip);
        assertCoded(text, deflate(text, false), "deflate", text);
        assertCoded(text, deflate(text, true), "Deflate", text);
        assertCoded(text, deflate(gzip, true), "gzip, deflate", gzip);
        assertCoded(text, gzip(deflate(text, false)), "deflate, gzip", text);
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    private void assertCoded(byte[] text, byte[] wire, @Nullable String encoding, byte[] stored) throws IOException {
        BodyReceiver.Read<byte[]> read = receiver()
                .receive(new Trickle(wire), encoding, OptionalLong.of(wire.length), InputStream::readAllBytes);
        BodyReceiver.Received received = read.received();
        try (Body body = received.body()) {
            assertThat(read.value()).isEqualTo(text);
            assertThat(body.toByteArray()).as("%s", encoding).isEqualTo(stored);
            assertThat(received.encoding()).isEqualTo(stored == text ? null : "gzip");
            assertThat(received.json()).isEqualTo(JsonText.OBJECT);
            EntryMetadata head = EntryMetadata.builder()
                    .headers(Map.of(
                            "content-encoding",
                            encoding == null ? List.of() : List.of(encoding),
                            "content-length",
                            List.of("" + wire.length)))
                    .received(received)
                    .build();
            assertThat(head.header("content-length")).contains("" + stored.length);
            assertThat(head.header("content-encoding").map(said -> said.toLowerCase(java.util.Locale.ROOT)))
                    .isEqualTo(stored == text ? java.util.Optional.empty() : java.util.Optional.of("gzip"));
        }
    }

    @Test
    void receive_outerCodingThatIsTruncatedOrFollowed_isInvalid() throws IOException {
        byte[] text = utf8("{\"a\":\"" + "x".repeat(5_000) + "\"}");
        for (boolean raw : new boolean[] {true, false}) {
            byte[] wire = deflate(text, raw);
            for (int length : new int[] {0, 1, 2, 10, wire.length - 1}) {
                assertThatThrownBy(() -> receive(receiver(), Arrays.copyOf(wire, length), "deflate"))
                        .as(raw + " " + length)
                        .isInstanceOf(IOException.class);
            }
            byte[] followed = Arrays.copyOf(wire, wire.length + 1);
            followed[wire.length] = 'x';
            assertThatThrownBy(() -> receive(receiver(), followed, "deflate")).isInstanceOf(ZipException.class);
            assertThatThrownBy(() -> receiver()
                            .receive(new ByteArrayInputStream(wire), "deflate", OptionalLong.of(wire.length + 1)))
                    .isInstanceOf(EOFException.class);
        }
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    @Test
    void receive_gzipFollowedByNonZeroBytes_isInvalid() {
        byte[] gzip = gzip(utf8("{}"));
        byte[] wire = Arrays.copyOf(gzip, gzip.length + 20);
        wire[gzip.length + 10] = 0x1f;
        assertThatThrownBy(() -> receive(receiver(), wire, "gzip"))
                .isInstanceOf(ZipException.class)
                .hasMessageContaining("bytes follow the gzip body");
    }

    @Test
    void receive_textThatIsCompressedOnceMore_isNoText() throws IOException {
        byte[] text = utf8("{\"a\":1}");
        for (byte[] wire : List.of(gzip(gzip(text)), gzip(deflate(text, false)))) {
            assertThatThrownBy(() -> receive(receiver(), wire, "gzip"))
                    .isInstanceOf(UnknownContentCodingException.class)
                    .hasMessageContaining("still compressed");
        }
        assertThatThrownBy(() -> receive(receiver(), deflate(text, false), null))
                .isInstanceOf(UnknownContentCodingException.class);
    }

    private static byte[] deflate(byte[] text, boolean raw) throws IOException {
        java.util.zip.Deflater deflater = new java.util.zip.Deflater(6, raw);
        try (InputStream in = new java.util.zip.DeflaterInputStream(new ByteArrayInputStream(text), deflater)) {
            return in.readAllBytes();
        } finally {
            deflater.end();
        }
    }

    @Test
    void receive_whatIsNoObject_isSaid() throws IOException {
        Map<String, JsonText> texts = Map.ofEntries(
                Map.entry("", JsonText.EMPTY),
                Map.entry(" ", JsonText.EMPTY),
                Map.entry("[]", JsonText.OTHER_VALUE),
                Map.entry("{", JsonText.CUT),
                Map.entry("}", JsonText.NOT_JSON),
                Map.entry("{}x", JsonText.NOT_JSON),
                Map.entry("{}{}", JsonText.NOT_JSON),
                Map.entry("x{}", JsonText.NOT_JSON),
                Map.entry("\"{}\"", JsonText.OTHER_VALUE),
                Map.entry(" <html></html>", JsonText.MARKUP),
                Map.entry("{\"a\":1", JsonText.CUT),
                Map.entry("{\"a\":{\"b\":1}", JsonText.CUT),
                Map.entry("{\"a\":1,}", JsonText.NOT_JSON),
                Map.entry("\uFEFF{}", JsonText.NOT_JSON),
                Map.entry("null", JsonText.OTHER_VALUE),
                Map.entry("{" + " ".repeat(100_000) + "}" + "\n".repeat(100_000), JsonText.OBJECT));
        for (Map.Entry<String, JsonText> each : texts.entrySet()) {
            byte[] text = utf8(each.getKey());
            assertThat(receive(receiver(), text, null).json()).as(each.getKey()).isEqualTo(each.getValue());
            assertThat(receive(receiver(), gzip(text), "gzip").json())
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    @Test
    void receive_gzipCutAnywhere_isNoBody() {
        BodyReceiver receiver = receiver();
        byte[] wire = packument("noop-fn");
        for (int length = 0; length < wire.length; length++) {
            byte[] cut = Arrays.copyOf(wire, length);
            assertThatThrownBy(() -> receive(receiver, cut, "gzip")).isInstanceOf(EOFException.class);
        }
        assertThat(budget.availableBytes()).as("nothing leaks").isEqualTo(16 << 20);
    }

    @Test
    void receive_lengthNotAsDeclared_isNoBody() {
        byte[] wire = utf8("{\"a\":1}");
        assertThatThrownBy(() -> receiver().receive(new ByteArrayInputStream(wire), null, OptionalLong.of(8)))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("7 of 8");
        for (long declared : new long[] {0, 1, 6}) {
            assertThatThrownBy(
                            () -> receiver().receive(new ByteArrayInputStream(wire), null, OptionalLong.of(declared)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("longer than its declared length of " + declared);
        }
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    @Test
    void receive_hugeDeclaredLength_takesNoHeapOnItsWord() {
        assertThatThrownBy(() -> receiver()
                        .receive(new ByteArrayInputStream(new byte[10]), null, OptionalLong.of(Long.MAX_VALUE - 1)))
                .isInstanceOf(EOFException.class);
        assertThat(budget.availableBytes()).isEqualTo(16 << 20);
    }

    /**
     * Few bits of a gzip body have no meaning. Some are in its header: time, system and hints (RFC 1952 §2.3). Others
     * fill the last byte of deflate before the trailer of eight bytes (RFC 1951 §3.1.1). The digest still covers them.
     */
    @Property(tries = 400)
    void receive_anyFlippedBit_isRefusedOrDecodesToTheSame(
            @ForAll @IntRange(max = 1_000_000) int position, @ForAll @IntRange(max = 7) int bit) throws IOException {
        byte[] wire = packument("is-stream");
        byte[] damaged = wire.clone();
        damaged[position % wire.length] ^= (byte) (1 << bit);
        BodyReceiver receiver = BodyReceiver.of(Env.NONE);
        BodyReceiver.Received received;
        try {
            received = receive(receiver, damaged, "gzip");
        } catch (ZipException | EOFException e) {
            return;
        }
        assertThat(position % wire.length).matches(at -> at < 10 || at == wire.length - 9, "means nothing");
        try (InputStream in = decoded(received)) {
            assertThat(in.readAllBytes()).isEqualTo(gunzip(wire));
        }
    }

    @Test
    void receive_severalMembersAndEveryHeaderField_areDecoded() throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.write(gzip(utf8("{\"a\":")));
        wire.write(memberWithAllFields(utf8("[1,2]")));
        wire.write(gzip(new byte[0]));
        wire.write(gzip(utf8("}")));
        BodyReceiver.Received received = receive(receiver(), wire.toByteArray(), "x-gzip");
        assertThat(received.json()).isEqualTo(JsonText.OBJECT);
        assertThat(received.decodedSizeBytes()).isEqualTo(11);
        for (InputStream raw : List.of(received.body().openStream(), new Trickle(wire.toByteArray()))) {
            try (InputStream in = new GunzipStream(raw)) {
                assertThat(in.readAllBytes()).isEqualTo(utf8("{\"a\":[1,2]}"));
            }
        }
        assertThat(decoded(received).read()).isEqualTo('{');
    }

    private static InputStream decoded(BodyReceiver.Received received) throws IOException {
        InputStream stored = received.body().openStream();
        return received.encoding() == null ? stored : new GunzipStream(stored);
    }

    /** Returns a member with FTEXT, FHCRC, FEXTRA, FNAME and FCOMMENT set (RFC 1952 §2.3.1). */
    private static byte[] memberWithAllFields(byte[] text) throws IOException {
        byte[] plain = gzip(text);
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        member.write(new byte[] {0x1f, (byte) 0x8b, 8, 0x1f, 1, 2, 3, 4, 0, 3});
        member.write(new byte[] {5, 0, 'e', 'x', 't', 'r', 'a'});
        member.write(utf8("name\0comment\0"));
        member.write(new byte[] {9, 9});
        member.write(plain, 10, plain.length - 10);
        return member.toByteArray();
    }

    @Test
    void receive_bytesAfterTheLastMember_areRefused() throws IOException {
        for (byte[] tail : List.of(utf8("\0x"), utf8("x"), new byte[] {0x1f})) {
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.write(packument("noop-fn"));
            wire.write(tail);
            assertThatThrownBy(() -> receive(receiver(), wire.toByteArray(), "gzip"))
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> receive(receiver(), utf8("<html>"), "gzip")).isInstanceOf(ZipException.class);
    }

    @Test
    void receive_bomb_isStoppedAtTheCap() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bomb) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        }) {
            for (int i = 0; i < 64; i++) {
                out.write(new byte[1 << 20]);
            }
        }
        BodyReceiver receiver = new BodyReceiver(budget, folder, 1 << 20);
        assertThatThrownBy(() -> receive(receiver, bomb.toByteArray(), "gzip"))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessageContaining("1048576");
        assertThatThrownBy(() -> receive(receiver, new byte[(1 << 20) + 1], null))
                .isInstanceOf(BodyTooLargeException.class);
        assertThat(receive(receiver, new byte[1 << 20], null).decodedSizeBytes())
                .isEqualTo(1 << 20);
    }

    @Test
    void receive_beyondTheBudget_goesToAFileThatLeavesNothing() throws IOException {
        byte[] wire = new byte[3_000_000];
        new Random(1).nextBytes(wire);
        Path spool = folder.resolve("a/b");
        for (long room : new long[] {0, 1, 20_000, 1 << 20}) {
            ByteBudget small = ByteBudget.of(room);
            BodyReceiver receiver = new BodyReceiver(small, spool, 10 << 20);
            for (OptionalLong length : List.of(OptionalLong.empty(), OptionalLong.of(wire.length))) {
                BodyReceiver.Received received = receiver.receive(new ByteArrayInputStream(wire), null, length);
                assertThat(small.availableBytes()).as("a file holds no heap").isEqualTo(room);
                assertThat(received.integrity()).isEqualTo(Integrity.sriOf(wire));
                try (InputStream one = received.body().openStream();
                        InputStream two = received.body().openStream()) {
                    assertThat(one.readNBytes(1_500_000)).isEqualTo(two.readNBytes(1_500_000));
                    assertThat(received.body().toByteArray()).isEqualTo(wire);
                    assertThat(one.readAllBytes()).isEqualTo(two.readAllBytes()).hasSize(1_500_000);
                }
                received.body().close();
                received.body().close();
                assertThatThrownBy(() -> received.body().openStream().read()).isInstanceOf(IllegalStateException.class);
            }
        }
        try (Stream<Path> left = Files.list(spool)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void receive_sourceThatBreaksOff_leavesNothing() throws IOException {
        BodyReceiver receiver = new BodyReceiver(ByteBudget.of(50_000), folder, 10 << 20);
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(new byte[200_000])) {
            private int left = 150_000;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (left == 0) {
                    throw new IOException("connection reset");
                }
                int count = super.read(buffer, offset, Math.min(length, left));
                left -= count;
                return count;
            }
        };
        assertThatThrownBy(() -> receiver.receive(broken, null, OptionalLong.empty()))
                .hasMessage("connection reset");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void spooledBody_readerInterrupted_staysReadableForOthers() throws Exception {
        byte[] wire = new byte[100_000];
        Body body = receive(new BodyReceiver(ByteBudget.of(0), folder, 10 << 20), wire, null)
                .body();
        Thread reader = new Thread(() -> {
            Thread.currentThread().interrupt();
            try (InputStream in = body.openStream()) {
                in.readAllBytes();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        reader.start();
        reader.join();
        assertThat(body.toByteArray()).isEqualTo(wire);
    }

    @Test
    void receive_manyThreads_shareBudgetAndDecoders() throws Exception {
        BodyReceiver receiver = new BodyReceiver(ByteBudget.of(40_000), folder, 20 << 20);
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> all = IntStream.range(0, 200)
                    .mapToObj(i -> executor.submit(() -> {
                        byte[] wire = packument(Samples.PACKUMENTS.get(i % Samples.PACKUMENTS.size()));
                        try (Body body = check(receive(receiver, wire, "gzip"), wire)) {
                            return body.sizeBytes() == wire.length;
                        }
                    }))
                    .toList();
            for (Future<Boolean> each : all) {
                assertThat(each.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Returns a few bytes per read, like a slow connection. */
    private static final class Trickle extends InputStream {
        private final byte[] bytes;
        private int position;

        Trickle(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return position == bytes.length ? -1 : bytes[position++] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (position == bytes.length) {
                return -1;
            }
            int count = Math.min(Math.min(length, 1 + position % 1000), bytes.length - position);
            System.arraycopy(bytes, position, buffer, offset, count);
            position += count;
            return count;
        }
    }
}
