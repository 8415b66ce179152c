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

/** Measures how fast keys of packuments are created from a name, and parsed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyBenchmark {
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");

    /** An unscoped short name and a scoped name. */
    @Param({"express", "@typescript-eslint/eslint-plugin"})
    public String name = "";

    private String key = "";

    /** Created by JMH. */
    public KeyBenchmark() {}

    /** Creates the key to parse. */
    @Setup
    public void setUp() {
        key = CacheKey.packument(REGISTRY, name).toString();
    }

    /** Returns the key's text for a name. */
    @Benchmark
    public String write() {
        return CacheKey.packument(REGISTRY, name).toString();
    }

    /** Parses the key from its text. */
    @Benchmark
    public CacheKey parse() {
        return CacheKey.parse(key);
    }
}
