package io.alldocs.examples.benchmarks.micro;

import io.alldocs.cache.CacheKey;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Keys of packuments: made from a name, and read back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyBenchmark {
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");

    /** A short name and one of a scope. */
    @Param({"express", "@typescript-eslint/eslint-plugin"})
    public String name = "";

    private String key = "";

    /** Made by JMH. */
    public KeyBenchmark() {}

    /** Makes the key that is read back. */
    @Setup
    public void setUp() {
        key = CacheKey.packument(REGISTRY, name).toString();
    }

    /** The key's text from a name. */
    @Benchmark
    public String write() {
        return CacheKey.packument(REGISTRY, name).toString();
    }

    /** The key from its text. */
    @Benchmark
    public CacheKey parse() {
        return CacheKey.parse(key);
    }
}
