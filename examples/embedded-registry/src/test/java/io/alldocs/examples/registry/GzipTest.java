package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class GzipTest {
    @Property(tries = 300)
    void compress_anyBytes_inflateToThemselves(@ForAll byte[] bytes) throws IOException {
        assertThat(Client.gunzip(Gzip.compress(bytes))).isEqualTo(bytes);
    }

    @Property(tries = 60)
    void compress_repetitiveText_inflatesToItself(
            @ForAll long seed,
            @ForAll @IntRange(max = 200_000) int size,
            @ForAll @IntRange(min = 1, max = 20) int letters)
            throws IOException {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; ) {
            int back = random.nextInt(40_000);
            int run = random.nextInt(600);
            boolean copies = random.nextInt(4) > 0 && back > 0 && back <= i;
            for (int end = Math.min(size, i + (copies ? run : 1)); i < end; i++) {
                bytes[i] = copies ? bytes[i - back] : (byte) ('a' + random.nextInt(letters));
            }
            if (run == 0 && copies) {
                bytes[i < size ? i : i - 1] = 'x';
            }
        }
        assertThat(Client.gunzip(Gzip.compress(bytes))).isEqualTo(bytes);
    }

    @Provide
    Arbitrary<List<String>> values() {
        return Arbitraries.strings().ofMaxLength(700).list().ofSize(3);
    }

    @Property(tries = 150)
    void slottedText_anyValues_inflatesToItsText(@ForAll("values") List<String> values, @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        List<byte[]> constants = new ArrayList<>();
        List<Integer> slots = new ArrayList<>();
        int count = random.nextInt(120);
        for (int i = 0; i <= count; i++) {
            String line =
                    "\"version\":\"" + random.nextInt(20) + "\",\"dist\":{\"shasum\":\"" + random.nextInt(4) + "\"}";
            constants.add(line.repeat(random.nextInt(6)).getBytes(StandardCharsets.UTF_8));
            if (i < count) {
                slots.add(random.nextInt(3));
            }
        }
        byte[][] filling = values.stream()
                .map(value -> value.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        SlottedText text = new SlottedText(constants, slots);

        assertThat(Client.gunzip(text.gzip(filling))).isEqualTo(text.text(filling));
    }

    @Example
    void slottedText_repetitionsOutOfReach_areWrittenOut() throws IOException {
        byte[] line = "the same line of text again and again".getBytes(StandardCharsets.UTF_8);
        SlottedText text = new SlottedText(List.of(line, line, line), List.of(0, 0));
        byte[][] farApart = {new byte[40_000]};

        assertThat(Client.gunzip(text.gzip(farApart)))
                .isEqualTo(text.text(farApart))
                .hasSize(3 * line.length + 80_000);
    }
}
