package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Property tests of records and buckets. */
class IndexRecordTest {

    @Property(tries = 300)
    void parse_ownLine_givesTheRecordBack(@ForAll("records") IndexRecord record) {
        byte[] line = record.toLine();

        assertThat(line[0]).isEqualTo((byte) '\n');
        assertThat(new String(line, 1, line.length - 1, java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("\n");
        assertThat(IndexRecord.parse(line, 1, line.length)).contains(record);
    }

    @Property(tries = 300)
    void parse_changedByte_isRefused(@ForAll("records") IndexRecord record, @ForAll int where, @ForAll byte change) {
        byte[] line = record.toLine();
        int position = 1 + Math.floorMod(where, line.length - 1);
        byte[] damaged = line.clone();
        damaged[position] ^= change == 0 ? 1 : change;

        assertThat(IndexRecord.parse(damaged, 1, damaged.length)).isEmpty();
    }

    @Property(tries = 300)
    void parse_cutLine_isRefused(@ForAll("records") IndexRecord record, @ForAll int where) {
        byte[] line = record.toLine();
        int end = 1 + Math.floorMod(where, line.length - 1);

        assertThat(IndexRecord.parse(line, 1, end)).isEmpty();
    }

    /**
     * Torn appends, garbage and records of other keys may be in between. The last complete record of a key counts, and
     * compaction keeps exactly these records.
     */
    @Property(tries = 300)
    void bucket_anyMixture_keepsTheLastValidRecordOfEachKey(@ForAll("pieces") List<Piece> pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, IndexRecord> expected = new LinkedHashMap<>();
        for (Piece piece : pieces) {
            byte[] line = piece.record.toLine();
            if (piece.keep) {
                out.writeBytes(line);
                expected.put(piece.record.key(), piece.record);
            } else {
                out.writeBytes(Arrays.copyOf(line, line.length / 2));
            }
        }
        Bucket bucket = new Bucket(out.toByteArray());
        Map<String, IndexRecord> live = expected.values().stream()
                .filter(record -> record.integrity() != null)
                .collect(Collectors.toMap(IndexRecord::key, record -> record));

        expected.forEach((key, record) -> assertThat(bucket.last(key)).contains(record));
        Bucket compacted = new Bucket(bucket.compacted(bucket.summary(), record -> true));
        assertThat(compacted.summary().lines()).isEqualTo(live.size());
        live.forEach((key, record) -> assertThat(compacted.last(key)).contains(record));
    }

    record Piece(IndexRecord record, boolean keep) {}

    @Provide
    Arbitrary<IndexRecord> records() {
        return recordsOf(Arbitraries.strings()
                .withChars("aé😀\n\t\"\\\u0000/:€")
                .ofMinLength(1)
                .ofMaxLength(40));
    }

    @Provide
    Arbitrary<List<Piece>> pieces() {
        return Combinators.combine(recordsOf(Arbitraries.of("a", "b", "c")), Arbitraries.of(true, true, false))
                .as(Piece::new)
                .list()
                .ofMaxSize(12);
    }

    private static Arbitrary<IndexRecord> recordsOf(Arbitrary<String> keys) {
        Arbitrary<String> unicode = keys.map(key -> key.replaceAll("[\\ud800-\\udfff]", "x"));
        return Combinators.combine(
                        unicode,
                        Arbitraries.of("sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "sha1-xyz sha512-abc")
                                .injectNull(0.2),
                        Arbitraries.longs().between(0, 4_000_000_000_000L),
                        Arbitraries.longs().between(-1, 1L << 50),
                        Arbitraries.of("{}", "{\"é\":{\"a\":[1,{\"b\":null}]},\"c\":\"}\\\"{\"}", "{ \"x\" : 1 }")
                                .injectNull(0.3))
                .as(IndexRecord::new);
    }
}
