package io.alldocs.cache.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A metric: a name, a type, a description and samples. Names follow the conventions of Prometheus
 * (https://prometheus.io/docs/practices/naming/). They start with {@code all_docs_} and contain the unit, which is
 * seconds or bytes. The names of counters end in {@code _total}. Not thread-safe.
 */
public final class Metric {
    /** The type of a metric. */
    public enum Type {
        /** A number that only increases while the process runs. */
        COUNTER,
        /** A number that may increase and decrease. */
        GAUGE,
        /** A count of observations and their sum. */
        SUMMARY,
        /** A count of observations in buckets, and their sum. */
        HISTOGRAM
    }

    /**
     * The state of a metric for one combination of labels.
     *
     * @param labels alternating names and values
     * @param value the number; for a summary or histogram, the sum of the observations
     * @param count number of observations; 0 for a counter or gauge
     * @param bounds upper bounds of a histogram's buckets, in ascending order; empty for other types
     * @param counts number of observations in each bucket, and one more for those above the last bound
     */
    public record Sample(List<String> labels, double value, long count, List<Double> bounds, List<Long> counts) {
        /**
         * Copies the lists.
         *
         * @throws IllegalArgumentException if a label has no value, or the number of counts does not match the bounds
         */
        public Sample {
            labels = List.copyOf(labels);
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
            if (labels.size() % 2 != 0) {
                throw new IllegalArgumentException("Labels are alternating names and values: " + labels);
            }
            if (!counts.isEmpty() && counts.size() != bounds.size() + 1) {
                throw new IllegalArgumentException(
                        bounds.size() + " bounds need " + (bounds.size() + 1) + " counts, not " + counts.size());
            }
        }
    }

    private final Type type;
    private final String name;
    private final String help;
    private final List<Sample> samples = new ArrayList<>();

    private Metric(Type type, String name, String help) {
        this.type = type;
        this.name = name;
        this.help = help;
    }

    /**
     * Returns a counter without samples.
     *
     * @throws IllegalArgumentException if the name does not end in {@code _total}
     */
    public static Metric counter(String name, String help) {
        if (!name.endsWith("_total")) {
            throw new IllegalArgumentException("The name of a counter ends in _total: " + name);
        }
        return new Metric(Type.COUNTER, name, help);
    }

    /** Returns a counter with one sample and no labels; otherwise like {@link #counter(String, String)}. */
    public static Metric counter(String name, String help, long value) {
        return counter(name, help).sample(value);
    }

    /** Returns a gauge without samples. */
    public static Metric gauge(String name, String help) {
        return new Metric(Type.GAUGE, name, help);
    }

    /** Returns a gauge with one sample and no labels. */
    public static Metric gauge(String name, String help, double value) {
        return gauge(name, help).sample(value);
    }

    /** Returns a gauge with one sample and no labels; values above 2^53 lose precision. */
    public static Metric gauge(String name, String help, long value) {
        return gauge(name, help).sample(value);
    }

    /** Returns a summary without samples. */
    public static Metric summary(String name, String help) {
        return new Metric(Type.SUMMARY, name, help);
    }

    /** Returns a histogram without samples. */
    public static Metric histogram(String name, String help) {
        return new Metric(Type.HISTOGRAM, name, help);
    }

    /**
     * Adds a sample to a counter or gauge.
     *
     * @param labels alternating names and values
     * @return this
     * @throws IllegalArgumentException if a label has no value
     */
    public Metric sample(double value, String... labels) {
        samples.add(new Sample(Arrays.asList(labels), value, 0, List.of(), List.of()));
        return this;
    }

    /** Like {@link #sample(double, String...)}; values above 2^53 lose precision. */
    public Metric sample(long value, String... labels) {
        return sample((double) value, labels);
    }

    /**
     * Adds a sample to a summary.
     *
     * @param labels alternating names and values
     * @return this
     * @throws IllegalArgumentException if a label has no value
     */
    public Metric observations(long count, double sum, String... labels) {
        samples.add(new Sample(Arrays.asList(labels), sum, count, List.of(), List.of()));
        return this;
    }

    /**
     * Adds a sample without labels to a histogram.
     *
     * @param bounds upper bounds of the buckets, in ascending order
     * @param counts observations in each bucket, not cumulative, and above the last bound
     * @return this
     * @throws IllegalArgumentException if there is not one count more than there are bounds
     */
    public Metric buckets(List<Double> bounds, List<Long> counts, double sum) {
        long count = counts.stream().mapToLong(Long::longValue).sum();
        samples.add(new Sample(List.of(), sum, count, bounds, counts));
        return this;
    }

    /** Returns the type. */
    public Type type() {
        return type;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the description, a sentence. */
    public String help() {
        return help;
    }

    /** Returns the samples in the order in which they were added. */
    public List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }
}
