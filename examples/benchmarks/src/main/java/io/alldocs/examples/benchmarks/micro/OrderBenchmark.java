package io.alldocs.examples.benchmarks.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.spi.KeyOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Measures sorting 10,000 names by bytes, compared with {@code String}'s natural order, which differs, and with names
 * stored as bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OrderBenchmark {
    private String[] names = {};
    private byte[][] bytes = {};

    /** Created by JMH. */
    public OrderBenchmark() {}

    /** Creates the names, unsorted. */
    @Setup
    public void setUp() {
        List<String> shuffled = Arrays.asList(IntStream.range(0, 10_000)
                .mapToObj(i -> (i % 3 == 0 ? "@scope-" + i % 100 + "/" : "") + "package-name-" + i)
                .toArray(String[]::new));
        Collections.shuffle(shuffled, new Random(1));
        names = shuffled.toArray(String[]::new);
        bytes = shuffled.stream().map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
    }

    /** Sorts by {@link KeyOrder#UTF8}. */
    @Benchmark
    public String[] keyOrder() {
        String[] sorted = names.clone();
        Arrays.sort(sorted, KeyOrder.UTF8);
        return sorted;
    }

    /** Sorts by {@link String#compareTo}. */
    @Benchmark
    public String[] compareTo() {
        String[] sorted = names.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** Sorts bytes by {@link Arrays#compareUnsigned(byte[], byte[])}. */
    @Benchmark
    public byte[][] compareUnsigned() {
        byte[][] sorted = bytes.clone();
        Arrays.sort(sorted, Arrays::compareUnsigned);
        return sorted;
    }
}
