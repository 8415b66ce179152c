package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Heads;
import io.alldocs.cache.Samples;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class StoredFormTest {
    private static final Instant WRITTEN = Instant.ofEpochMilli(12345);

    @Property(tries = 300)
    void join_anyHeadAndBody_splitsIntoTheSame(@ForAll("heads") EntryMetadata any, @ForAll("bodies") byte[] body)
            throws IOException {
        EntryMetadata head = any.toBuilder()
                .body(any.encoding(), body.length, any.integrity())
                .build();
        Body joined = StoredForm.join(head, Body.of(body));
        byte[] value = joined.toByteArray();
        assertThat(joined.sizeBytes()).isEqualTo(value.length);
        assertThat(joined.openStream().readAllBytes()).isEqualTo(value);
        assertThat((long) value.length)
                .isLessThanOrEqualTo(StorageCapabilities.valueBytes(head, Body.of(body))
                        + StoredForm.overheadBytes()
                        + (head.isBare() ? 500 : 0));
        StoredEntry split = StoredForm.split(value, WRITTEN);
        assertThat(split.body().toByteArray()).isEqualTo(body);
        assertThat(split.body().sizeBytes()).isEqualTo(body.length);
        if (!head.isBare()) {
            assertThat(split.head()).isEqualTo(head);
        }
        assertThat(StoredForm.head(new ByteArrayInputStream(value), value.length, WRITTEN))
                .isEqualTo(split.head());
        StoredEntry streamed = StoredForm.split(joined, WRITTEN);
        assertThat(streamed.head()).isEqualTo(split.head());
        assertThat(streamed.body().sizeBytes()).isEqualTo(body.length);
        assertThat(streamed.body().openStream().readAllBytes()).isEqualTo(body);
    }

    @Property(tries = 300)
    void split_anyBytes_areAnEntryOrRefused(@ForAll("bodies") byte[] value) throws IOException {
        try {
            StoredEntry entry = StoredForm.split(value, WRITTEN);
            assertThat(entry.head().isBare()).isTrue();
            assertThat(entry.body().toByteArray()).isEqualTo(value);
        } catch (IntegrityException e) {
            assertThat(value).startsWith(0, 'a', 'l', 'l', 'd', 'o', 'c', 1);
        }
    }

    @Test
    void join_bareHead_isTheBodyAlone() throws IOException {
        byte[] json = Samples.utf8("{\"statusCode\":200}");
        Body joined = StoredForm.join(EntryMetadata.bare(json.length, "sha256-x", WRITTEN), Body.of(json));
        assertThat(joined.toByteArray()).isEqualTo(json);
        StoredEntry split = StoredForm.split(json, WRITTEN);
        assertThat(split.head()).isEqualTo(EntryMetadata.bare(json.length, null, WRITTEN));
    }

    @Test
    void split_valueCutAnywhere_isRefusedOrShort() throws IOException {
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .form("full")
                .body(null, 4, null)
                .build();
        byte[] value = StoredForm.join(head, Body.of(Samples.utf8("body"))).toByteArray();
        for (int length = 8; length < value.length - 4; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> StoredForm.split(cut, WRITTEN))
                    .as("%d", length)
                    .isInstanceOf(IntegrityException.class);
            assertThatThrownBy(() -> StoredForm.head(new ByteArrayInputStream(cut), cut.length, WRITTEN))
                    .isInstanceOf(IntegrityException.class);
            assertThatThrownBy(() -> StoredForm.split(Body.of(cut), WRITTEN)).isInstanceOf(IntegrityException.class);
        }
        byte[] oneLess = Arrays.copyOf(value, value.length - 1);
        for (StoredEntry shorter :
                List.of(StoredForm.split(oneLess, WRITTEN), StoredForm.split(Body.of(oneLess), WRITTEN))) {
            assertThat(shorter.body().toByteArray()).isEqualTo(Samples.utf8("bod"));
            assertThat(shorter.head().sizeBytes()).isEqualTo(4);
        }
    }

    @Test
    void split_closingTheBody_closesTheValue() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        Body value = new Body() {
            @Override
            public long sizeBytes() {
                return 2;
            }

            @Override
            public InputStream openStream() {
                return new ByteArrayInputStream(Samples.utf8("{}"));
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        StoredEntry entry = StoredForm.split(value, WRITTEN);
        assertThat(entry.body().toByteArray()).isEqualTo(Samples.utf8("{}"));
        assertThat(closed).isFalse();
        entry.body().close();
        assertThat(closed).isTrue();
    }

    @Provide
    Arbitrary<EntryMetadata> heads() {
        return Arbitraries.oneOf(Heads.any(), Arbitraries.just(EntryMetadata.bare(0, null, WRITTEN)));
    }

    /** Generates bodies that often begin like stored values, to find values that can be interpreted in two ways. */
    @Provide
    Arbitrary<byte[]> bodies() {
        Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(60);
        byte[] magic = {0, 'a', 'l', 'l', 'd', 'o', 'c', 1};
        return Arbitraries.oneOf(
                any,
                any.map(tail -> {
                    byte[] all = Arrays.copyOf(magic, magic.length + tail.length);
                    System.arraycopy(tail, 0, all, magic.length, tail.length);
                    return all;
                }),
                Arbitraries.integers()
                        .between(0, 12)
                        .map(length ->
                                Arrays.copyOf(new byte[] {0, 'a', 'l', 'l', 'd', 'o', 'c', 1, 0, 0, 0, 2}, length)));
    }
}
